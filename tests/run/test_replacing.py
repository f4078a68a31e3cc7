"""``--devicefarm-lost=replace``: a like session is created, and the tests that the loss broke run again on it."""

from __future__ import annotations

import pytest
from conftest import DISTRIBUTIONS, needs_xdist

from pytest_devicefarm.emulator import Fault

#: `die` ends the test's session; `alive` fails on a session that has ended, as a driver would.
HELPERS = """
import os, pathlib, unittest
import boto3, pytest

def client():
    return boto3.client("devicefarm", region_name="us-west-2")

def once(name):
    try:
        os.close(os.open(name, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True

def die(session):
    client().stop_remote_access_session(arn=session.arn)

def alive(session):
    status = client().get_remote_access_session(arn=session.arn)["remoteAccessSession"]["status"]
    assert status == "RUNNING", status

@pytest.fixture(scope="session")
def of_session(devicefarm_session): return devicefarm_session.arn
@pytest.fixture(scope="module")
def of_module(devicefarm_session): return devicefarm_session.arn
@pytest.fixture(scope="class")
def of_class(devicefarm_session): return devicefarm_session.arn
@pytest.fixture
def of_function(devicefarm_session): return devicefarm_session.arn

@pytest.fixture(autouse=True)
def reported(devicefarm_session, of_session, of_module, of_class, of_function, record_property):
    assert {of_session, of_module, of_class, of_function} == {devicefarm_session.arn}
    record_property("ran on", devicefarm_session.arn)
"""
BEFORE_AND_AFTER = """
@pytest.mark.parametrize("n", range(3))
def test_before(devicefarm_session, n): alive(devicefarm_session)
{body}
@pytest.mark.parametrize("n", range(3))
def test_later(devicefarm_session, n): alive(devicefarm_session)
"""
KINDS = {
    "assert": """
def test_dies(devicefarm_session):
    if once("died"): die(devicefarm_session)
    alive(devicefarm_session)
""",
    "exception": """
def test_dies(devicefarm_session):
    if once("died"):
        die(devicefarm_session)
        raise OSError
""",
    "pytest.fail": """
def test_dies(devicefarm_session):
    if once("died"):
        die(devicefarm_session)
        pytest.fail("gone", pytrace=False)
""",
    "set-up": """
@pytest.fixture
def driver(devicefarm_session):
    if once("died"): die(devicefarm_session)
    alive(devicefarm_session)
def test_dies(driver): pass
""",
    "set-up for the run": """
@pytest.fixture(scope="session")
def driver(devicefarm_session):
    if once("died"): die(devicefarm_session)
    alive(devicefarm_session)
def test_dies(driver): pass
""",
    "tear-down": """
@pytest.fixture
def driver(devicefarm_session):
    yield
    if once("died"): die(devicefarm_session)
    alive(devicefarm_session)
def test_dies(driver): pass
""",
    "unittest": """
class TestCases(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def take(self, devicefarm_session): self.session = devicefarm_session
    def setUp(self): self.made = True
    def test_dies(self):
        self.assertTrue(self.made)
        if once("died"):
            die(self.session)
            self.fail("gone")
""",
    "class": """
class TestCases:
    def setup_method(self): self.count = 0
    def test_dies(self, devicefarm_session):
        self.count += 1
        assert self.count == 1
        if once("died"): die(devicefarm_session)
        alive(devicefarm_session)
""",
}


@pytest.mark.parametrize(
    "dist",
    [
        *DISTRIBUTIONS,
        pytest.param(("--reruns=1",), id="reruns"),
        pytest.param(("--reruns=1", "-n2"), id="reruns-n2", marks=needs_xdist),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_every_test_passes(background, farm, pytester, kind, dist):
    """However the loss shows, the test runs again on a session like it, with all fixtures made anew, and says that one."""
    server = farm()
    pytester.makepyfile(HELPERS + BEFORE_AND_AFTER.format(body=KINDS[kind]))
    run = background("--devicefarm-device=platform=IOS", "--devicefarm-lost=replace", *dist, against=server)
    assert run.end() == 0, run.output
    assert run.outcomes == ["passed"] * 7
    first, second = [each["arn"] for each in server.created]
    assert server.created[0]["device"]["arn"] == server.created[1]["device"]["arn"]
    for name, case in run.testcases.items():
        said = [
            each.attrib["value"] for each in case.iter("property") if each.attrib["name"] == "devicefarm.session.arn"
        ]
        before = "before" in name or (kind == "tear-down" and "dies" in name)
        assert said == [first if before else second], name
        ran = [each.attrib["value"] for each in case.iter("property") if each.attrib["name"] == "ran on"]
        assert ran[-1] == said[0]
    assert run.properties["devicefarm.session.arn"] == second
    assert run.properties["devicefarm.lost.1.session.arn"] == first
    assert run.properties["devicefarm.lost.1.session.status"] == "COMPLETED"
    assert ": another is created" in run.output
    assert server.running == []
    if "--reruns=1" in dist:
        assert "rerun" not in run.output.splitlines()[-1]


@needs_xdist
def test_one_of_two(background, farm, pytester):
    """The other session goes on meanwhile; the pool's properties keep their numbers."""
    server = farm()
    pytester.makepyfile(HELPERS + BEFORE_AND_AFTER.format(body=KINDS["assert"]))
    run = background("--devicefarm-device=2*platform=IOS", "--devicefarm-lost=replace", "-n2", against=server)
    assert run.end() == 0, run.output
    assert run.outcomes == ["passed"] * 7
    assert len(server.created) == 3
    numbered = {run.properties[f"devicefarm.{number}.session.arn"] for number in (1, 2)}
    assert run.properties["devicefarm.sessions"] == "2"
    assert {run.properties["devicefarm.lost.1.session.arn"], *numbered} == {each["arn"] for each in server.created}
    assert server.running == []


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_an_attached_session_is_not_replaced(background, farm, pytester, dist):
    """There is nothing to create it by: the run ends as with `stop`."""
    server = farm()
    pytester.makepyfile(HELPERS + BEFORE_AND_AFTER.format(body=KINDS["assert"]))
    run = background(f"--devicefarm-session={server.attached}", "--devicefarm-lost=replace", *dist, against=server)
    assert run.end() == 69, run.output
    assert server.created == []
    assert ": the run ends" in run.output


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_three_replacements_at_most(background, farm, pytester, dist):
    """A test that kills every session does not cost one after another for ever."""
    server = farm()
    pytester.makepyfile(
        HELPERS + "def test_dies(devicefarm_session):\n    die(devicefarm_session)\n    alive(devicefarm_session)\n"
    )
    run = background("--devicefarm-device=platform=IOS", "--devicefarm-lost=replace", *dist, against=server)
    assert run.end() == 69, run.output
    assert len(server.created) == 4
    assert run.outcomes == ["failed"]
    assert "Device Farm session ended" in run.junit.find(".//failure").attrib["message"]
    assert run.properties["devicefarm.lost.3.session.arn"] == server.created[2]["arn"]


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_replacement_that_does_not_come(background, farm, pytester, dist):
    """The test has failed of the loss, nothing more runs, and the run ends with 69 and the reason."""
    server = farm(faults=(Fault("CreateRemoteAccessSession", "limit-exceeded", calls=[2]),))
    pytester.makepyfile(HELPERS + BEFORE_AND_AFTER.format(body=KINDS["assert"]))
    run = background("--devicefarm-device=platform=IOS", "--devicefarm-lost=replace", *dist, against=server)
    assert run.end() == 69, run.output
    assert "Device Farm session ended" in run.junit.find(".//failure").attrib["message"]
    assert run.outcomes.count("passed") == 3
    assert "a quota of the account is reached" in run.output
    assert server.running == []


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_an_expected_failure(background, farm, pytester, dist):
    """An xfail that the loss brings about is none: the test runs again, and fails as it should."""
    server = farm()
    pytester.makepyfile(
        HELPERS
        + """
@pytest.mark.xfail(strict=True, raises=ZeroDivisionError)
def test_dies(devicefarm_session):
    if once("died"): die(devicefarm_session)
    alive(devicefarm_session)
    1 / 0
"""
    )
    run = background("--devicefarm-device=platform=IOS", "--devicefarm-lost=replace", *dist, against=server)
    assert run.end() == 0, run.output
    assert "1 xfailed" in run.output
    assert len(server.created) == 2
