"""Time as the wait sees it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial
from threading import Event


class Clock:
    """Monotonic seconds, the time of day, and a sleep that `cancel` ends."""

    # Held by the class: libraries that freeze time in a test replace the names in modules, and a frozen clock must not
    # look like a session that never becomes ready. `clock_gettime` is one that they leave alone; Windows has none.
    if hasattr(time, "clock_gettime"):
        _monotonic = staticmethod(partial(time.clock_gettime, time.CLOCK_MONOTONIC))
        _realtime = staticmethod(partial(time.clock_gettime, time.CLOCK_REALTIME))
    else:
        _monotonic = staticmethod(time.monotonic)
        _realtime = staticmethod(time.time)

    def __init__(self) -> None:
        self._cancelled = Event()

    def monotonic(self) -> float:
        """Seconds since some moment in the past."""
        return self._monotonic()

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return datetime.fromtimestamp(self._realtime(), UTC)

    def sleep(self, seconds: float) -> None:
        """Return after ``seconds``, or at once when cancelled."""
        self._cancelled.wait(seconds)

    def cancel(self) -> None:
        """End the sleep under way and every later one."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()
