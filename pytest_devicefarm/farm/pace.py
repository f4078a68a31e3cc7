"""How long to pause between two readings of a session.

Slow while it is queued, quick while the device boots, and quickest around the time that such devices took before.
All times are in seconds.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from threading import Lock

from .clock import Clock

ENDPOINT_PAUSE = 1.0  #: between two questions to an Appium endpoint that does not answer yet
_QUICKEST = 0.85
_WINDOW_READS = 30


def queue_pause(readings: int) -> float:
    """The pause after so many readings in a row that showed no boot: two seconds growing to fifteen."""
    return min(2.0 * 1.5 ** min(readings - 1, 10), 15.0)


def boot_pause(booting: float, history: Sequence[float]) -> float:
    """The pause ``booting`` seconds into a boot; ``history`` is how long such devices took, oldest first."""
    recent = history[-5:]
    if not recent:
        return min(max(1.0, 0.1 * booting), 5.0)
    # Boots scatter by a few per cent, and two seconds go by in reading and rounding.
    early = min(recent) - max(2.0, 0.06 * min(recent))
    late = max(recent) + max(2.0, 0.06 * max(recent))
    if booting < early:
        # Halving comes close to the window without overshooting it; until then a reading only tells of failures.
        return min(max(1.0, (early - booting) / 2), 15.0)
    if booting < late:
        return max(_QUICKEST, (late - early) / _WINDOW_READS)
    return min(max(1.0, 0.1 * (booting - late)), 5.0)


def jittered(pause: float) -> float:
    """The pause, a tenth more or less, so that many runs do not ask at the same moment."""
    return pause * random.uniform(0.9, 1.1)


class Turns:
    """Lets callers pass one after another, so many a second at most; in the order in which they came."""

    def __init__(self, per_second: float) -> None:
        self._interval = 1.0 / per_second
        self._lock = Lock()
        self._next = 0.0

    def take(self, clock: Clock) -> None:
        """Sleep on the ``clock`` until it is the caller's turn."""
        with self._lock:
            now = clock.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._interval
        if turn > now:
            clock.sleep(turn - now)
