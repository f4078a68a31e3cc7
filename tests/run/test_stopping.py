"""Created sessions are stopped however a run ends; attached ones never."""

from __future__ import annotations

import re
import signal
import xml.etree.ElementTree as ET

import pytest
from conftest import DISTRIBUTIONS, needs_xdist

from pytest_devicefarm.emulator import Fault

from .conftest import until

ANDROID = """
import pytest
pytestmark = pytest.mark.devicefarm(platform="ANDROID")  # so that the attached one, an iPhone, does not do
"""
ENDINGS = {
    "passes": ("", "def test_last(devicefarm_session): pass", 0),
    "fails": ("", "def test_last(devicefarm_session): assert 0", 1),
    "exits": ("", "def test_last(devicefarm_session): pytest.exit('enough', returncode=7)", 7),
    "is interrupted": ("", "def test_last(devicefarm_session): raise KeyboardInterrupt", 2),
    "has a hook that raises": (
        "def pytest_runtest_logreport(report):\n    if report.when == 'call': raise ValueError('broken')",
        "def test_last(devicefarm_session): pass",
        3,
    ),
    "has a plug-in that raises at the end": (
        "def pytest_sessionfinish(): raise ValueError('broken')",
        "def test_last(devicefarm_session): pass",
        1,
    ),
}


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("ending", ENDINGS)
def test_created_sessions_are_stopped_at_the_end(background, farm, pytester, ending, dist):
    """Whatever ends the run, what it created has its Stop, and what the user named has none."""
    server = farm()
    conftest, body, code = ENDINGS[ending]
    pytester.makeconftest(conftest)
    pytester.makepyfile(ANDROID + body)
    run = background(
        f"--devicefarm-session={server.attached}", "--devicefarm-device=platform=ANDROID", *dist, against=server
    )
    ended = run.end()
    assert len(server.created) == 1, run.output
    assert server.running == [], run.output
    assert set(server.stopped) == {server.created[0]["arn"]}
    if not dist or ending in ("passes", "fails", "is interrupted"):  # of a worker's own exit xdist makes its own code
        assert ended == code, run.output


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_the_first_failure_ends_it(background, farm, pytester, dist):
    """-x: sessions are stopped as after the last test."""
    server = farm()
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("n", range(20))
        def test_it(devicefarm_session, n): assert 0
        """
    )
    run = background("--devicefarm-device=2*platform=ANDROID", "-x", *dist, against=server)
    assert run.end() in (1, 2), run.output
    assert server.created
    assert server.running == []


@needs_xdist
def test_a_crashed_worker_leaves_no_session(background, farm, pytester):
    """Nor does one that is not replaced."""
    server = farm()
    pytester.makepyfile("import os\ndef test_it(devicefarm_session): os._exit(7)\ndef test_b(devicefarm_session): pass")
    run = background("--devicefarm-device=platform=IOS", "-n1", "--max-worker-restart=0", against=server)
    assert run.end() == 1, run.output
    assert len(server.created) == 1
    assert server.running == []


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_an_interrupt_while_collecting(background, farm, pytester, dist):
    """Nothing is created before collection has shown that a test needs it; an attached one is stopped if asked for."""
    server = farm()
    pytester.makepyfile(
        """
        import pathlib, time
        pathlib.Path("collecting").touch()
        time.sleep(100)
        def test_it(devicefarm_session): pass
        """
    )
    run = background(
        f"--devicefarm-session={server.attached}",
        "--devicefarm-stop",
        "--devicefarm-device=platform=IOS",
        *dist,
        against=server,
    )
    run.wait_for("collecting")
    assert until(lambda: server.calls("GetRemoteAccessSession"))
    run.send(signal.SIGINT)
    assert run.end() == 2, run.output
    assert server.created == []
    assert list(server.stopped) == [server.attached]


LOUD = "COULD NOT BE STOPPED AND MAY COST MONEY"


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("kind", ["access-denied", "hang"])
def test_a_session_that_cannot_be_stopped_is_loud(background, farm, pytester, kind, dist):
    """Exit code 70, and the ARN, the console page and the command in the error, on the terminal and in the XML."""
    server = farm(faults=(Fault("StopRemoteAccessSession", kind),))
    pytester.makeconftest(
        """
        from pytest_devicefarm.farm import client
        from pytest_devicefarm.run import owner

        client.READ_TIMEOUT = 0.5
        owner._PATIENCE = 1.0
        """
    )
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    run = background("--devicefarm-device=platform=IOS", *dist, against=server)
    assert run.end() == 70, run.output
    arn = server.created[0]["arn"]
    line = next(each for each in run.output.splitlines() if each.startswith("ERROR: "))
    assert f"session {arn} {LOUD}" in line
    assert "home#/mobile/projects/" in line
    assert line.endswith(f"aws devicefarm stop-remote-access-session --region us-west-2 --arn {arn}")
    error = next(ET.parse(run.report).iter("error"))
    assert LOUD in error.attrib["message"]


@pytest.mark.parametrize("kinds", ["drop", "server-error", "throttling", "garbage"])
def test_a_stop_that_works_in_the_end_is_fine(background, farm, pytester, kinds):
    """Two Stop calls that fail are tried again, and nobody hears of them."""
    server = farm(faults=(Fault("StopRemoteAccessSession", kinds, calls=[1, 2]),))
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    run = background("--devicefarm-device=platform=IOS", against=server)
    assert run.end() == 0, run.output
    assert "ERROR" not in run.output
    assert len(server.calls("StopRemoteAccessSession")) == 3
    assert server.running == []


def test_a_session_that_ended_by_itself_needs_no_stop(background, farm, pytester):
    """A Stop that is refused does no harm where the session is over already."""
    server = farm(faults=(Fault("StopRemoteAccessSession", "argument", calls={"every": 2}),))
    pytester.makepyfile(
        """
        import boto3

        def test_it(devicefarm_session):
            client = boto3.client("devicefarm", region_name="us-west-2")
            client.stop_remote_access_session(arn=devicefarm_session.arn)
        """
    )
    run = background("--devicefarm-device=platform=IOS", against=server)
    assert run.end() == 0, run.output
    assert re.search(r" COMPLETED\nNO_VIDEO, result STOPPED\n", run.output)
