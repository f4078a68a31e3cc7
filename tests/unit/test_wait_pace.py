"""farm/pace and the wait's use of it: how long the pauses are, how many the reads, how late a device is seen."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_devicefarm.errors import WaitTimeout
from pytest_devicefarm.farm.client import TransientError
from pytest_devicefarm.farm.pace import boot_pause, jittered, queue_pause
from pytest_devicefarm.farm.wait import Limit, Wait
from pytest_devicefarm.model.session import RemoteAccessSession, SessionStatus


def test_queue_pauses_grow_from_two_to_fifteen_seconds() -> None:
    """While nothing boots the pauses grow from 2 s to 15 s, and stay there for as long as it takes."""
    pauses = [queue_pause(readings) for readings in range(1, 2000)]
    assert pauses[:7] == [2.0, 3.0, 4.5, 6.75, 10.125, 15.0, 15.0]
    assert pauses == sorted(pauses)
    assert set(pauses[6:]) == {15.0}


@pytest.mark.parametrize(
    ("booting", "pause"), [(0, 1.0), (5, 1.0), (10, 1.0), (20, 2.0), (49, 4.9), (50, 5.0), (51, 5.0), (3600, 5.0)]
)
def test_boot_pauses_without_history(booting: float, pause: float) -> None:
    """A device that never booted before is asked for quickly: from every second to every five."""
    assert boot_pause(booting, []) == pytest.approx(pause)


@pytest.mark.parametrize(
    ("booting", "history", "pause"),
    [
        (0, [100], 15.0),  # the window is 94 to 106 s
        (70, [100], 12.0),
        (90, [100], 2.0),
        (93, [100], 1.0),
        (94, [100], 0.85),
        (105.9, [100], 0.85),
        (106, [100], 1.0),
        (126, [100], 2.0),
        (1000, [100], 5.0),
        (0, [10], 4.0),  # 8 to 12 s: two seconds at least each way
        (8, [10], 0.85),
        (12, [10], 1.0),
        (100, [80, 120], 52 / 30),  # 75.2 to 127.2 s: a wide window is not read more often
        (100, [500, 100, 100, 100, 100, 100], 0.85),  # only the last five count
        (500, [500, 100, 100, 100, 100, 100], 5.0),
        (0, [0.1], 0.85),
        (1, [1.0], 0.85),
    ],
)
def test_boot_pauses_with_history(booting: float, history: list[float], pause: float) -> None:
    """Half the way to the time that such devices took before, quick around it, slowing down after it."""
    assert boot_pause(booting, history) == pytest.approx(pause)


@given(st.floats(0, 1e6), st.lists(st.floats(0, 1e5), max_size=8))
def test_boot_pauses_are_bounded(booting: float, history: list[float]) -> None:
    """Whatever the history, a pause is long enough for five reads a second and short enough to notice an end."""
    assert boot_pause(booting, history) >= 0.2 / 0.9
    assert boot_pause(booting, history) <= max(15.0, (max(history, default=0) + 2) * 1.12 / 30 + 1)


def test_jitter_is_a_tenth() -> None:
    """Jitter moves a pause by a tenth at most, in both directions."""
    pauses = [jittered(10.0) for _ in range(500)]
    assert 9.0 <= min(pauses) < 9.5
    assert 10.5 < max(pauses) <= 11.0


class Phone:
    """A session whose status is a function of time, and that counts who asks: ``reads`` are the times of all reads."""

    def __init__(self, clock: Any, timeline: Sequence[tuple[float, str | None]], read_takes: float = 0.0) -> None:
        self.clock, self.timeline, self.read_takes = clock, timeline, read_takes
        self.reads: list[float] = []

    def read(self) -> RemoteAccessSession:
        self.clock.advance(self.read_takes)
        self.reads.append(self.clock.elapsed)
        status = next(status for since, status in reversed(self.timeline) if since <= self.clock.elapsed)
        if status == "TROUBLE":
            raise TransientError("503")
        return RemoteAccessSession(status=SessionStatus(status) if status is not None else None)

    def wait(self, history: Sequence[float] = (), timeout: float = 900.0, queue_timeout: float = 900.0) -> Wait:
        return Wait(
            name="S",
            started=self.clock.monotonic(),
            timeout=Limit(timeout, "test"),
            queue_timeout=Limit(queue_timeout, "test"),
            clock=self.clock,
            read=self.read,
            observe=lambda session: None,
            trouble=lambda message: None,
            history=lambda device: history,
            endpoint_answer=lambda url: None,
        )


def _boots(
    new_clock: Callable[[], Any], boot: float, history: Callable[[], Sequence[float]]
) -> tuple[list[float], int]:
    """Wait for a device that takes about ``boot`` seconds, 300 times; lateness of each, and the most reads of any."""
    lateness, most = [], 0
    for seed in range(300):
        random.seed(seed)
        takes = boot * random.uniform(0.97, 1.03)
        phone = Phone(new_clock(), [(0.0, "PREPARING"), (takes, "RUNNING")], read_takes=0.05)
        phone.wait(history()).run()
        lateness.append(phone.reads[-1] - takes)
        most = max(most, len(phone.reads))
    return lateness, most


@pytest.mark.parametrize("boot", [60, 90, 120, 150, 180])
def test_a_known_device_is_seen_at_once(new_clock: Callable[[], Any], boot: float) -> None:
    """DESIGN section 12: after boots like this one, within 0.6 s in the median, 1.3 s at worst, in 40 reads."""
    lateness, most = _boots(new_clock, boot, lambda: [boot * random.uniform(0.97, 1.03) for _ in range(5)])
    assert statistics.median(lateness) <= 0.6
    assert max(lateness) <= 1.3
    assert most <= 40


@pytest.mark.parametrize("boot", [60, 120, 180])
def test_a_device_seen_once_is_seen_at_once(new_clock: Callable[[], Any], boot: float) -> None:
    """One earlier boot is history enough."""
    lateness, most = _boots(new_clock, boot, lambda: [boot * random.uniform(0.97, 1.03)])
    assert statistics.median(lateness) <= 0.6
    assert max(lateness) <= 1.3
    assert most <= 40


@pytest.mark.parametrize("boot", [60, 120, 180])
def test_a_device_never_seen_before(new_clock: Callable[[], Any], boot: float) -> None:
    """Without history a device is seen within the longest pause, 5.5 s with jitter, still in few reads."""
    lateness, most = _boots(new_clock, boot, list)
    assert statistics.median(lateness) <= 2.9
    assert max(lateness) <= 5.6
    assert most <= 60


@pytest.mark.parametrize("boot", [60, 180])
def test_a_device_of_another_kind_than_remembered(new_clock: Callable[[], Any], boot: float) -> None:
    """Wrong history costs seconds, not the wait: at most the longest pauses of 16.5 s early and 5.5 s late."""
    for history in ([boot / 4], [boot * 4]):
        lateness, most = _boots(new_clock, boot, lambda history=history: history)
        assert max(lateness) <= 16.6
        assert most <= 75


STATUSES = st.sampled_from([*SessionStatus.__members__, None, "HIBERNATING", "TROUBLE"]).filter(
    lambda status: status not in ("RUNNING", "STOPPING", "COMPLETED")
)


@given(
    steps=st.lists(st.tuples(st.floats(0.0, 40.0), STATUSES), min_size=1, max_size=12),
    history=st.lists(st.floats(0.0, 200.0), max_size=3),
    timeout=st.floats(0.0, 300.0),
    queue_timeout=st.floats(0.0, 300.0),
)
def test_never_more_than_five_reads_a_second(
    new_clock: Callable[[], Any],
    steps: list[tuple[float, str | None]],
    history: list[float],
    timeout: float,
    queue_timeout: float,
) -> None:
    """Whatever a session does and whatever limits it has, no second holds more than five reads."""
    timeline, since = [(0.0, steps[0][1])], 0.0
    for lasts, status in steps[1:]:
        since += lasts
        timeline.append((since, status))
    phone = Phone(new_clock(), [*timeline, (since + 60, "RUNNING")])
    with suppress(WaitTimeout):
        phone.wait(history, timeout, queue_timeout).run()
    for first, sixth in zip(phone.reads, phone.reads[5:], strict=False):
        assert sixth - first > 1.0
