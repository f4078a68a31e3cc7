"""What the terminal shows of a session. Every function returns text; `Progress` writes it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from ..model.session import RemoteAccessSession
from ..model.text import printable, show_number

if TYPE_CHECKING:
    import pytest

    from ..settings import Settings


def header(settings: Settings) -> list[str]:
    """The lines under pytest's own header: every setting in force, and where it came from."""
    shown = {
        name: f"{printable(_without_password(text))} ({source})"
        for name, (text, source) in settings.sources.items()
        if source != "default" or name != "junit"
    }
    if settings.session is None:
        shown = {"session": "the emulator's default session", **shown}
    return [f"devicefarm {name.replace('_', ' ')}: {value}" for name, value in shown.items()]


def _without_password(text: str) -> str:
    return re.sub(r"(://)[^/@]*@", r"\1<redacted>@", text)


def device_line(session: RemoteAccessSession) -> str:
    """The device and the interaction mode, as far as the reading knows them."""
    device = session.device
    parts: list[str] = []
    if device is not None:
        parts.append(printable(device.name or device.model or "device without a name"))
        parts += [printable(device.system)] if device.system else []
    if session.interaction_mode:
        parts.append(printable(session.interaction_mode))
    return ", ".join(parts)


def status_line(session: RemoteAccessSession, elapsed: float) -> str:
    """One change of status."""
    device = device_line(session)
    return f"{clock(elapsed)} {printable(session.status or 'no status')}" + (f"  {device}" if device else "")


def summary(session: RemoteAccessSession, outcomes: Mapping[str, int]) -> list[str]:
    """The session at the end: what ran on it, how it is, and where to look."""
    tests = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items()) or "no test used it"
    state = [f"status {printable(session.status or 'unknown')}"]
    state += [f"result {printable(session.result)}"] if session.result else []
    minutes = session.device_minutes
    state += [f"{show_number(minutes.total)} device minutes"] if minutes and minutes.total is not None else []
    lines = [f"{device_line(session) or 'device unknown'}: {tests}", ", ".join(state)]
    lines += [printable(session.conceal(session.message))] if session.message else []
    return [*lines, session.console_url or printable(session.arn or "")]


def outcomes(stats: Mapping[str, Iterable[Any]]) -> dict[str, int]:
    """How many tests that used a session ended how, from the terminal reporter's ``stats``."""
    counts: Counter[str] = Counter()
    for outcome in ("passed", "failed", "error", "skipped", "xfailed", "xpassed", "rerun"):
        for report in stats.get(outcome, ()):
            if any(name == "devicefarm.session.arn" for name, _ in getattr(report, "user_properties", ())):
                counts[outcome] += 1
    return dict(counts)


class Progress:
    """Writes the wait to the terminal: a line for each change, and on a terminal a line that counts the seconds."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._reporter = config.pluginmanager.getplugin("terminalreporter")
        self._capture = config.pluginmanager.getplugin("capturemanager")
        self._quiet = self._reporter is None or config.get_verbosity() < 0
        self._live = not self._quiet and bool(getattr(self._reporter, "isatty", False))
        self._status = ""
        self._rewriting = False

    def line(self, text: str) -> None:
        """Write a line of its own."""
        if not self._quiet:
            if self._rewriting:
                self._end_live_line()
            else:
                self._reporter.ensure_newline()
                if self._config.get_terminal_writer().width_of_current_line:  # xdist's dots
                    self._reporter.line("")
            self._reporter.write_line(f"devicefarm: {text}")
            self._reporter.flush()  # a pipe, as in CI, would show it only when the wait is over

    def status(self, session: RemoteAccessSession, elapsed: float) -> None:
        """Write a change of status."""
        self._status = printable(session.status or "")
        self.line(status_line(session, elapsed))

    def tick(self, elapsed: float) -> None:
        """Show on a terminal that the wait goes on."""
        if self._live:
            self._reporter.rewrite(f"devicefarm: {clock(elapsed)} {self._status or 'asking AWS'} ...", erase=True)
            self._rewriting = True

    @contextmanager
    def visible(self) -> Iterator[None]:
        """Let lines through that are written while a test's output is captured."""
        with self._capture.global_and_fixture_disabled() if self._capture else nullcontext():
            try:
                yield
            finally:
                self._end_live_line()

    def _end_live_line(self) -> None:
        if self._rewriting:
            self._reporter.rewrite("", erase=True)
            self._reporter.rewrite("")
            self._rewriting = False


def clock(elapsed: float) -> str:
    """``M:SS`` of seconds."""
    minutes, seconds = divmod(int(elapsed), 60)
    return f"{minutes}:{seconds:02d}"
