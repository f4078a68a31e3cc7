"""The fixture `devicefarm_emulator`, for users' own tests of what talks to Device Farm."""

from __future__ import annotations

import pytest
from conftest import DISTRIBUTIONS

TESTS = """
    import boto3, pytest
    from pytest_devicefarm.emulator import Scenario, Session

    def client(emulator):
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
        return boto3.client("devicefarm", region_name="us-west-2", endpoint_url=emulator.url, **keys)

    @pytest.mark.parametrize("number", [1, 2])
    def test_own(devicefarm_emulator, number):
        client(devicefarm_emulator).list_projects()
        assert [call.operation for call in devicefarm_emulator.calls] == ["ListProjects"]
        assert devicefarm_emulator.clock.now() >= 0

    @pytest.mark.parametrize("devicefarm_emulator", ["interactive"], indirect=True)
    def test_name(devicefarm_emulator):
        (session,) = devicefarm_emulator.sessions
        assert (session["interactionMode"], session["status"]) == ("INTERACTIVE", "RUNNING")

    @pytest.mark.parametrize("devicefarm_emulator", [Scenario(sessions=(Session(name="mine"),))], indirect=True)
    def test_scenario(devicefarm_emulator):
        assert client(devicefarm_emulator).get_remote_access_session(
            arn=devicefarm_emulator.default_session_arn
        )["remoteAccessSession"]["name"] == "mine"
"""


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_each_test_has_an_emulator_of_its_own(run, pytester, dist):
    """A fresh one, of the scenario that the test names, without any option and without a session of the run."""
    pytester.makepyfile(TESTS)
    result = run(*dist)
    assert result.code == 0, result.out
    assert len(result.testcases) == 4
    assert not any(result.properties(name) for name in result.testcases)


def test_a_scenario_that_is_none_fails_in_one_line(run, pytester):
    """The name, and the names that there are; no traceback."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("devicefarm_emulator", ["none"], indirect=True)
        def test_it(devicefarm_emulator): pass
        """
    )
    result = run()
    assert result.code == 1
    assert "no scenario 'none': take dies-mid-run, " in result.out
    assert "Traceback" not in result.out
    assert "fixtures.py" not in result.out
