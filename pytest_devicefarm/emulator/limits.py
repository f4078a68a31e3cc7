"""Rate limits: for each API a bucket of tokens (guide: limits, "API limits")."""

import threading

from .clock import Clock
from .errors import ApiError

#: Calls a second, and at once: of Get* and List*, and of everything else.
_READS = (10.0, 50.0)
_OTHERS = (1.0, 10.0)


class RateLimits:
    """The buckets, which fill up on the emulator's clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        #: Of each operation: how many tokens there were, and when.
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, operation: str) -> None:
        """Take a token for one call.

        Raises ApiError where there is none.
        """
        rate, burst = _READS if operation.startswith(("Get", "List")) else _OTHERS
        with self._lock:
            now = self._clock.now()
            tokens, since = self._buckets.get(operation, (burst, now))
            tokens = min(burst, tokens + (now - since) * rate)
            enough = tokens >= 1
            self._buckets[operation] = (tokens - enough, now)
        if not enough:
            raise ApiError("ThrottlingException", "Rate exceeded")
