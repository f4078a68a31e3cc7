"""A driver on a session that dies and is replaced."""

from __future__ import annotations

import re

import pytest
from conftest import DISTRIBUTIONS, needs_endpoints

from pytest_devicefarm.emulator import Scenario, Step

pytestmark = needs_endpoints

SUITE = """
    import os
    import boto3

    def test_before(devicefarm_driver): assert devicefarm_driver.page_source
    def test_dies(devicefarm_driver, devicefarm_session):
        if not os.path.exists("died"):
            open("died", "w").close()
            boto3.client("devicefarm", region_name="us-west-2").stop_remote_access_session(arn=devicefarm_session.arn)
        assert devicefarm_driver.page_source
    def test_after(devicefarm_driver): assert devicefarm_driver.page_source
"""


@pytest.mark.parametrize("scope", ["function", "session"])
@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_the_next_driver_is_on_the_new_session(run, farm, tests, dist, scope):
    """The test that the loss broke runs again with a driver on the new session, and so do the tests after it."""
    server = farm(Scenario(boot=(Step("PREPARING", 0.1), Step("RUNNING")), stop_seconds=0.1))
    tests(SUITE)
    created = ("--devicefarm-device=platform=IOS", "--devicefarm-lost=replace")
    result = run(*created, *dist, "-o", f"devicefarm_driver_scope={scope}", against=server, session=[])
    assert result.code == 0, result.out
    before, dies, after = (
        result.properties(f"test_{name}")["devicefarm.session.arn"] for name in ("before", "dies", "after")
    )
    assert before != dies == after
    # The lost session's commands are not the new one's.
    assert result.properties("test_dies")["devicefarm.driver.new_sessions"] == "1"
    assert result.properties("test_dies")["devicefarm.driver.commands"] == ("2" if scope == "function" else "1")
    assert result.suite_properties["devicefarm.lost.1.session.arn"] == before
    assert re.findall("^(.*) driver: ", result.out, re.MULTILINE) == ["1", "lost.1"]
    assert not [
        each
        for each in server.sessions
        if each["name"].startswith("pytest-devicefarm/") and each["status"] == "RUNNING"
    ]
