"""The calls that the emulator has had, for tests to look at."""

import threading
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Call:
    """A call of the API.

    `at` is when it came, in seconds on the emulator's clock. `error` is the code of the error that answered
    it, or the fault played instead of an answer (`drop`, `hang`, ...); None for a good answer, and as long as
    there is none.
    """

    operation: str
    params: dict[str, Any] = field(default_factory=dict)
    at: float = 0.0
    error: str | None = None


class Calls:
    """A list of calls that grows from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Call] = []

    def begin(self, call: Call) -> int:
        """Note a call that has come; returns its number, for `fail`."""
        with self._lock:
            self._calls.append(call)
            return len(self._calls) - 1

    def fail(self, number: int, error: str) -> None:
        """Note how a call went wrong."""
        with self._lock:
            self._calls[number] = replace(self._calls[number], error=error)

    def snapshot(self) -> list[Call]:
        """The calls so far, in the order they came."""
        with self._lock:
            return list(self._calls)
