"""Keep-alive against the emulator's idle limit, on a clock that runs fifty times as fast."""

from __future__ import annotations

import pytest
from conftest import DISTRIBUTIONS, needs_endpoints

from pytest_devicefarm.emulator import Clock, Scenario, Session

pytestmark = needs_endpoints

#: Its time begins with the run's first reading, so that starting the run takes nothing of the limit.
LIMITED = Scenario(sessions=(Session(limits=True, from_first_read=True),))
SLEEPS = """
    import time

    def test_sleeps(devicefarm_driver):
        devicefarm_driver.page_source
        time.sleep(8)  # more than six of the service's minutes
        devicefarm_driver.page_source
"""


def play(run, farm, *options):
    # Idle for 5 minutes ends a session: 6 s here.
    return run("-o", "devicefarm_keep_alive=1s", *options, against=farm(LIMITED, clock=Clock(speed=50)))


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_test_that_sleeps_survives(run, farm, appium, tests, dist):
    """Past the idle limit, its next command works: others were sent meanwhile."""
    tests(SLEEPS)
    result = play(run, farm, *dist)
    assert result.code == 0, result.out
    assert appium.commands().count("timeouts") >= 4
    assert result.suite_properties["devicefarm.session.status"] == "RUNNING"


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_without_it_the_session_is_gone(run, farm, appium, tests, dist):
    """0 is off: the next command fails, says that the session is gone and which, and is named as an idle loss."""
    tests(SLEEPS)
    result = play(run, farm, *dist, "-o", "devicefarm_keep_alive=0")
    assert result.code == 69
    assert "timeouts" not in appium.commands()
    assert "the driver is gone: session 'EXAMPLE session'" in result.out
    assert "message 'The session timed out after 5 minutes without activity'" in result.error_line
    assert result.suite_properties["devicefarm.session.status"] == "COMPLETED"


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_test_that_hangs_ends_by_the_limit(run, farm, appium, tests, dist):
    """After the limit nothing is sent for it, so Device Farm ends the session, and its next command the test."""
    tests(SLEEPS.replace("sleep(8)", "sleep(11)"))
    result = play(run, farm, *dist, "-o", "devicefarm_keep_alive_limit=2s")
    assert result.code == 69
    assert appium.commands().count("timeouts") in (1, 2)
    assert "keep-alive ends: the test is older than devicefarm_keep_alive_limit (2s)" in result.out
    assert "the driver is gone: session 'EXAMPLE session'" in result.out
    assert "message 'The session timed out after 5 minutes without activity'" in result.error_line
    assert result.suite_properties["devicefarm.session.status"] == "COMPLETED"
