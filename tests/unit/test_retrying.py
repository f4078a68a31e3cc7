"""farm/retry: what may heal is tried again until the deadline; what cannot, is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pytest_devicefarm.errors import ConfigurationError, UnavailableError
from pytest_devicefarm.farm.client import TransientError
from pytest_devicefarm.farm.retry import attempt, backoff, persist


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 8.0), (6, 10.0), (50, 10.0), (5000, 10.0)]
)
def test_backoff(failures: int, seconds: float) -> None:
    """Pauses double from half a second to ten, a fifth more or less."""
    pauses = [backoff(failures) for _ in range(300)]
    assert seconds * 0.8 <= min(pauses) < seconds * 0.9
    assert seconds * 1.1 < max(pauses) <= seconds * 1.2


def _failing(times: int, error: Exception) -> tuple[Callable[[], str], list[int]]:
    calls: list[int] = []

    def call() -> str:
        calls.append(len(calls))
        if len(calls) <= times:
            raise error
        return "answer"

    return call, calls


def test_persist_until_it_works(clock: Any) -> None:
    """Each failure is told, and the answer returned once there is one."""
    call, calls = _failing(3, TransientError("503"))
    told: list[str] = []
    assert persist(call, "asking", deadline=clock.monotonic() + 60, clock=clock, trouble=told.append) == "answer"
    assert told == ["503"] * 3
    assert clock.pauses == [pytest.approx(pause, rel=0.2 + 1e-9) for pause in (0.5, 1.0, 2.0)]
    assert len(calls) == 4


@pytest.mark.parametrize("seconds", [0.0, 5.0, 60.0])
def test_persist_until_the_deadline(clock: Any, seconds: float) -> None:
    """At the deadline, and not after it, the last trouble is the error."""
    call, _ = _failing(10**6, TransientError("503: gone"))
    with pytest.raises(UnavailableError) as caught:
        persist(call, "asking", deadline=clock.monotonic() + seconds, clock=clock, trouble=lambda message: None)
    assert str(caught.value) == "asking: AWS could not be asked: 503: gone; try again later"
    assert clock.elapsed == pytest.approx(seconds)
    assert isinstance(caught.value.__cause__, TransientError)


def test_persist_raises_what_cannot_heal(clock: Any) -> None:
    """A permanent error is raised at once, as it is."""
    error = ConfigurationError("change it")
    call, calls = _failing(1, error)
    with pytest.raises(ConfigurationError) as caught:
        persist(call, "asking", deadline=clock.monotonic() + 60, clock=clock, trouble=lambda message: None)
    assert caught.value is error
    assert (len(calls), clock.pauses) == (1, [])


def test_persist_ends_when_cancelled(clock: Any) -> None:
    """A run that ends does not wait for AWS."""
    clock.cancel_at = 2.0
    call, calls = _failing(10**6, TransientError("503"))
    with pytest.raises(UnavailableError):
        persist(call, "asking", deadline=clock.monotonic() + 60, clock=clock, trouble=lambda message: None)
    assert clock.elapsed == pytest.approx(2.0)
    assert len(calls) <= 5


def test_attempt_puts_errors_into_words() -> None:
    """What boto3 raises becomes an error of this package; the original one is its cause."""
    call, _ = _failing(1, RuntimeError("odd"))
    with pytest.raises(UnavailableError) as caught:
        attempt(call, "asking")
    assert str(caught.value) == "asking: RuntimeError: odd"
    assert isinstance(caught.value.__cause__, RuntimeError)
    assert attempt(call, "asking") == "answer"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_attempt_lets_interrupts_through(error: type[BaseException]) -> None:
    """What ends the process is not an answer of AWS."""

    def call() -> None:
        raise error

    with pytest.raises(error):
        attempt(call, "asking")
