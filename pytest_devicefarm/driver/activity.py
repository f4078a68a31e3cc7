"""What a driver did: the log of its commands, and how many there were."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple

KEEP_ALIVE = "keep-alive"  #: how the log calls a command that is not the test's, and counts nowhere
_LOGGED = 2000  #: commands that are kept, the newest


@dataclass
class Figures:
    """Counts, and seconds spent waiting for answers. Those of new sessions are not among the commands'."""

    commands: int = 0
    command_seconds: float = 0.0
    new_sessions: int = 0
    new_session_seconds: float = 0.0

    def add(self, other: Figures) -> None:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


class Entry(NamedTuple):
    """One command, or a remark, which took no time.

    ``outcome`` is empty for success, else WebDriver's error, or what came instead of an answer.
    """

    at: datetime
    command: str
    detail: str = ""  #: where an element was looked for; never what was typed
    seconds: float | None = None
    outcome: str = ""

    def __str__(self) -> str:
        took = "" if self.seconds is None else f"{self.seconds * 1000:.0f} ms"
        words = (self.command, self.detail, took, self.outcome and f"-> {self.outcome}")
        return f"{self.at:%H:%M:%S.%f} " + " ".join(word for word in words if word)


class Activity:
    """What drivers did since the test began. ``now`` tells the time of day."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.figures = Figures()
        self._now = now
        self._log: deque[Entry] = deque(maxlen=_LOGGED)

    def begin(self) -> None:
        """Forget what was: another test."""
        self.count_anew()
        self._log.clear()

    def count_anew(self) -> None:
        """Forget the counts: another session."""
        self.figures = Figures()

    def note(self, command: str, detail: str, seconds: float, outcome: str) -> None:
        """A command has ended."""
        figures = self.figures
        if command == "newSession":
            figures.new_sessions += 1
            figures.new_session_seconds += seconds
        elif command != KEEP_ALIVE:
            figures.commands += 1
            figures.command_seconds += seconds
        self._log.append(Entry(self._now(), command, detail, seconds, outcome))

    def remark(self, text: str) -> None:
        """Have the log say something between the commands."""
        self._log.append(Entry(self._now(), text))

    def log(self) -> str:
        """The commands, a line each, with the UTC time at which they ended."""
        return "\n".join(map(str, self._log.copy()))
