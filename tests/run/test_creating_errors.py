"""Creating goes wrong: each run ends with one line, or goes on with the other sessions, and leaves nothing running."""

from __future__ import annotations

import pytest
from conftest import DISTRIBUTIONS, MODEL, needs_xdist

from pytest_devicefarm.emulator import Fault, Project, Step

from .conftest import Farm

PREFIX = "arn:aws:devicefarm:us-west-2"
CREATE = "CreateRemoteAccessSession"
CONFIGURATION = MODEL.operation_model(CREATE).input_shape.members["configuration"].members
ANDROID, TWO = "--devicefarm-device=platform=ANDROID", "--devicefarm-device=2*platform=ANDROID"
TESTS = """
    def test_a(devicefarm_session): pass
    def test_b(devicefarm_session): pass
"""
UNKNOWN = f"{PREFIX}::device:00000000000000000000000000000001"
NO_INSTANCE = f"{PREFIX}:123456789101:deviceinstance:00000000-0000-0000-0000-000000000001"


@pytest.fixture
def create(run, pytester):
    """Run two tests that need a session with these options, and no session but those created."""

    def create(server: Farm, *options: str):
        pytester.makepyfile(TESTS)
        return run(*options, against=server.server, session=())

    return create


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("kind", ["throttling", "unavailable", "bad-gateway", "drop", "garbage", "lost-answer"])
def test_what_may_heal(farm, create, kind, dist):
    """A create that fails twice in such a way makes one session in the end, and none is left running."""
    server = farm(faults=(Fault(CREATE, kind, calls=[1, 2]),))
    result = create(server, ANDROID, *dist)
    assert result.code == 0, result.out + result.err
    assert len(server.created) == 1
    assert not server.running
    assert result.properties("test_a")["devicefarm.session.arn"] == server.created[0]["arn"]


@needs_xdist
def test_answers_lost_among_several(farm, create):
    """Each session whose answer was lost is found; none is created twice or taken twice."""
    server = farm(faults=(Fault(CREATE, "lost-answer"),))
    result = create(server, "--devicefarm-device=3*platform=ANDROID", "-n3")
    assert result.code == 0, result.out + result.err
    assert len({each["arn"] for each in server.created}) == len(server.calls(CREATE)) <= 3
    assert not server.running


def test_one_deadline_for_all_that_are_created(farm, create):
    """Once it is over each of the others is tried once."""
    server = farm(faults=(Fault(CREATE, "throttling"),))
    result = create(server, "--devicefarm-device=9*platform=ANDROID", "--devicefarm-timeout=2s")
    assert result.code == 69
    assert 9 <= len(server.calls(CREATE)) <= 15


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_an_error_of_the_users_is_on_a_line_of_its_own(background, farm, pytester, dist):
    """Also where both streams go to one file."""
    pytester.makepyfile(TESTS)
    run = background("--devicefarm-device=platform=ANDROID,os>=99", *dist, against=farm())
    assert run.end() == 4
    assert [line for line in run.output.splitlines() if line.startswith("ERROR: ")], run.output


QUOTA = "creating a session: a quota of the account is reached (LimitExceededException: full); try again later"


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_quota_of_one_session(farm, create, dist):
    """The only session cannot be had: the run ends with 69 and one line, and the call is not repeated."""
    server = farm(faults=(Fault(CREATE, "limit-exceeded", message="full"),))
    result = create(server, ANDROID, *dist)
    assert (result.code, result.error_line) == (69, f"ERROR: {QUOTA}")
    assert list(result.testcases) == ["devicefarm"]
    assert len(server.calls(CREATE)) == 1


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_quota_of_every_session(farm, create, dist):
    """None can be had: 69, and the line says how many did not come."""
    server = farm(faults=(Fault(CREATE, "limit-exceeded", message="full"),))
    result = create(server, TWO, *dist)
    assert (result.code, result.error_line) == (69, f"ERROR: 2 of 2 sessions did not come, 1 must: {QUOTA}")
    assert list(result.testcases) == ["devicefarm"]


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_quota_of_the_first_session(farm, create, dist):
    """The run says so and goes on with the other session."""
    server = farm(faults=(Fault(CREATE, "limit-exceeded", calls=[1], message="full"),))
    result = create(server, TWO, *dist)
    assert result.code == 0, result.out + result.err
    assert f"devicefarm: [1] {QUOTA}; the run goes on without it" in result.out
    assert set(result.testcases) == {"test_a", "test_b"}
    assert len(server.created) == 1
    assert not server.running


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_refusal_half_way_through(farm, create, dist):
    """The second create is refused: the run ends with 4 and one line, and the first session is stopped."""
    boots = (Step("PREPARING", 60), Step("RUNNING"))  # so that no test runs before the second create
    server = farm(faults=(Fault(CREATE, "argument", calls=[2], message="no"),), boot=boots)
    result = create(server, TWO, *dist)
    line = "ERROR: creating a session: Device Farm refused the request (ArgumentException: no)"
    assert (result.code, result.error_line) == (4, line)
    assert list(result.testcases) == ["devicefarm"]
    assert len(server.created) == 1
    assert not server.running


REFUSED = {
    "no device": (
        "platform=IOS,os>=99",
        {},
        "no device fits 'platform=IOS,os>=99': the nearest are Apple iPhone 17 Pro (iOS 27.0, PHONE, AVAILABLE)",
    ),
    "misspelt": (
        "name=iPhone 15 Pro Mx",
        {},
        "no device fits 'name=iPhone 15 Pro Mx': the nearest are Apple iPhone 15 Pro Max",
    ),
    "unknown device": (UNKNOWN, {}, f"no device has the ARN {UNKNOWN}: check it in the list of devices"),
    "unknown instance": (
        f"instance={NO_INSTANCE}",
        {},
        f"no private device has the instance {NO_INSTANCE}: check its ARN and the account",
    ),
    "too many on private devices": (
        "3*fleet_type=PRIVATE,platform=ANDROID",
        {},
        "no device is left for 'fleet_type=PRIVATE,platform=ANDROID': other sessions of this run have every instance of ",
    ),
    "interactive": (
        "name=Apple iPhone 15",
        {"interaction_mode": "INTERACTIVE"},
        "no device can be used for 'name=Apple iPhone 15': Apple iPhone 15 (",
    ),
    "no Appium version": (
        "os>=27,platform=IOS",
        {},
        "no device can be used for 'os>=27,platform=IOS': Apple iPhone 17 Pro (",
    ),
}


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize(("wanted", "ini", "line"), REFUSED.values(), ids=REFUSED)
def test_no_device(farm, create, wanted, ini, line, dist):
    """What was asked for, and the nearest devices there are; nothing is created, and no test runs."""
    server = farm()
    options = [option for name, value in ini.items() for option in ("-o", f"devicefarm_{name}={value}")]
    result = create(server, f"--devicefarm-device={wanted}", *options, *dist)
    assert result.error_line.startswith(f"ERROR: {line}"), result.error_line
    assert result.code == 4
    assert list(result.testcases) == ["devicefarm"]
    assert not server.calls(CREATE)


@pytest.mark.skipif("parameters" in CONFIGURATION, reason="this boto3 can name Appium's version")
def test_an_old_boto3(farm, create):
    """A version of Appium that the installed boto3 cannot name is refused, with the boto3 that can."""
    server = farm()
    result = create(server, ANDROID, "-o", "devicefarm_appium_version=3")
    line = "ini devicefarm_appium_version: the installed boto3 does not know it: pip install 'boto3>=1.43.80'"
    assert (result.code, result.error_line) == (4, f"ERROR: {line}")


PROJECTS = {
    "several": (
        (Project(), Project(f"{PREFIX}:123456789101:project:OTHER", "Other")),
        (),
        "--devicefarm-device: sessions are created in a project: give --devicefarm-project "
        "(there are 2: 'Example project', 'Other')",
    ),
    "unknown": (
        (Project(),),
        ("--devicefarm-project=Exmple",),
        "no project is called 'Exmple': the nearest projects are 'Example project'",
    ),
    "twins": (
        (Project(), Project(f"{PREFIX}:123456789101:project:OTHER", "Example project")),
        ("--devicefarm-project=Example project",),
        "2 projects are called 'Example project': give the ARN of one: ",
    ),
}


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize(("projects", "options", "line"), PROJECTS.values(), ids=PROJECTS)
def test_no_project(farm, create, projects, options, line, dist):
    """Where it is not clear in which project, the run ends with 4 and lists what there is."""
    server = farm(projects=projects)
    result = create(server, ANDROID, *options, *dist)
    assert result.error_line.startswith(f"ERROR: {line}")
    assert result.code == 4
    assert not server.calls(CREATE)


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_creating_is_denied(farm, create, dist):
    """IAM's words reach the user: which action on which resource."""
    policy = {
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": f"devicefarm:{CREATE}", "Resource": "*"},
        ]
    }
    server = farm(iam=policy)
    result = create(server, ANDROID, *dist)
    assert result.error_line.startswith("ERROR: creating a session: access denied (AccessDeniedException: ")
    assert f"is not authorized to perform: devicefarm:{CREATE} on resource: {PREFIX}:" in result.error_line
    assert result.code == 4
    assert not server.created


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_tagging_is_denied(farm, create, dist):
    """The run goes on and says once what that means; its sessions are named so that no sweep takes them for dead."""
    policy = {
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": "devicefarm:TagResource", "Resource": "*"},
        ]
    }
    server = farm(iam=policy)
    result = create(server, TWO, *dist)
    assert result.code == 0, result.out + result.err
    line = (
        "devicefarm: sessions cannot be tagged (devicefarm:TagResource is denied): --devicefarm-sweep will not find "
        "what a killed run leaves behind"
    )
    assert result.out.splitlines().count(line) == 1
    assert server.created
    assert all(each["name"].startswith("pytest-devicefarm/untagged-") for each in server.created)
    assert len(server.calls("TagResource")) == 1
    assert not server.running
