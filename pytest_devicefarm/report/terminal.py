"""What the terminal shows of a session. Every function returns text; `Progress` writes it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from time import monotonic
from typing import TYPE_CHECKING

from ..model.session import RemoteAccessSession, SessionStatus
from ..model.text import printable, shorten, show_duration
from .cost import describe, money, show_minutes
from .overview import OUTCOMES, Overview, SessionRow
from .table import align

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
    if idle := max(count - workers, 0):
        stay = "stays" if idle == 1 else "stay"
        lines.append(f"devicefarm workers: {workers} for {count} sessions, so {idle} {stay} idle: give -n auto")
    return lines


def _without_password(text: str) -> str:
    return re.sub(r"(://)[^/@]*@", r"\1<redacted>@", text)


_LONGEST_NAME = 80  #: characters
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
        parts.append(device.name or device.model or "device without a name")
        parts += [device.system] if device.system else []
    if session.interaction_mode:
        parts.append(session.interaction_mode)
    return ", ".join(shorten(printable(part), _LONGEST_NAME) for part in parts)


def status_line(session: RemoteAccessSession, elapsed: float) -> str:
    """One change of status."""
    device = device_line(session)
    status = printable(session.status or "no status")
    meaning = _MEANINGS.get(session.status) if session.status else None
    status += f" ({meaning})" if meaning else ""
    return f"{clock(elapsed)} {status}" + (f"  {device}" if device else "")


def summary(overview: Overview, width: int) -> list[str]:
    """The sessions at the end: a table by device, what it cost, and where to look."""
    if not overview.sessions:
        return []
    numbered = len(overview.sessions) > 1
    happened = [each for each in OUTCOMES if any(row.tests.outcomes.get(each) for row in overview.sessions)]
    head = ["DEVICE", *(_HEADS[each] for each in happened), "TIME", "MINUTES", "COST", "STATUS"]
    rows = [
        [
            f"{row.label} {_device(row)}" if numbered else _device(row),
            *(row.tests.outcomes.get(each, 0) or "-" for each in happened),
            show_duration(row.tests.seconds),
            show_minutes(row.cost.minutes) if row.cost else "",
            money(row.cost.amount) if row.cost else "",
            shorten(row.get("session.status") or "unknown", _LONGEST_STATUS),
        ]
        for row in overview.sessions
    ]
    lines = align(head, rows, right=range(1, len(head) - 1), width=width)
    for row, cells, line in zip(overview.sessions, rows, lines[1:], strict=True):
        mark = f"{row.label} " if numbered else ""
        whole = line.startswith(str(cells[0]))
        lines += [f"{mark}{each}" for each in _about(row, "" if whole else _device(row))]
    return [*lines, f"cost: {describe(overview.cost, overview.price)}"] if overview.cost else lines


def _device(row: SessionRow) -> str:
    return ", ".join(part for part in (row.device, row.system) if part)


def _about(row: SessionRow, device: str) -> list[str]:
    """What the table has no room for, the ``device`` maybe."""
    result = row.get("session.result")
    said = [device, row.get("session.interaction_mode"), f"result {result}" if result else ""]
    said += ["" if row.tests.outcomes else "no test used it"]
    lines = (", ".join(filter(None, said)), row.get("session.message"), row.url or row.arn)
    return [shorten(line, _LONGEST) for line in lines if line]


_LONGEST = 500  #: characters of a line
_LONGEST_STATUS = 20
#: How the table calls outcomes: short, so that it fits 80 characters.
_HEADS = {
    "passed": "PASS",
    "failed": "FAIL",
    "error": "ERROR",
    "skipped": "SKIP",
    "xfailed": "XFAIL",
    "xpassed": "XPASS",
    "rerun": "RERUN",
}


class Progress:
    """Writes the wait to the terminal: a line for each change, and on a terminal a line that counts the seconds.

    ``numbered``: there are several sessions, and each line says which one it is about.
    """

    def __init__(self, config: pytest.Config, *, numbered: bool = False) -> None:
        self._config = config
        self._reporter = config.pluginmanager.getplugin("terminalreporter")
        self._capture = config.pluginmanager.getplugin("capturemanager")
        self._quiet = self._reporter is None or config.get_verbosity() < 0
        self.is_live = not self._quiet and bool(getattr(self._reporter, "isatty", False))
        self._numbered = numbered
        self._started = monotonic()
        self._states: dict[int, str] = {}  #: what each session does, of those that are not ready
        self._rewriting = False

    def line(self, text: str, number: int | None = None) -> None:
        """Write a line of its own."""
        if not self._quiet:
            self._begin_line()
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
        if self.is_live:
            if not self._rewriting:
                self._begin_line()
            width = self._config.get_terminal_writer().fullwidth - 1  # a longer line could not be rewritten
            self._reporter.rewrite(shorten(f"devicefarm: {text}", width), erase=True)
            self._rewriting = True

    @contextmanager
    def visible(self) -> Iterator[None]:
        """Let lines through that are written while a test's output is captured."""
        with self._capture.global_and_fixture_disabled() if self._capture else nullcontext():
            try:
                yield
            finally:
                self.end_live_line()

    def _begin_line(self) -> None:
        if self._rewriting:
            self.end_live_line()
        else:
            self._reporter.ensure_newline()
            if self._config.get_terminal_writer().width_of_current_line:  # xdist's dots
                self._reporter.line("")

    def end_live_line(self) -> None:
        """Take the live line away, if there is one: somebody else is about to write."""
        if self._rewriting:
            self._reporter.rewrite("", erase=True)
            self._reporter.rewrite("")
            self._rewriting = False


def clock(elapsed: float) -> str:
    """``M:SS`` of seconds."""
    minutes, seconds = divmod(int(elapsed), 60)
    return f"{minutes}:{seconds:02d}"
