"""A session's statuses on the emulator's clock: those it went through, and those it will, if nothing happens."""

import math
from dataclasses import dataclass

from .scenario import Step

_ON_DEVICE = ("PREPARING", "RUNNING")


@dataclass(frozen=True)
class Moment:
    """Where on its timeline a session is, and since when on the clock; None: not yet."""

    step: Step
    on_device_at: float | None = None
    running_at: float | None = None
    completed_at: float | None = None


class Timeline:
    """Steps, each with the time it begins at. It is read without a lock: changes replace it as a whole."""

    def __init__(self) -> None:
        self._entries: tuple[tuple[float, Step], ...] = ()

    @property
    def begun(self) -> bool:
        """Whether there is anything on it."""
        return bool(self._entries)

    def turn(self, at: float, steps: tuple[Step, ...]) -> None:
        """From `at` on play `steps` instead of what was to come."""
        entries = [entry for entry in self._entries if entry[0] <= at]
        for step in steps:
            entries.append((at, step))
            if step.seconds is None:
                break
            at += step.seconds
        self._entries = tuple(entries)

    def at(self, now: float) -> Moment:
        """Where it stands at `now`, which is not before it began."""
        on_device_at = running_at = completed_at = None
        step = self._entries[0][1]
        for begins, entry in self._entries:
            if begins > now:
                break
            step = entry
            if on_device_at is None and step.status in _ON_DEVICE:
                on_device_at = begins
            if running_at is None and step.status == "RUNNING":
                running_at = begins
            if completed_at is None and step.status == "COMPLETED":
                completed_at = begins
        return Moment(step, on_device_at, running_at, completed_at)

    def first(self, status: str) -> float:
        """When it gets to `status`, infinity if it does not, as far as is known now."""
        return next((begins for begins, step in self._entries if step.status == status), math.inf)

    def history(self) -> list[tuple[float, str]]:
        """All statuses with their times."""
        return [(begins, step.status) for begins, step in self._entries]
