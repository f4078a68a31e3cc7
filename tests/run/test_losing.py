"""Sessions that end while tests run: ``--devicefarm-lost=stop`` and ``skip``, and failures that are no loss."""

from __future__ import annotations

import re
import time

import pytest
from conftest import DISTRIBUTIONS, needs_endpoints, needs_xdist

from pytest_devicefarm.emulator import Session, Step

ENDED = {"result": "ERRORED", "message": "The device went away", "deviceMinutes": {"total": 2.5}}
LOST = (
    "Device Farm session ended: status COMPLETED, result ERRORED, message 'The device went away', 2.5 device minutes; "
    "see https://us-west-2.console.aws.amazon.com/devicefarm/home#/mobile/projects/P/sessions/1/00000"
)
ARN = "arn:aws:devicefarm:us-west-2:123456789101:session:P/{}/00000"


def dying(number: int = 1, seconds: float = 1.5) -> Session:
    """A session that is RUNNING for a while, and then ends with an error."""
    steps = (Step("RUNNING", seconds), Step("COMPLETED", fields=ENDED))
    return Session(arn=ARN.format(number), name=f"session {number}", steps=steps, from_first_read=True)


def living(number: int) -> Session:
    return Session(arn=ARN.format(number), name=f"session {number}")


#: Each test does something and then fails if the session is no more, as a driver's would.
SUITE = """
    import time
    import boto3, pytest

    def status(session):
        client = boto3.client("devicefarm", region_name="us-west-2")
        return client.get_remote_access_session(arn=session.arn)["remoteAccessSession"]["status"]

    @pytest.mark.parametrize("n", range(20))
    def test_it(devicefarm_session, n):
        time.sleep(0.3)
        assert status(devicefarm_session) == "RUNNING"
"""


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_stop_ends_the_run(background, farm, pytester, dist):
    """The failure says how the session ended, nothing runs after it, and the exit code is 69."""
    server = farm(sessions=(dying(),))
    pytester.makepyfile(SUITE)
    run = background(f"--devicefarm-session={server.attached}", *dist, against=server)
    assert run.end() == 69, run.output
    outcomes = run.outcomes
    assert outcomes.count("failed") == 1
    assert len(outcomes) < 20
    failure = run.junit.find(".//failure")
    assert failure.attrib["message"].startswith(f"{LOST}\n")
    assert re.search(r"^FAILED .* - Device Farm session", run.output, re.MULTILINE)
    assert f"{LOST}: the run ends" in run.output
    assert run.properties["devicefarm.session.result"] == "ERRORED"
    assert [line for line in run.output.splitlines() if line.startswith("ERROR: ")] == [f"ERROR: {LOST}"]


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_failure_of_a_tests_own_before(background, farm, pytester, dist):
    """The run is red anyway: exit code 1."""
    server = farm(sessions=(dying(seconds=4.0),))
    pytester.makepyfile("def test_a(devicefarm_session): assert 0, 'own'\n" + SUITE.replace("\n    ", "\n"))
    run = background(f"--devicefarm-session={server.attached}", *dist, against=server)
    assert run.end() == 1, run.output
    own = run.testcases["test_a"].find("failure").attrib["message"]
    assert own.startswith("AssertionError: own")
    assert LOST in run.output


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_skip_skips_what_remains_for_it(background, farm, pytester, dist):
    """The test that broke has failed, those that were to follow are skipped for that reason, free tests run; 69."""
    server = farm(sessions=(dying(),))
    pytester.makepyfile(
        SUITE
        + """
    @pytest.mark.parametrize("n", range(3))
    def test_free(n): pass
        """
    )
    run = background(f"--devicefarm-session={server.attached}", "--devicefarm-lost=skip", *dist, against=server)
    assert run.end() == 69, run.output
    outcomes = run.outcomes
    assert len(outcomes) == 23
    assert outcomes.count("failed") == 1
    skips = [each.attrib["message"] for each in run.junit.iter("skipped")]
    assert len(skips) > 2
    assert set(skips) == {LOST}
    assert all(not list(run.testcases[f"test_free[{n}]"].findall("skipped")) for n in range(3))


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("lost", ["stop", "skip"])
def test_what_tests_share_is_torn_down_with_the_test_that_broke(background, farm, pytester, lost, dist):
    """A driver of the user's that cannot be quit any more is no failure of a test's own, and no crash of the run."""
    server = farm(sessions=(dying(),))
    pytester.makepyfile(
        SUITE.replace("def test_it(devicefarm_session, n)", "def test_it(driver, devicefarm_session, n)")
        + """
    @pytest.fixture(scope="session")
    def driver(devicefarm_session):
        yield
        assert status(devicefarm_session) == "RUNNING", "it cannot be quit"

    def test_free(): pass
        """
    )
    run = background(f"--devicefarm-session={server.attached}", f"--devicefarm-lost={lost}", *dist, against=server)
    assert run.end() == 69, run.output
    (broken,) = [each for each in run.junit.iter("error") if "it cannot be quit" in (each.text or "")]
    assert LOST in broken.attrib["message"]
    assert "INTERNALERROR" not in run.output
    assert ("test_free" in run.testcases) or lost == "stop"


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("lost", ["stop", "skip"])
def test_reruns_do_not_hide_it(background, farm, pytester, lost, dist):
    """With --reruns the test that broke is in the report all the same, as broken by the session's end."""
    server = farm(sessions=(dying(),))
    pytester.makepyfile(SUITE)
    run = background(
        f"--devicefarm-session={server.attached}", f"--devicefarm-lost={lost}", "--reruns=2", *dist, against=server
    )
    assert run.end() == 69, run.output
    (broken,) = [each for each in run.junit.iter("testcase") if each.find("error") is not None][:-1]
    assert LOST in broken.find("error").attrib["message"]
    assert broken.find("error").text.count(LOST) == 1
    assert run.outcomes.count("error") == 1
    ran = set(run.testcases) - {"devicefarm"}  # each try has a testcase
    assert (len(ran) == 20) is (lost == "skip")


@needs_xdist
@pytest.mark.parametrize("lost", ["stop", "skip"])
def test_one_of_two_sessions(background, farm, pytester, lost):
    """`stop` ends the whole run; with `skip` the other session takes all that remains, and only one test has failed."""
    server = farm(sessions=(dying(1), living(2)))
    pytester.makepyfile(SUITE)
    sessions = [f"--devicefarm-session={ARN.format(number)}" for number in (1, 2)]
    run = background(*sessions, f"--devicefarm-lost={lost}", "-n2", against=server)
    code = run.end()
    assert run.outcomes.count("failed") == 1, run.output
    if lost == "stop":
        assert code == 69
        assert len(run.outcomes) < 20
    else:
        assert len(run.outcomes) == 20
        skipped = run.outcomes.count("skipped")  # at most what its worker had been handed already
        assert skipped <= 1
        assert code == (69 if skipped else 1)


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize(
    "kind", ["assert", "exception", "pytest.fail", "fixture", "session fixture", "teardown", "unittest", "strict xfail"]
)
def test_every_kind_of_failure_says_it(background, farm, pytester, kind, dist):
    """Set-up, call or tear-down, an assertion or anything else: the message begins with the session's end."""
    bodies = {
        "assert": "def test_it(ended): assert 0",
        "exception": "def test_it(ended): {}['x']",
        "pytest.fail": "def test_it(ended): pytest.fail('gone', pytrace=False)",
        "fixture": "@pytest.fixture\ndef broken(ended): raise OSError\ndef test_it(broken): pass",
        "session fixture": (
            "@pytest.fixture(scope='session')\ndef broken(ended): raise OSError\ndef test_it(broken): pass"
        ),
        "teardown": "@pytest.fixture\ndef broken(ended):\n    yield\n    raise OSError\ndef test_it(broken): pass",
        "unittest": (
            "import unittest\n@pytest.mark.usefixtures('ended')\nclass TestIt(unittest.TestCase):\n"
            "    def test_it(self): self.fail('gone')"
        ),
        "strict xfail": "@pytest.mark.xfail(raises=KeyError)\ndef test_it(ended): raise OSError",
    }
    server = farm(sessions=(living(1),))
    pytester.makepyfile(
        """
import boto3, pytest

@pytest.fixture(scope="session")
def ended(devicefarm_session):
    client = boto3.client("devicefarm", region_name="us-west-2")
    client.stop_remote_access_session(arn=devicefarm_session.arn)

"""
        + bodies[kind]
    )
    run = background(f"--devicefarm-session={server.attached}", *dist, against=server)
    assert run.end() == 69, run.output
    found = [*run.junit.iter("failure"), *run.testcases["test_it"].iter("error")]
    assert len(found) == 1
    assert "Device Farm session ended: status " in found[0].attrib["message"]


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_healthy_session_is_looked_at_once_in_five_seconds(background, farm, pytester, dist):
    """Failures on it are reported as they are; twenty of them at once cost one reading."""
    server = farm()
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("n", range(20))
        def test_it(devicefarm_session, n): assert n > 100, "own"
        def test_free(): assert 0
        """
    )
    run = background(f"--devicefarm-session={server.attached}", *dist, against=server)
    assert run.end() == 1, run.output
    messages = {each.attrib["message"] for each in run.junit.iter("failure") if "own" in each.attrib["message"]}
    assert {message.splitlines()[0] for message in messages} == {"AssertionError: own"}
    assert len(server.calls("GetRemoteAccessSession")) in (
        3,
        4,
    )  # the first, one look (two on a slow machine), the last


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_passing_tests_cost_no_reading(background, farm, pytester, dist):
    """Nor do failures of tests that use no session, nor skips, nor xfails by pytest.xfail."""
    server = farm()
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("n", range(20))
        def test_it(devicefarm_session, n): pass
        def test_free(): assert 0
        def test_skips(devicefarm_session): pytest.skip()
        def test_xfails(devicefarm_session): pytest.xfail()
        """
    )
    run = background(f"--devicefarm-session={server.attached}", *dist, against=server)
    assert run.end() == 1, run.output
    assert len(server.calls("GetRemoteAccessSession")) == 2


@needs_endpoints
@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_session_that_ends_soon_after_a_look(background, farm, pytester, dist):
    """Its Appium endpoint tells that something is wrong: the next failure is not taken for the test's own."""
    server = farm(sessions=(dying(seconds=2.0),))
    pytester.makepyfile(
        """
        import urllib.request

        def test_own(devicefarm_session): assert 0, "own"
        def test_driver(devicefarm_session):
            while True:
                urllib.request.urlopen(devicefarm_session.endpoints.remote_driver_endpoint + "/status").close()
        """
    )
    run = background(f"--devicefarm-session={server.attached}", *dist, against=server)
    assert run.end() == 1, run.output
    assert LOST in run.testcases["test_driver"].find("failure").attrib["message"]
    assert LOST not in run.testcases["test_own"].find("failure").attrib["message"]


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_notice_before_the_end(background, farm, pytester, dist):
    """A session that was started 145 minutes ago ends soon: the user is told so, once."""
    server = farm(sessions=(Session(fields={"started": time.time() - 145 * 60}),))
    pytester.makepyfile(
        """
        import time
        def test_it(devicefarm_session): pass
        def test_later(devicefarm_session): time.sleep(1)
        def test_last(devicefarm_session): pass
        """
    )
    run = background(f"--devicefarm-session={server.attached}", *dist, against=server)
    assert run.end() == 0, run.output
    assert run.output.count("ends in 5 minutes: a session lasts 150 minutes at most") == 1
