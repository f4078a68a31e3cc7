"""Trying again what may heal."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeVar

from ..errors import UnavailableError
from .client import TransientError, explain
from .clock import Clock

T = TypeVar("T")
LONGEST_PAUSE = 10.0  #: seconds


def backoff(failures: int) -> float:
    """Seconds to pause after so many failures in a row: half a second, doubling up to ten, with jitter."""
    return min(0.5 * 2.0 ** min(failures - 1, 10), LONGEST_PAUSE) * random.uniform(0.8, 1.2)


def attempt(call: Callable[[], T], doing: str) -> T:
    """Make one call; raise `TransientError` for what may heal, else a `DeviceFarmError`."""
    try:
        return call()
    except Exception as error:
        raise explain(error, doing) from error


def persist(call: Callable[[], T], doing: str, *, deadline: float, clock: Clock, trouble: Callable[[str], None]) -> T:
    """Call until it works; at the ``deadline``, of ``clock.monotonic``, raise `UnavailableError` with the last one."""
    failures = 0
    while True:
        try:
            return attempt(call, doing)
        except TransientError as error:
            failures += 1
            left = deadline - clock.monotonic()
            if left <= 0 or clock.cancelled:
                raise UnavailableError(f"{doing}: AWS could not be asked: {error}; try again later") from error
            trouble(str(error))
            clock.sleep(min(backoff(failures), left))
