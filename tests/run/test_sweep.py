"""--devicefarm-sweep: stops what dead runs left behind, from any host, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from conftest import EXAMPLE_ARN

from pytest_devicefarm.emulator import Fault, Project, Scenario, Session, Step

from .conftest import Farm

PREFIX = "arn:aws:devicefarm:us-west-2:123456789101"
OTHER_PROJECT = f"{PREFIX}:project:OTHER"
RUN = "20260301T115500-0123abcd"
NAME = f"pytest-devicefarm/{RUN}/ci-7"
STOP = "StopRemoteAccessSession"


def lease(minutes: float) -> dict[str, str]:
    """Tags of a run whose lease ends so many minutes from now."""
    until = datetime.now(UTC) + timedelta(minutes=minutes)
    return {"pytest-devicefarm:run": RUN, "pytest-devicefarm:lease": until.isoformat(timespec="seconds")}


def session(number: str, name: str = NAME, tags: dict[str, str] | None = None, age: float = 60, **fields) -> Session:
    """A session that was created so many minutes ago."""
    created = (datetime.now(UTC) - timedelta(minutes=age)).timestamp()
    project = fields.pop("project", None)
    steps = (Step(fields.pop("status", "RUNNING")),)
    return Session(
        f"{PREFIX}:session:SWEEP/{number}/00000", name, {"created": created}, steps, project, tags=tags or {}
    )


def leftovers() -> dict[str, Session]:
    """Sessions that a dead run left behind."""
    return {
        "lease over": session("1", tags=lease(-1)),
        "killed before it tagged": session("2"),
        "queued": session("3", tags=lease(-60), status="PENDING_CONCURRENCY"),
        "in another project": session("4", f"pytest-devicefarm/{RUN}/elsewhere", lease(-60), project=OTHER_PROJECT),
    }


def others() -> list[Session]:
    """Sessions that are none of a sweep's business."""
    return [
        session("5", tags=lease(2)),
        session("6", age=1),
        session("7", tags={"pytest-devicefarm:keep": "true"}),
        session("8", f"pytest-devicefarm/untagged-{RUN}/ci-7"),
        session("9", "somebody's session", lease(-60)),
        session("10", tags=lease(-60), status="COMPLETED"),
        Session(EXAMPLE_ARN),
    ]


def scenario(*faults: Fault, **settings) -> Scenario:
    sessions = (*leftovers().values(), *others())
    projects = (Project(), Project(OTHER_PROJECT, "Other"))
    return Scenario(**{"sessions": sessions, "projects": projects, "faults": faults, "page_size": 3} | settings)


def stopped_by(server) -> list[str]:
    """The numbers of the sessions that were stopped."""
    return sorted(arn.split("/")[1] for arn in Farm(server).stopped)


@pytest.mark.parametrize(
    ("options", "numbers"),
    [((), "1234"), (("--devicefarm-project=Other",), "4"), (("--devicefarm-project=Example project",), "123")],
    ids=["everywhere", "other", "first"],
)
def test_what_is_stopped(run, emulator, options, numbers):
    """Sessions whose lease is over, or that were never tagged; in one project or in all; each in a line of its own."""
    server = emulator(scenario())
    result = run("--devicefarm-sweep", *options, against=server, session=())
    assert result.code == 0, result.out + result.err
    assert stopped_by(server) == list(numbers)
    lines = [f"stopped {each.arn} ({each.name})" for each in leftovers().values() if each.arn.split("/")[1] in numbers]
    assert sorted(result.out.splitlines()) == sorted(lines)
    statuses = {each["arn"]: each["status"] for each in server.sessions}
    assert all(statuses[each.arn] == each.steps[0].status for each in others())


def test_nothing_was_left_behind(run, emulator):
    """It says so."""
    server = emulator(Scenario(sessions=tuple(others())))
    result = run("--devicefarm-sweep", against=server, session=())
    assert (result.code, result.out) == (0, "no session was left behind")
    assert not Farm(server).stopped


def test_a_second_sweep_finds_nothing(run, emulator):
    """What is being stopped is left alone."""
    server = emulator(scenario(stop_seconds=3600))
    assert run("--devicefarm-sweep", against=server, session=()).code == 0
    again = run("--devicefarm-sweep", against=server, session=())
    assert (again.code, again.out) == (0, "no session was left behind")
    assert len(Farm(server).calls(STOP)) == 4


def test_no_test_is_run(run, emulator, pytester):
    """Nothing is collected, and no report is written."""
    pytester.makepyfile("def test_a(): open('ran', 'w')")
    result = run("--devicefarm-sweep", against=emulator(scenario()), session=())
    assert result.code == 0
    assert not (pytester.path / "ran").exists()
    assert not result.report.exists()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("*", "throttling", calls={"every": 2}),
        Fault("*", "unavailable", calls={"every": 3}),
        Fault("ListRemoteAccessSessions", "drop", calls=[1, 2]),
        Fault("ListTagsForResource", "garbage", calls=[2]),
        Fault(STOP, "lost-answer", calls=[1]),
        Fault(STOP, "bad-gateway", calls=[1, 3]),
    ],
    ids=lambda fault: f"{fault.operation}-{fault.kind}",
)
def test_what_may_heal(run, emulator, fault):
    """Calls that fail are tried again, each by itself: all are stopped, and none is told twice."""
    server = emulator(scenario(fault, page_size=100))
    result = run("--devicefarm-sweep", against=server, session=())
    assert result.code == 0, result.out + result.err
    assert stopped_by(server) == list("1234")
    assert len(result.out.splitlines()) == 4


def test_what_does_not_heal(run, emulator):
    """AWS that is out of order ends it at the timeout, with 69."""
    server = emulator(scenario(Fault("ListProjects", "unavailable", message="out of order")))
    result = run("--devicefarm-sweep", "--devicefarm-timeout=1s", against=server, session=())
    assert result.error_line == (
        "ERROR: looking for projects: AWS could not be asked: ServiceUnavailableException: out of order; try again later"
    )
    assert result.code == 69


def test_one_that_cannot_be_stopped(run, emulator):
    """The others are stopped and told all the same; it ends with 70, the ARN and the command."""
    policy = {
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": f"devicefarm:{STOP}", "Resource": leftovers()["lease over"].arn},
        ]
    }
    server = emulator(scenario(iam=policy))
    result = run("--devicefarm-sweep", against=server, session=())
    assert stopped_by(server) == list("234")
    assert len(result.out.splitlines()) == 3
    arn = leftovers()["lease over"].arn
    assert result.error_line.startswith(
        f"ERROR: session {arn} COULD NOT BE STOPPED AND MAY COST MONEY (stopping session"
    )
    assert result.error_line.endswith(f"aws devicefarm stop-remote-access-session --region us-west-2 --arn {arn}")
    assert result.code == 70


def test_a_session_that_ends_meanwhile(run, emulator):
    """One that AWS does not stop because it ends already, as when two sweeps meet, is no trouble."""
    server = emulator(scenario(Fault(STOP, "lost-answer", calls=[1]), Fault(STOP, "argument", calls=[2])))
    result = run("--devicefarm-sweep", against=server, session=())
    assert result.code == 0, result.out + result.err
    assert len(result.out.splitlines()) == 4


@pytest.mark.parametrize("action", ["ListProjects", "ListRemoteAccessSessions", "ListTagsForResource"])
def test_what_may_not_be_asked(run, emulator, action):
    """A permission that lacks is told, with 4; nothing is stopped on a guess."""
    server = emulator(scenario(Fault(action, "access-denied", message=f"no {action}")))
    result = run("--devicefarm-sweep", against=server, session=())
    assert f"access denied (AccessDeniedException: no {action})" in result.error_line
    assert result.code == 4
    assert not Farm(server).stopped


def test_no_such_project(run, emulator):
    """A name that is none ends it with 4."""
    result = run("--devicefarm-sweep", "--devicefarm-project=Othr", against=emulator(scenario()), session=())
    assert result.error_line.startswith("ERROR: no project is called 'Othr': the nearest projects are 'Other'")
    assert result.code == 4
