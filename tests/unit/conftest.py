"""Shared by the unit tests: time that only a test moves on, and Hypothesis without deadlines or a database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis
import pytest

from .story import Story

hypothesis.settings.register_profile("unit", deadline=None, database=None, derandomize=True)
hypothesis.settings.load_profile("unit")


class FakeClock:
    """A `Clock` whose sleep moves the time on at once; ``pauses`` are the sleeps so far, in seconds."""

    EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)  #: the time of day when a clock is made

    def __init__(self, monotonic: float = 1000.0) -> None:
        self._start = self._time = monotonic
        self._cancelled = False
        self.pauses: list[float] = []
        self.cancel_at = float("inf")  #: seconds after the start at which something else calls `cancel`

    @property
    def elapsed(self) -> float:
        """Seconds since the clock was made."""
        return self._time - self._start

    def monotonic(self) -> float:
        return self._time

    def now(self) -> datetime:
        return self.EPOCH + timedelta(seconds=self.elapsed)

    def advance(self, seconds: float) -> None:
        """Let time pass that is not slept: a call that takes long."""
        self._time += seconds

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0, "nobody sleeps backwards"
        assert len(self.pauses) < 10_000, "this never ends"
        self.pauses.append(seconds)
        if self.elapsed + seconds >= self.cancel_at:
            self._time = max(self._time, self._start + self.cancel_at)
            self.cancel()
        elif not self._cancelled:
            self._time += seconds

    def cancel(self) -> None:
        self._cancelled = True

    @property
    def cancelled(self) -> bool:
        return self._cancelled


@pytest.fixture(scope="session")
def new_clock() -> Callable[..., FakeClock]:
    """Make clocks, for tests that need several."""
    return FakeClock


@pytest.fixture
def clock() -> FakeClock:
    """Time that only this test moves on."""
    return FakeClock()


@pytest.fixture
def configure(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.Config]:
    """A real Config of this command line, these ini lines and these variables."""

    def configure(*args: str, ini: str = "", **environment: str) -> pytest.Config:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        pytester.makeini(f"[pytest]\n{ini}")
        return pytester.parseconfig("-p", "no:cacheprovider", *args)

    return configure


@pytest.fixture
def story(clock: Any) -> Callable[..., Story]:
    """A session that answers so, reading by reading."""
    return lambda *answers, **more: Story(clock, *answers, **more)
