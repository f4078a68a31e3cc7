"""farm/clock: time that a test's frozen clock does not stop."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec, module_from_spec

import pytest
from freezegun import freeze_time

from pytest_devicefarm.farm.clock import Clock


def _moves(clock: Clock) -> bool:
    """Whether the clock moves on by itself; asked often enough that one that stands still is found out."""
    first = clock.monotonic()
    return any(clock.monotonic() > first for _ in range(1_000_000))


@pytest.mark.parametrize("made", ["before", "within"])
def test_monotonic_is_not_frozen(made: str) -> None:
    """freezegun freezes time.monotonic; the wait's own goes on, and does not jump."""
    before = Clock()
    first = before.monotonic()
    with freeze_time("2001-01-01"):
        clock = before if made == "before" else Clock()
        assert _moves(clock)
        assert 0 <= clock.monotonic() - first < 60
    assert 0 <= before.monotonic() - first < 60


def test_monotonic_is_not_frozen_where_it_is_imported_late() -> None:
    """The module is imported once a run has a session, which may be within a test that has frozen the time."""
    spec = find_spec("pytest_devicefarm.farm.clock")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    with freeze_time("2001-01-01"):
        spec.loader.exec_module(module)
        assert _moves(module.Clock())


def test_monotonic_never_goes_back() -> None:
    """Later readings are never smaller."""
    clock = Clock()
    readings = [clock.monotonic() for _ in range(1000)]
    assert readings == sorted(readings)


def test_now_is_the_time_of_day_in_utc() -> None:
    """The time of day is aware and in UTC."""
    now = Clock().now()
    assert now.tzinfo is UTC
    assert abs(now - datetime.fromtimestamp(time.time(), UTC)) < timedelta(minutes=1)


def test_now_is_not_frozen() -> None:
    """A test's frozen time of day does not become the age of a boot, which pytest's cache would remember."""
    real = Clock().now()
    with freeze_time("2001-01-01"):
        assert Clock().now() >= real


@pytest.mark.parametrize("frozen", [False, True])
def test_cancel_ends_every_sleep(frozen: bool) -> None:
    """A cancelled clock sleeps no more; without that this test would not end."""
    clock = Clock()
    assert not clock.cancelled
    clock.cancel()
    assert clock.cancelled
    if frozen:
        with freeze_time("2001-01-01"):
            clock.sleep(10**6)
    else:
        clock.sleep(10**6)


def test_clocks_are_cancelled_apart() -> None:
    """One run's end is not another's."""
    first, second = Clock(), Clock()
    first.cancel()
    assert not second.cancelled
