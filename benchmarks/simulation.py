"""Waiting for phones on a clock that only the wait moves on: exact, and a thousand boots in a second.

The plugin's side is its own `farm.wait.Wait` with all its pauses, and for many phones at once its
`farm.service.Service`, which paces the reads of all of them; the other side is the loop that people write.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from threading import Event, Lock, Thread
from typing import Any

from pytest_devicefarm.farm.clock import Clock
from pytest_devicefarm.farm.service import Service
from pytest_devicefarm.farm.wait import Limit, Wait
from pytest_devicefarm.model.session import RemoteAccessSession, SessionStatus
from pytest_devicefarm.settings import ClientSettings

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


class SharedClock(SimulatedClock):
    """One time for many threads, of which one is awake: when it sleeps, time goes on to whoever is to wake up next."""

    def __init__(self) -> None:
        super().__init__(0.0)
        self._sleepers: list[tuple[float, int, Event]] = []
        self._slept = 0
        self._lock = Lock()

    def sleep(self, seconds: float) -> None:
        waking = self._lie_down(self.time + seconds)
        self._wake_next()
        waking.wait()

    def run(self, calls: Sequence[Callable[[], None]]) -> None:
        """Have all of them called at once, and return when the last one is done."""
        threads = [Thread(target=self._call, args=(call, self._lie_down(self.time))) for call in calls]
        for thread in threads:
            thread.start()
        self._wake_next()
        for thread in threads:
            thread.join()

    def _call(self, call: Callable[[], None], waking: Event) -> None:
        waking.wait()
        call()
        self._wake_next()

    def _lie_down(self, until: float) -> Event:
        with self._lock:
            self._slept += 1
            waking = Event()
            heappush(self._sleepers, (until, self._slept, waking))
            return waking

    def _wake_next(self) -> None:
        with self._lock:
            if self._sleepers:
                self.time, _, waking = heappop(self._sleepers)
                waking.set()


@dataclass(frozen=True)
class PoolOutcome:
    """How late each of many phones was found, and when each read of any of them began, in seconds."""

    lateness: list[float]
    reads: list[float]

    @property
    def most_reads_a_second(self) -> int:
        """In any second, wherever it begins."""
        return max(sum(start <= read < start + 0.999 for read in self.reads) for start in self.reads)


class FarmOfPhones:
    """What a boto3 client shows of phones that are queued for a while and then boot, both in seconds."""

    def __init__(self, clock: Clock, queued: Sequence[float], boots: Sequence[float]) -> None:
        self.reads: list[float] = []
        self._clock = clock
        self._queued = queued
        self._boots = boots

    def running_at(self, phone: int) -> float:
        return self._queued[phone] + self._boots[phone]

    def get_remote_access_session(self, *, arn: str) -> dict[str, Any]:
        """Takes 100 ms, half of it each way."""
        self.reads.append(self._clock.monotonic())
        self._clock.sleep(0.05)
        time = self._clock.monotonic()
        status = "RUNNING" if time >= self.running_at(int(arn)) else "PREPARING"
        status = status if time >= self._queued[int(arn)] else "PENDING_CONCURRENCY"
        self._clock.sleep(0.05)
        return {"remoteAccessSession": {"status": status, "created": _CREATED}}


def pool_waits(seed: int, count: int, *, longest_queue: float, seen: bool) -> PoolOutcome:
    """The plugin waits for so many phones at once; ``seen``: it knows how long such phones take to boot."""
    random.seed(seed)  # of the pauses' jitter
    chance = random.Random(seed)
    boots = [chance.uniform(60.0, 180.0) for _ in range(count)]
    clock = SharedClock()
    farm = FarmOfPhones(clock, [chance.uniform(0.0, longest_queue) for _ in range(count)], boots)
    service = Service(ClientSettings(), farm)
    lateness: list[float] = []

    def wait(phone: int) -> None:
        Wait(
            name="simulated",
            started=clock.monotonic(),
            timeout=_LIMIT,
            queue_timeout=_LIMIT,
            clock=clock,
            read=lambda: service.read(str(phone), clock),
            observe=lambda session: None,
            trouble=lambda message: None,
            history=lambda device: [boots[phone] * 1.02] if seen else [],
            endpoint_answer=lambda url: None,
        ).run()
        lateness.append(clock.monotonic() - farm.running_at(phone))

    clock.run([partial(wait, phone) for phone in range(count)])
    return PoolOutcome(lateness, farm.reads)
