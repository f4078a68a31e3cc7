"""The emulator's time: it can run faster than the wall's, or be stepped by hand."""

import math
import threading
import time
from collections.abc import Callable


class Clock:
    """Seconds since the clock was made, times `speed`, plus what was advanced by hand.

    `speed` 0 makes a clock that only `advance` moves: tests need no sleep with it.
    """

    def __init__(self, speed: float = 1.0, *, timer: Callable[[], float] = time.monotonic) -> None:
        # The timer is bound here, as a default, so that tools that freeze `time.monotonic` in a user's test
        # do not freeze or rewind the sessions of an emulator in the same process.
        if not (math.isfinite(speed) and speed >= 0):
            raise ValueError(f"speed must be 0 (stepped by hand) or a positive number, not {speed!r}")
        self.speed = speed
        self._timer = timer
        self._origin = timer()
        self._advanced = 0.0
        self._changed = threading.Condition()

    def now(self) -> float:
        """Seconds on this clock."""
        return self._advanced + (self._timer() - self._origin) * self.speed

    def advance(self, seconds: float) -> None:
        """Step forward by `seconds` at once; whoever waits on the clock notices."""
        if not seconds >= 0:
            raise ValueError(f"a clock only goes forward: cannot advance by {seconds!r} seconds")
        with self._changed:
            self._advanced += seconds
            self._changed.notify_all()

    def wait_until(self, deadline: float, stop: threading.Event) -> None:
        """Wait until it is `deadline` on this clock, or `stop` is set and `wake` called."""
        with self._changed:
            while not stop.is_set() and (left := deadline - self.now()) > 0:
                # An hour at most: `Condition.wait` overflows on very large timeouts.
                self._changed.wait(min(left / self.speed, 3600.0) if self.speed else None)

    def wake(self) -> None:
        """Make everyone in `wait_until` look at their `stop` again."""
        with self._changed:
            self._changed.notify_all()
