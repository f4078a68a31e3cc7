"""Every error that a run can end with: its exit code, its one line, and its testcase in the JUnit XML."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from conftest import DISTRIBUTIONS, EXAMPLE_ARN, needs_endpoints, needs_xdist

from pytest_devicefarm.emulator import Fault, Project, Scenario, Session, Step

PROJECT = "arn:aws:devicefarm:us-west-2:123456789101:project:EXAMPLE-GUID-123-456"
OTHER_ARN = "arn:aws:devicefarm:us-west-2:123456789101:session:EXAMPLE-PROJECT/EXAMPLE-SESSION/00000"
PAGE = "https://us-west-2.console.aws.amazon.com/devicefarm/home#/mobile/projects/EXAMPLE-PROJECT/sessions/EXAMPLE-SESSION/00000"
CREDENTIALS = "check AWS_PROFILE, --devicefarm-profile or the credentials of this environment"
READ = "GetRemoteAccessSession"
PREPARING = Session(steps=(Step("PREPARING"),))


def ends(status: str, **fields: object) -> Scenario:
    return Scenario(sessions=(Session(arn=OTHER_ARN, steps=(Step(status, fields=fields),)),))


def fault(kind: str, message: str = "it said so", operation: str = READ) -> Scenario:
    return Scenario(faults=(Fault(operation, kind, message=message),))


@dataclass
class Case:
    """A run that ends with ``error``: ``session`` and ``options`` are the user's, ``scenario`` the service's."""

    error: str
    code: int
    scenario: Scenario = field(default_factory=Scenario)
    session: str | None = None
    options: tuple[str, ...] = ()


FROM_DEVICE_FARM = {
    "interactive": Case(
        f"session 'EXAMPLE session' {EXAMPLE_ARN} is INTERACTIVE: XCUITest runs in NO_VIDEO and VIDEO_ONLY, not in "
        "INTERACTIVE. Start a session in one of those modes, or run it all the same with --devicefarm-xcuitest=warn",
        4,
        Scenario(sessions=(Session(steps=(Step("PREPARING"),), fields={"interactionMode": "INTERACTIVE"}),)),
    ),
    "completed": Case(
        f"session {OTHER_ARN} ended before it was RUNNING: status COMPLETED, result ERRORED, message 'It broke.\\nBadly.', "
        f"1.5 device minutes; see {PAGE}",
        69,
        ends("COMPLETED", result="ERRORED", message="It broke.\nBadly.", deviceMinutes={"total": 1.5}),
    ),
    "stopping": Case(
        f"session {OTHER_ARN} ended before it was RUNNING: status STOPPING, result PENDING, message 'Stop', "
        f"0 device minutes; see {PAGE}",
        69,
        ends("STOPPING", result="PENDING", message="Stop", deviceMinutes={"total": 0.0}),
    ),
    "timeout": Case(
        f"session {EXAMPLE_ARN} is still PREPARING after 1s (--devicefarm-timeout); try again later or allow more time",
        69,
        Scenario(sessions=(PREPARING,)),
        options=("--devicefarm-timeout=1",),
    ),
    "queue": Case(
        f"session {EXAMPLE_ARN} is still PENDING_CONCURRENCY after 1s (ini devicefarm_queue_timeout); "
        "try again later or allow more time",
        69,
        Scenario(sessions=(Session(steps=(Step("PENDING_CONCURRENCY"),)),)),
        options=("-o", "devicefarm_queue_timeout=1s"),
    ),
    "endpoint": Case(
        f"session {EXAMPLE_ARN} is RUNNING after 1s (--devicefarm-timeout): its Appium endpoint does not answer yet "
        "(HTTP 400); try again later or allow more time",
        69,
        Scenario(sessions=(Session(endpoint_bad_answers=1000),)),
        options=("--devicefarm-timeout=1s",),
    ),
    "server error": Case(
        f"session {EXAMPLE_ARN} could not be read once after 1s (--devicefarm-timeout): InternalServiceException: "
        "it said so; try again later or allow more time",
        69,
        fault("server-error"),
        options=("--devicefarm-timeout=1s",),
    ),
    "not found": Case(
        f"reading session {EXAMPLE_ARN}: Device Farm does not know it (NotFoundException: it said so): "
        "check the ARN and the account",
        4,
        fault("not-found"),
    ),
    "argument": Case(
        f"reading session {EXAMPLE_ARN}: Device Farm refused the request (ArgumentException: it said so)",
        4,
        fault("argument"),
    ),
    "service account": Case(
        f"reading session {EXAMPLE_ARN}: the account cannot use Device Farm (ServiceAccountException: it said so): "
        "check its service account",
        4,
        fault("service-account"),
    ),
    "access denied": Case(
        f"reading session {EXAMPLE_ARN}: access denied (AccessDeniedException: it said so): "
        "allow this action to the role or user of this run",
        4,
        fault("access-denied"),
    ),
    "expired": Case(
        f"reading session {EXAMPLE_ARN}: AWS did not accept the credentials (ExpiredTokenException: it said so): "
        + CREDENTIALS,
        4,
        fault("expired-token"),
    ),
    "unknown name": Case(
        "no session of project Example project is called 'EXAMPLE sesion': the nearest live sessions are 'EXAMPLE session'",
        4,
        session="EXAMPLE sesion",
        options=("--devicefarm-project=Example project",),
    ),
    "unknown project": Case(
        "no project is called 'mine': the nearest projects are 'Example project'",
        4,
        session="EXAMPLE session",
        options=("--devicefarm-project=mine",),
    ),
    "several live": Case(
        f"2 live sessions of project {PROJECT} are called 'twin': give the ARN of one: "
        f"{OTHER_ARN} (PREPARING), {EXAMPLE_ARN} (RUNNING)",
        4,
        Scenario(
            sessions=(
                Session(name="twin", fields={"created": 1.7e9}),
                Session(name="twin", arn=OTHER_ARN, steps=(Step("PREPARING"),), fields={"created": 1.8e9}),
            )
        ),
        session="twin",
        options=(f"--devicefarm-project={PROJECT}",),
    ),
    "several projects": Case(
        f"2 projects are called 'twin': give the ARN of one: {PROJECT}, {PROJECT}-2",
        4,
        Scenario(projects=(Project(name="twin"), Project(name="twin", arn=f"{PROJECT}-2"))),
        session="EXAMPLE session",
        options=("--devicefarm-project=twin",),
    ),
    "denied list": Case(
        "looking up session EXAMPLE session: access denied (AccessDeniedException: it said so): "
        "allow this action to the role or user of this run",
        4,
        fault("access-denied", operation="ListProjects"),
        session="EXAMPLE session",
        options=("--devicefarm-project=Example project",),
    ),
}


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=name, marks=needs_endpoints if name == "endpoint" else ())
        for name, case in FROM_DEVICE_FARM.items()
    ],
)
def test_an_error_of_device_farm_ends_the_run_with_one_line(run, emulator, pytester, case, dist):
    """No test runs; one line on the terminal; the JUnit XML holds one testcase in error, with the message."""
    pytester.makepyfile(
        """
        def test_one(devicefarm_session): pass
        def test_two(devicefarm_device): pass
        """
    )
    result = run(*dist, *case.options, against=emulator(case.scenario), session=case.session)
    assert result.error_line == f"ERROR: {case.error}"
    assert result.code == case.code
    (testcase,) = result.testcases.values()
    assert testcase.attrib["name"] == "devicefarm"
    assert [each.attrib for each in testcase] == [{"message": case.error}]
    assert testcase.findtext("error") == case.error
    assert result.suite.attrib["errors"] == "1"
    assert "Traceback" not in result.out + result.err
    known = {"interactive", "completed", "stopping", "timeout", "queue", "endpoint"}
    if case in [FROM_DEVICE_FARM[name] for name in known]:
        assert result.suite_properties["devicefarm.device.name"] == "Apple iPhone 15 Pro"


def test_no_credentials(run, pytester):
    """Without any credentials the run ends with 4 and says where they are looked for."""
    pytester.makepyfile("def test_one(devicefarm_session): pass")
    result = run(f"--devicefarm-session={EXAMPLE_ARN}")
    assert result.error_line == f"ERROR: no AWS credentials were found: {CREDENTIALS}"
    assert result.code == 4


def test_unknown_profile(run, pytester):
    """A profile that does not exist ends the run with 4."""
    pytester.makepyfile("def test_one(devicefarm_session): pass")
    result = run(f"--devicefarm-session={EXAMPLE_ARN}", "--devicefarm-profile=nobody")
    assert result.error_line == (
        "ERROR: connecting to Device Farm: no usable AWS credentials (The config profile (nobody) could not be found): "
        + CREDENTIALS
    )
    assert result.code == 4


def test_a_server_that_hangs_is_given_up_soon_after_the_deadline(run, emulator, pytester):
    """A request that is never answered ends with its own time-out, and the run with 69."""
    pytester.makepyfile("def test_one(devicefarm_session): pass")
    result = run("--devicefarm-timeout=1s", against=emulator(fault("hang")))
    assert result.error_line.startswith(f"ERROR: session {EXAMPLE_ARN} could not be read once after 1s")
    assert "Read timeout on endpoint URL" in result.error_line
    assert result.code == 69


@pytest.mark.parametrize(
    "kinds", [("throttling", "drop", "garbage", "bad-gateway", "limit-exceeded", "empty", "unavailable")]
)
def test_what_may_heal_is_tried_again(run, emulator, pytester, kinds):
    """Throttling, 5xx, dropped connections and bodies that are not JSON delay the run and do not end it."""
    faults = tuple(Fault(READ, kind, calls=[number]) for number, kind in enumerate(kinds, 1))
    pytester.makepyfile("def test_one(devicefarm_session): pass")
    result = run(against=emulator(Scenario(faults=faults)))
    assert result.out.count("trying again") == len(kinds)
    assert result.code == 0


OPTIONS = {
    "--devicefarm-session=": "--devicefarm-session: the value is empty",
    "--devicefarm-session=name": "--devicefarm-session: 'name' is a name, which needs a project to look it up in: "
    "give --devicefarm-project, or the session's ARN",
    "--devicefarm-session=arn:aws:devicefarm:us-west-2:123456789101:run:EXAMPLE-GUID-123-456": "--devicefarm-session: "
    "malformed ARN 'arn:aws:devicefarm:us-west-2:123456789101:run:EXAMPLE-GUID-123-456': it names a run, not a "
    "session; expected arn:aws:devicefarm:us-west-2:ACCOUNT:session:ID",
    "--devicefarm-session=arn:aws:devicefarm:eu-west-1:123456789101:session:EXAMPLE-GUID-123-456": "--devicefarm-session: "
    "malformed ARN 'arn:aws:devicefarm:eu-west-1:123456789101:session:EXAMPLE-GUID-123-456': its region is 'eu-west-1', "
    "Device Farm is in us-west-2 only; expected arn:aws:devicefarm:us-west-2:ACCOUNT:session:ID",
    f"--devicefarm-session={EXAMPLE_ARN[:-3]}\x01\x02\x03": "--devicefarm-session: malformed ARN "
    r"'arn:aws:devicefarm:us-west-2:123456789101:session:EXAMPLE-GUID-123-\x01\x02\x03': its ID "
    r"'EXAMPLE-GUID-123-\x01\x02\x03' has more than letters, digits and ._/-",
    "--devicefarm-session=arn:aws:" + "x" * 4992: f"--devicefarm-session: malformed ARN 'arn:aws:{'x' * 112}... "
    "(5000 characters)': 5000 characters, an ARN has 32 to 1011; expected arn:aws:devicefarm:us-west-2:ACCOUNT:session:ID",
    "--devicefarm-timeout=-1": "--devicefarm-timeout: '-1' is no duration: expected one such as 90, 90s, 15m, 1h or "
    "1m30s, at most a day",
    "--devicefarm-timeout=1e309": "--devicefarm-timeout: '1e309' is no duration: expected one such as 90, 90s, 15m, 1h "
    "or 1m30s, at most a day",
    "--devicefarm-xcuitest=maybe": "--devicefarm-xcuitest: 'maybe' is none of error, warn, off",
    "--devicefarm-junit=all": "--devicefarm-junit: 'all' is none of both, testcase, testsuite, none",
    "--devicefarm-endpoint-url=localhost": "--devicefarm-endpoint-url: 'localhost' is no URL: expected "
    "http://HOST[:PORT] or https://HOST[:PORT]",
}


@pytest.mark.parametrize("option", OPTIONS)
def test_a_wrong_option_is_one_line(pytester, environment, option):
    """Without a call to AWS, before collection, with nothing but the line on stderr."""
    pytester.makepyfile("import nothing_like_this")
    result = pytester.runpytest_subprocess(option)
    assert result.stderr.lines == [f"ERROR: {OPTIONS[option]}", ""]
    assert result.ret == 4


def test_a_test_failure_beats_69(run, emulator, pytester):
    """A session that never came is 69, unless a test failed on its own account: then 1."""
    pytester.makepyfile(
        """
        def test_failed(): assert 0
        def test_one(devicefarm_session): pass
        """
    )
    result = run(against=emulator(ends("COMPLETED")))
    assert set(result.testcases) == {"test_failed", "devicefarm"}
    assert result.code == 1


def test_a_run_that_needs_no_session_does_not_wait(run, emulator, pytester):
    """Nothing but pytest's own exit code, even where the session could never be had."""
    pytester.makepyfile("def test_free(): pass")
    assert run(against=emulator(Scenario(sessions=(PREPARING,)))).code == 0
    assert run(against=emulator(ends("COMPLETED"))).code == 0


def test_without_a_session_a_test_that_asks_for_one_says_what_to_give(run, pytester):
    """One line that names the option; other tests run."""
    pytester.makepyfile(
        """
        def test_one(devicefarm_session): pass
        def test_free(): pass
        """
    )
    result = run()
    message = (
        "no AWS Device Farm session is configured: give --devicefarm-session (an ARN, a console URL or a name), or "
        "--devicefarm-emulator to try it without an AWS account"
    )
    assert result.testcases["test_one"].findtext("error") == message
    assert result.out.count(message) == 1
    assert len(result.testcases["test_free"]) == 0
    assert result.code == 1


@needs_xdist
def test_late_requests_on_the_wrong_worker_are_told_what_to_do(run, emulator, pytester):
    """Under xdist a test that did not say that it needs a session may be on a worker that drives none."""
    pytester.makepyfile(
        """
        def test_driver(devicefarm_session): pass
        def late(request, worker_id):
            if worker_id == "gw1":
                request.getfixturevalue("devicefarm_session")
        def test_a(request, worker_id): late(request, worker_id)
        def test_b(request, worker_id): late(request, worker_id)
        def test_c(request, worker_id): late(request, worker_id)
        def test_d(request, worker_id): late(request, worker_id)
        """
    )
    result = run("-n2", against=emulator(Scenario()))
    message = (
        "this xdist worker drives no session: mark the test with @pytest.mark.devicefarm, or take devicefarm_session as an "
        "argument, so that the test is sent to a worker that drives one"
    )
    failures = [each.findtext("failure") for each in result.testcases.values() if each.find("failure") is not None]
    assert failures
    assert set(failures) == {message}
    assert result.code == 1
