"""Time as the wait sees it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event


class Clock:
    """Monotonic seconds, the time of day, and a sleep that `cancel` ends."""

    # Held by the class: libraries that freeze time in a test replace the names in modules, and a frozen clock must
    # not look like a session that never becomes ready. CLOCK_MONOTONIC is one that they leave alone.
    _monotonic: Callable[[], float] = (
        staticmethod(lambda read=time.clock_gettime, clock=time.CLOCK_MONOTONIC: read(clock))
        if hasattr(time, "CLOCK_MONOTONIC")
        else staticmethod(time.monotonic)
    )

    def __init__(self) -> None:
        self._cancelled = Event()

    def monotonic(self) -> float:
        """Seconds since some moment in the past."""
        return self._monotonic()

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Return after ``seconds``, or at once when cancelled."""
        self._cancelled.wait(seconds)

    def cancel(self) -> None:
        """End the sleep under way and every later one."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()
