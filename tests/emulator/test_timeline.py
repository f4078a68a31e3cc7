"""Statuses over time, on a clock that the tests step."""

import threading
import time

import pytest

from pytest_devicefarm.emulator import Clock, Scenario, ScenarioError, Session, Step, load_scenario

from .conftest import Play, client, session_of

STEPS = (
    Step("PENDING", 2),
    Step("PREPARING", 60),
    Step("RUNNING", 90),
    Step("STOPPING", 10),
    Step("COMPLETED"),
)


def test_statuses_follow_the_clock(play: Play) -> None:
    """Each step lasts as long as it says, the last one for ever."""
    emulator = play(sessions=(Session(steps=STEPS),))
    seen = []
    for seconds in (0, 1.5, 0.5, 60, 90, 10, 1e6):
        emulator.clock.advance(seconds)
        seen.append(session_of(emulator)["status"])
    assert seen == ["PENDING", "PENDING", "PREPARING", "RUNNING", "STOPPING", "COMPLETED", "COMPLETED"]


def test_a_timeline_may_wait_for_its_first_read(play: Play) -> None:
    """With `from_first_read` neither time nor a list starts it, only a Get of that session."""
    emulator = play(sessions=(Session(steps=STEPS, from_first_read=True),))
    emulator.clock.advance(1000)
    project = client(emulator).list_projects()["projects"][0]["arn"]
    listed = client(emulator).list_remote_access_sessions(arn=project)["remoteAccessSessions"]
    assert listed[0]["status"] == "PENDING"
    assert session_of(emulator)["status"] == "PENDING"
    emulator.clock.advance(2)
    assert session_of(emulator)["status"] == "PREPARING"


def test_times_minutes_and_result_follow_the_statuses(play: Play) -> None:
    """Started when it gets the device, minutes grow from then, and result, stop and minutes are final at the end."""
    emulator = play(sessions=(Session(steps=STEPS),))
    session = session_of(emulator)
    assert "started" not in session
    assert session["deviceMinutes"] == {"total": 0.0, "metered": 0.0, "unmetered": 0.0}
    emulator.clock.advance(32)
    session = session_of(emulator)
    assert (session["started"] - session["created"]).total_seconds() == pytest.approx(2)
    assert session["deviceMinutes"]["total"] == 0.5
    assert session["result"] == "PENDING"
    assert "stopped" not in session
    emulator.clock.advance(1000)
    session = session_of(emulator)
    assert (session["stopped"] - session["started"]).total_seconds() == pytest.approx(160)
    assert session["deviceMinutes"] == {"total": 2.67, "metered": 2.67, "unmetered": 0.0}
    assert session["result"] == "PASSED"


def test_unmetered_sessions_have_unmetered_minutes(play: Play) -> None:
    """Minutes are counted by the session's own billing method."""
    emulator = play(sessions=(Session(fields={"billingMethod": "UNMETERED"}),))
    emulator.clock.advance(60)
    assert session_of(emulator)["deviceMinutes"] == {"total": 1.0, "metered": 0.0, "unmetered": 1.0}


def test_fields_are_merged_step_over_session_over_example(play: Play) -> None:
    """Structures are merged member by member; a step's fields hold while it does; `omit` takes fields out."""
    steps = (Step("PENDING", 1, {"message": "queued"}), Step("RUNNING"))
    fields = {"message": "mine", "device": {"os": "18.0"}, "endpoints": {"interactiveEndpoint": "wss://mine"}}
    emulator = play(sessions=(Session(steps=steps, fields=fields, omit=("device.cpu", "instanceArn")),))
    session = session_of(emulator)
    assert session["message"] == "queued"
    assert (session["device"]["os"], session["device"]["platform"]) == ("18.0", "IOS")
    assert "cpu" not in session["device"]
    assert "instanceArn" not in session
    emulator.clock.advance(1)
    assert session_of(emulator)["message"] == "mine"


@pytest.mark.parametrize(
    ("name", "seconds", "status"),
    [
        ("ready", 1.3, "PREPARING"),
        ("ready", 1.4, "RUNNING"),
        ("slow-start", 20, "PREPARING"),
        ("slow-start", 21, "RUNNING"),
        ("interactive", 0, "RUNNING"),
        ("ends-early", 1, "COMPLETED"),
        ("queued", 4, "PENDING_CONCURRENCY"),
        ("queued", 6, "RUNNING"),
        ("dies-mid-run", 2, "RUNNING"),
        ("dies-mid-run", 3, "COMPLETED"),
        ("pool", 0.4, "PREPARING"),
        ("pool", 0.5, "RUNNING"),
    ],
)
def test_shipped_scenarios(play: Play, name: str, seconds: float, status: str) -> None:
    """The scenarios that the package carries do what their names say."""
    emulator = play(name)
    session_of(emulator)
    # A hair more, as 0.2 + 0.2 + 1 is not quite 1.4 in floating point.
    emulator.clock.advance(seconds + 1e-6)
    session = session_of(emulator)
    assert session["status"] == status
    assert (session["interactionMode"] == "INTERACTIVE") == (name == "interactive")
    assert (session["result"] == "ERRORED") == (name in ("ends-early", "dies-mid-run") and status == "COMPLETED")


def test_the_pool_gets_ready_one_after_another(play: Play) -> None:
    """Phones and a tablet with iOS, a phone with Android, each on a device of its own."""
    emulator = play("pool")
    arns = [session.arn for session in emulator.scenario.sessions]
    seen = []
    for seconds in (0, 0.5, 0.5, 0.5, 0.5):
        emulator.clock.advance(seconds)
        seen.append([session_of(emulator, arn)["status"] for arn in arns].count("RUNNING"))
    assert seen == [0, 1, 2, 3, 4]
    devices = [session_of(emulator, arn)["device"] for arn in arns]
    assert [(device["platform"], device["formFactor"]) for device in devices] == [
        ("IOS", "PHONE"),
        ("IOS", "PHONE"),
        ("IOS", "TABLET"),
        ("ANDROID", "PHONE"),
    ]
    assert len({device["arn"] for device in devices}) == 4


def test_a_clock_runs_at_its_speed_and_jumps() -> None:
    """`now` is the timer's seconds times the speed, plus what was advanced."""
    ticks = iter([100.0, 101.0, 103.0])
    clock = Clock(speed=10, timer=lambda: next(ticks))
    assert clock.now() == 10
    clock.advance(5)
    assert clock.now() == 35


def test_frozen_time_does_not_stop_a_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's test that freezes `time.monotonic` leaves sessions in the same process alone."""
    monkeypatch.setattr(time, "monotonic", lambda: -1e9)
    clock = Clock(speed=1e6)
    assert 0 <= clock.now() < clock.now()


def test_waiting_on_a_clock_ends_with_a_step_or_a_stop() -> None:
    """A stepped clock wakes who waits when it gets there, and whoever it is when all is stopped."""
    clock, stop = Clock(speed=0), threading.Event()
    threads = [threading.Thread(target=clock.wait_until, args=(when, stop)) for when in (5.0, 1e9)]
    for thread in threads:
        thread.start()
    clock.advance(5)
    threads[0].join(10)
    assert [thread.is_alive() for thread in threads] == [False, True]
    stop.set()
    clock.wake()
    threads[1].join(10)
    assert not threads[1].is_alive()


@pytest.mark.parametrize("speed", [-1, float("nan"), float("inf")])
def test_a_clock_does_not_go_backwards(speed: float) -> None:
    """Speeds and steps that are no way forward are refused."""
    with pytest.raises(ValueError, match="speed must be"):
        Clock(speed)
    with pytest.raises(ValueError, match="only goes forward"):
        Clock().advance(-1)


def test_scenarios_that_contradict_themselves_are_refused() -> None:
    """One ARN twice and a project that is not there are found before anything is served."""
    with pytest.raises(ScenarioError, match=r"is there more than once: give each its own$"):
        Scenario(sessions=(Session(), Session()))
    with pytest.raises(ScenarioError, match=r"there is no project 'x', only: Example project$"):
        Scenario(sessions=(Session(project="x"),))
    with pytest.raises(ScenarioError, match=r"^no scenario 'x': take dies-mid-run, .*, or the path of a .toml file$"):
        load_scenario("x")
