"""What the terminal shows of a session. Every function returns text; `Progress` writes it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..model.session import RemoteAccessSession, SessionStatus
from ..model.text import printable, show_number

if TYPE_CHECKING:
    import pytest

    from ..settings import Settings


def header(settings: Settings, workers: int) -> list[str]:
    """The lines under pytest's own header: every setting in force, and where it came from."""
    shown = {
        name: f"{printable(_without_password(text))} ({source})"
        for name, (text, source) in settings.sources.items()
        if source != "default" or name in _DEFAULTS_SHOWN
    }
    if not settings.session and not settings.device:
        shown = {"session": "the emulator's own", **shown}
    lines = [f"devicefarm {name.replace('_', ' ')}: {value}" for name, value in shown.items()]
    count = len(settings.session) + len(settings.device)
    if count > workers:
        lines.append(
            f"devicefarm workers: {workers} for {count} sessions, so {count - workers} stay idle: give -n auto"
        )
    return lines


def _without_password(text: str) -> str:
    return re.sub(r"(://)[^/@]*@", r"\1<redacted>@", text)


#: Defaults that are worth a line.
_DEFAULTS_SHOWN = ("timeout", "xcuitest")
#: What a status means to whoever waits, where its name does not say it.
_MEANINGS = {
    SessionStatus.PENDING_CONCURRENCY: "waiting for a free slot",
    SessionStatus.PENDING_DEVICE: "waiting for the device",
}


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
    status = printable(session.status or "no status")
    meaning = _MEANINGS.get(session.status) if session.status else None
    status += f" ({meaning})" if meaning else ""
    return f"{clock(elapsed)} {status}" + (f"  {device}" if device else "")


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


def outcomes(stats: Mapping[str, Iterable[Any]]) -> dict[str, dict[str, int]]:
    """By the ARN of a session, how many tests that used it ended how; from the terminal reporter's ``stats``."""
    counts: dict[str, Counter[str]] = {}
    for outcome in ("passed", "failed", "error", "skipped", "xfailed", "xpassed", "rerun"):
        for report in stats.get(outcome, ()):
            for name, value in getattr(report, "user_properties", ()):
                if name == "devicefarm.session.arn":
                    counts.setdefault(value, Counter())[outcome] += 1
    return {arn: dict(each) for arn, each in counts.items()}


class Progress:
    """Writes the wait to the terminal: a line for each change, and on a terminal a line that counts the seconds.

    ``numbered``: there are several sessions, and each line says which one it is about.
    """

    def __init__(self, config: pytest.Config, *, numbered: bool = False) -> None:
        self._config = config
        self._reporter = config.pluginmanager.getplugin("terminalreporter")
        self._capture = config.pluginmanager.getplugin("capturemanager")
        self._quiet = self._reporter is None or config.get_verbosity() < 0
        self._live = not self._quiet and bool(getattr(self._reporter, "isatty", False))
        self._numbered = numbered
        self._started = monotonic()
        self._states: dict[int, str] = {}  #: what each session does, of those that are not ready
        self._rewriting = False

    def line(self, text: str, number: int | None = None) -> None:
        """Write a line of its own."""
        if not self._quiet:
            if self._rewriting:
                self._end_live_line()
            else:
                self._reporter.ensure_newline()
                if self._config.get_terminal_writer().width_of_current_line:  # xdist's dots
                    self._reporter.line("")
            which = f"[{number}] " if self._numbered and number is not None else ""
            self._reporter.write_line(f"devicefarm: {which}{text}")
            self._reporter.flush()  # a pipe, as in CI, would show it only when the wait is over

    def status(self, number: int, session: RemoteAccessSession, elapsed: float) -> None:
        """Write a change of status."""
        self._states[number] = printable(session.status or "")
        self.line(status_line(session, elapsed), number)

    def tick(self) -> None:
        """Show on a terminal that the wait goes on."""
        states = Counter(state for state in self._states.values() if state != "RUNNING")
        waits = ", ".join(f"{count} {state}" if self._numbered else state for state, count in states.items())
        self.live(f"{clock(monotonic() - self._started)} {waits or 'asking AWS'} ...")

    def live(self, text: str) -> None:
        """Show on a terminal, in place, what will be something else in a moment."""
        if self._live:
            self._reporter.rewrite(f"devicefarm: {text}", erase=True)
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
