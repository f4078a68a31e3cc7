"""Waiting for phones on a clock that only the wait moves on: exact, and a thousand boots in a second.

The plugin's side is its own `farm.wait.Wait` with all its pauses; the other side is the loop that people write.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pytest_devicefarm.farm.clock import Clock
from pytest_devicefarm.farm.wait import Limit, Wait
from pytest_devicefarm.model.session import RemoteAccessSession, SessionStatus

_CREATED = datetime(2026, 1, 1, tzinfo=UTC)
_LIMIT = Limit(900.0, "the benchmark")


class SimulatedClock(Clock):
    """Time that passes only in sleeps and reads; zero is when the session was created."""

    def __init__(self, time: float) -> None:
        super().__init__()
        self.time = time

    def monotonic(self) -> float:
        return self.time

    def now(self) -> datetime:
        return _CREATED + timedelta(seconds=self.time)

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@dataclass(frozen=True)
class Outcome:
    """How long after RUNNING the wait was over, and in how many reads."""

    lateness: float
    reads: int


class Phone:
    """A session on AWS that takes ``boot`` seconds from PREPARING to RUNNING, read by whoever waits for it."""

    def __init__(self, seed: int, boot: float) -> None:
        chance = random.Random(seed)
        self.boot = boot
        self.reads = 0
        self.clock = SimulatedClock(chance.uniform(0.0, 5.0))  # the wait begins a moment after the session
        self._chance = chance

    def read(self) -> RemoteAccessSession:
        """One GetRemoteAccessSession: 50 to 150 ms, half of it each way."""
        self.reads += 1
        half = self._chance.uniform(0.025, 0.075)
        self.clock.sleep(half)
        status = SessionStatus.RUNNING if self.clock.time >= self.boot else SessionStatus.PREPARING
        self.clock.sleep(half)
        return RemoteAccessSession(status=status, created=_CREATED)

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.clock.time - self.boot, self.reads)


def plugin_waits(seed: int, boot: float, history: Sequence[float]) -> Outcome:
    """The plugin's wait; ``history`` are the seconds that such phones took before."""
    random.seed(seed)  # of the pauses' jitter
    phone = Phone(seed, boot)
    Wait(
        name="simulated",
        started=phone.clock.monotonic(),
        timeout=_LIMIT,
        queue_timeout=_LIMIT,
        clock=phone.clock,
        read=phone.read,
        observe=lambda session: None,
        trouble=lambda message: None,
        history=lambda device: history,
        endpoint_answer=lambda url: None,
    ).run()
    return phone.outcome


def loop_waits(seed: int, boot: float, pause: float) -> Outcome:
    """The loop that people write: read, sleep, read."""
    phone = Phone(seed, boot)
    while phone.read().status is not SessionStatus.RUNNING:
        phone.clock.sleep(pause)
    return phone.outcome
