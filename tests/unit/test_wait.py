"""farm/wait: what the wait does with each status and each deadline, how long it pauses, and what it learns of boots."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from pytest_devicefarm.errors import (
    SessionEnded,
    WaitTimeout,
)
from pytest_devicefarm.farm.wait import describe_end
from pytest_devicefarm.model.session import RemoteAccessSession

from .story import Story
from .unit_samples import CONSOLE_URL, SESSION_ARN

WAITED_ON = [
    "PENDING",
    "PENDING_CONCURRENCY",
    "PENDING_DEVICE",
    "PROCESSING",
    "SCHEDULING",
    "PREPARING",
    "HIBERNATING",
    None,
]
QUEUED = WAITED_ON[:3]


# Each of the nine statuses, an unknown one, and none at all


def test_running_ends_the_wait_at_once(story: Callable[..., Story], clock: Any) -> None:
    """RUNNING is ready: one read, no pause."""
    told = story("RUNNING")
    wait = told.wait()
    session = wait.run()
    assert session.status == "RUNNING"
    assert session is told.seen[0] is wait.last
    assert (told.reads, clock.pauses) == (1, [])


@pytest.mark.parametrize("status", ["STOPPING", "COMPLETED"])
def test_ended_session_fails_at_once(story: Callable[..., Story], clock: Any, status: str) -> None:
    """STOPPING and COMPLETED end the wait: one read, no pause, and the error says how the session ended."""
    told = story(
        {
            "arn": SESSION_ARN,
            "status": status,
            "result": "ERRORED",
            "message": "Device\nlost",
            "deviceMinutes": {"total": 3.0},
        }
    )
    with pytest.raises(SessionEnded) as caught:
        told.wait().run()
    assert str(caught.value) == (
        f"session S ended before it was RUNNING: status {status}, result ERRORED, message 'Device\\nlost', "
        f"3 device minutes; see {CONSOLE_URL}"
    )
    assert caught.value.session is told.seen[0]
    assert (told.reads, clock.pauses) == (1, [])


@pytest.mark.parametrize("status", ["STOPPING", "COMPLETED"])
@pytest.mark.parametrize("before", WAITED_ON)
def test_session_that_ends_meanwhile(story: Callable[..., Story], before: str | None, status: str) -> None:
    """From every status a session may end, and the wait with it at the next reading."""
    told = story(before, before, {"status": status})
    with pytest.raises(SessionEnded) as caught:
        told.wait().run()
    assert str(caught.value) == f"session S ended before it was RUNNING: status {status}"
    assert told.reads == 3


@pytest.mark.parametrize("status", WAITED_ON)
def test_other_statuses_are_waited_on(story: Callable[..., Story], clock: Any, status: str | None) -> None:
    """Every other status, unknown and absent ones too, is waited on until RUNNING."""
    told = story(*[status] * 5, "RUNNING")
    assert told.wait().run().status == "RUNNING"
    assert [each.status for each in told.seen] == [*[status] * 5, "RUNNING"]
    assert len(clock.pauses) == 5


@pytest.mark.parametrize("status", WAITED_ON)
@pytest.mark.parametrize("timeout", [0.0, 20.0])
def test_timeout_in_each_status(story: Callable[..., Story], clock: Any, status: str | None, timeout: float) -> None:
    """At the deadline the wait fails: it says the status, the limit and where the limit came from."""
    told = story({"arn": SESSION_ARN, "status": status})
    with pytest.raises(WaitTimeout) as caught:
        told.wait(timeout=timeout).run()
    limit = "20s" if timeout else "0s"
    assert str(caught.value) == (
        f"session S is still {status or 'without a status'} after {limit} (--devicefarm-timeout); "
        f"try again later or allow more time; see {CONSOLE_URL}"
    )
    assert caught.value.session is told.seen[-1]
    assert clock.elapsed == pytest.approx(timeout)
    assert told.reads > 1 or timeout == 0.0


def test_timeout_zero_takes_a_session_that_runs(story: Callable[..., Story]) -> None:
    """With no time to wait a RUNNING session is still found."""
    assert story("RUNNING").wait(timeout=0.0).run().status == "RUNNING"


def test_last_reading_is_made_at_the_deadline(story: Callable[..., Story], clock: Any) -> None:
    """A pause never goes beyond the deadline: the last reading, made at it, may still find the session RUNNING."""
    told = story(*["PROCESSING"] * 5, "RUNNING")
    told.wait(timeout=20.0).run()
    assert clock.elapsed == pytest.approx(20.0)


def test_timeout_counts_from_the_start_of_the_run(story: Callable[..., Story], clock: Any) -> None:
    """What passed before the wait, to look the session up, counts."""
    wait = story("PREPARING").wait(timeout=20.0)
    clock.advance(15.0)
    with pytest.raises(WaitTimeout):
        wait.run()
    assert clock.elapsed == pytest.approx(20.0)


@pytest.mark.parametrize("status", QUEUED)
@pytest.mark.parametrize("queue_timeout", [0.0, 10.0])
def test_queue_timeout(story: Callable[..., Story], clock: Any, status: str, queue_timeout: float) -> None:
    """The stay in the queue has a limit of its own, named in the error."""
    told = story(status)
    with pytest.raises(WaitTimeout) as caught:
        told.wait(queue_timeout=queue_timeout).run()
    assert str(caught.value) == (
        f"session S is still {status} after {'10s' if queue_timeout else '0s'} (ini devicefarm_queue_timeout); "
        "try again later or allow more time"
    )
    assert clock.elapsed == pytest.approx(queue_timeout)


@pytest.mark.parametrize("status", sorted(set(map(str, WAITED_ON)) - set(map(str, QUEUED))))
def test_queue_timeout_is_for_the_queue(story: Callable[..., Story], status: str) -> None:
    """Other statuses than the three of the queue have only the whole time-out."""
    told = story(None if status == "None" else status)
    with pytest.raises(WaitTimeout) as caught:
        told.wait(timeout=60.0, queue_timeout=5.0).run()
    assert "after 1m (--devicefarm-timeout)" in str(caught.value)


def test_queue_timeout_counts_over_the_three_statuses(story: Callable[..., Story], clock: Any) -> None:
    """Moving on from one status of the queue to another does not begin the stay anew."""
    told = story("PENDING", "PENDING_CONCURRENCY", "PENDING_DEVICE")
    with pytest.raises(WaitTimeout) as caught:
        told.wait(queue_timeout=10.0).run()
    assert str(caught.value).startswith("session S is still PENDING_DEVICE after 10s (ini devicefarm_queue_timeout)")
    assert clock.elapsed == pytest.approx(10.0)


def test_queue_timeout_ends_with_the_queue(story: Callable[..., Story], clock: Any) -> None:
    """A session that left the queue in time has all the rest of the time-out."""
    told = story("PENDING", *["PREPARING"] * 40, "RUNNING")
    told.wait(queue_timeout=10.0).run()
    assert clock.elapsed > 10.0


def test_queue_timeout_begins_with_the_queue(story: Callable[..., Story], clock: Any) -> None:
    """Time in other statuses before the queue does not count."""
    told = story(*["PROCESSING"] * 5, "PENDING")
    with pytest.raises(WaitTimeout):
        told.wait(queue_timeout=10.0).run()
    assert clock.elapsed > 20.0


def test_queue_timeout_on_a_clock_that_starts_at_zero(new_clock: Callable[..., Any]) -> None:
    """The queue's limit holds whatever the clock's first value is."""
    clock = new_clock(0.0)
    with pytest.raises(WaitTimeout):
        Story(clock, "PENDING").wait(timeout=60.0, queue_timeout=10.0).run()
    assert clock.elapsed == pytest.approx(10.0)


# Pauses


@pytest.mark.parametrize("status", [*QUEUED, "PROCESSING", "HIBERNATING", None])
def test_slow_pauses(story: Callable[..., Story], clock: Any, status: str | None) -> None:
    """While no device boots the pauses grow from 2 s to 15 s, with a tenth of jitter."""
    story(*[status] * 9, "RUNNING").wait().run()
    expected = [2.0, 3.0, 4.5, 6.75, 10.125, 15.0, 15.0, 15.0, 15.0]
    assert clock.pauses == [pytest.approx(pause, rel=0.1 + 1e-9) for pause in expected]


def test_slow_pauses_begin_anew_with_each_status(story: Callable[..., Story], clock: Any) -> None:
    """A change of status promises another one."""
    story(*["PENDING"] * 6, *["PENDING_DEVICE"] * 2, "RUNNING").wait().run()
    assert clock.pauses[5:] == [pytest.approx(pause, rel=0.1 + 1e-9) for pause in (15.0, 2.0, 3.0)]


@pytest.mark.parametrize("status", ["SCHEDULING", "PREPARING"])
def test_quick_pauses(story: Callable[..., Story], clock: Any, status: str) -> None:
    """Once a device boots the pauses are quick."""
    story(*["PENDING"] * 6, *[status] * 5, "RUNNING").wait().run()
    assert clock.pauses[6:] == [pytest.approx(1.0, rel=0.1 + 1e-9)] * 5


def test_pauses_by_history(story: Callable[..., Story], clock: Any) -> None:
    """The history of such devices decides how long the pauses of a boot are."""
    told = story(*[{"status": "PREPARING", "device": {"name": "Pixel"}}] * 2, "RUNNING")
    told.history = [100.0]
    told.wait().run()
    assert clock.pauses == [pytest.approx(15.0, rel=0.1 + 1e-9)] * 2
    assert [device.name for device in told.history_of if device] == ["Pixel", "Pixel"]


# How long the boot took


def test_boot_seen_from_the_queue(story: Callable[..., Story], clock: Any) -> None:
    """The boot is measured from the first reading that showed it to the first that showed RUNNING."""
    told = story("PENDING", "PENDING", "SCHEDULING", "PREPARING", "PREPARING", "RUNNING")
    wait = told.wait()
    wait.run()
    assert wait.boot_seconds == pytest.approx(sum(clock.pauses[2:]))


@pytest.mark.parametrize("age", [0, 70, 3600])
def test_boot_under_way_when_the_wait_begins(story: Callable[..., Story], clock: Any, age: float) -> None:
    """Attached to a session that boots already, the boot began when the session was created."""
    created = clock.now() - timedelta(seconds=age)
    told = story({"status": "PREPARING", "created": created}, {"status": "RUNNING", "created": created})
    wait = told.wait()
    wait.run()
    assert wait.boot_seconds == pytest.approx(age + sum(clock.pauses))


@pytest.mark.parametrize("age", [-30, 3601, 86400, None])
def test_boot_of_an_implausible_age(story: Callable[..., Story], clock: Any, age: float | None) -> None:
    """Where the age is unknown, above an hour or in the future, the boot counts from the first reading."""
    created = clock.now() - timedelta(seconds=age) if age is not None else None
    told = story({"status": "PREPARING", "created": created}, "RUNNING")
    wait = told.wait()
    wait.run()
    assert wait.boot_seconds == pytest.approx(sum(clock.pauses))


@pytest.mark.parametrize(
    "statuses", [["RUNNING"], ["PENDING", "RUNNING"], ["PROCESSING", "RUNNING"], [None, "HIBERNATING", "RUNNING"]]
)
def test_boot_that_was_not_seen(story: Callable[..., Story], clock: Any, statuses: list[str | None]) -> None:
    """Where no reading showed the boot, nothing is remembered of it."""
    created = clock.now() - timedelta(seconds=60)
    wait = story(*({"status": status, "created": created} for status in statuses)).wait()
    wait.run()
    assert wait.boot_seconds is None


@pytest.mark.parametrize(
    ("response", "text"),
    [
        ({"status": "COMPLETED"}, "status COMPLETED"),
        ({"status": "STOPPING", "result": "STOPPED"}, "status STOPPING, result STOPPED"),
        (
            {"arn": SESSION_ARN, "status": "COMPLETED", "result": "PASSED", "deviceMinutes": {"total": 12.5}},
            f"status COMPLETED, result PASSED, 12.5 device minutes; see {CONSOLE_URL}",
        ),
        ({"status": "COMPLETED", "deviceMinutes": {"total": 0.0}}, "status COMPLETED, 0 device minutes"),
        ({"status": "COMPLETED", "deviceMinutes": {}}, "status COMPLETED"),
        ({"status": "COMPLETED", "message": ""}, "status COMPLETED"),
        ({"status": "COMPLETED", "message": "it's over"}, "status COMPLETED, message 'it's over'"),
    ],
)
def test_how_a_session_ended(response: dict[str, Any], text: str) -> None:
    """The text has what the reading knows, and leaves out what it does not."""
    assert describe_end(RemoteAccessSession.from_response(response)) == text
