"""What users implement: hooks in the order of a run, hooks that raise, clients that misbehave."""

from __future__ import annotations

import json

import pytest
from conftest import DISTRIBUTIONS, EXAMPLE_ARN

from pytest_devicefarm.emulator import Scenario, Session, Step


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_hooks_are_called_in_order(run, emulator, pytester, dist):
    """Each hook of a conftest file gets what its specification says; properties go on tests and on the suite."""
    pytester.makeconftest(
        """
        import json, os
        import boto3

        told = []
        def pytest_devicefarm_client(config):
            if not hasattr(config, "workerinput"):
                told.append("client")
                return boto3.client("devicefarm", region_name="us-west-2")
        def pytest_devicefarm_status(config, session, previous):
            told.append(f"status {previous and previous.status} {session.status}")
        def pytest_devicefarm_ready(config, session):
            told.append(f"ready {session.device.name}")
        def pytest_devicefarm_properties(config, session):
            return {"mine.build": 42, "mine.nothing": None}
        def pytest_devicefarm_finished(config, session):
            told.append(f"finished {session.status}")
            with open("told.json", "w") as file: json.dump(told, file)
        """
    )
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    steps = (Step("PREPARING", 0.5), Step("RUNNING"))
    server = emulator(Scenario(sessions=(Session(steps=steps, from_first_read=True),)))
    result = run(*dist, against=server)
    assert result.code == 0
    assert json.loads((pytester.path / "told.json").read_text()) == [
        "client",
        "status None PREPARING",
        "status PREPARING RUNNING",
        "ready Apple iPhone 15 Pro",
        "finished RUNNING",
    ]
    assert result.properties("test_it")["mine.build"] == result.suite_properties["mine.build"] == "42"
    assert "mine.nothing" not in result.suite_properties


HOOKS = {
    "status": "def pytest_devicefarm_status(session): raise ValueError('broken')",
    "ready": "def pytest_devicefarm_ready(session): raise ValueError('broken')",
    "properties": "def pytest_devicefarm_properties(session): raise ValueError('broken')",
    "finished": "def pytest_devicefarm_finished(session): raise ValueError('broken')",
}


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_that_raises_is_one_line(run, emulator, pytester, hook, dist):
    """The tests run, every report is written, and the run ends with 4 and the hook's error."""
    pytester.makeconftest(HOOKS[hook])
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    result = run(*dist, against=emulator(Scenario()))
    assert result.error_line == f"ERROR: the hook pytest_devicefarm_{hook} raised ValueError: broken"
    assert result.properties("test_it")["devicefarm.session.arn"] == EXAMPLE_ARN
    assert "Traceback" not in result.out + result.err
    assert result.code == 4


def test_a_client_hook_that_raises_is_one_line(run, pytester):
    """Nothing is started, and the line names the hook."""
    pytester.makeconftest("def pytest_devicefarm_client(): raise ValueError('broken')")
    result = run("--devicefarm-emulator")
    assert result.error_line == "ERROR: the hook pytest_devicefarm_client raised ValueError: broken"
    assert result.code == 4


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("body", ["time.sleep(1000)", "raise SystemExit"])
def test_a_client_that_hangs_or_gives_up_ends_the_wait(run, pytester, body, dist):
    """Whatever a user's client does, the run ends with 69: at the latest one read time-out after the deadline."""
    pytester.makeconftest(
        f"""
        import time

        class Client:
            def get_remote_access_session(self, arn): {body}

        def pytest_devicefarm_client(): return Client()
        """
    )
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    result = run(*dist, f"--devicefarm-session={EXAMPLE_ARN}", "--devicefarm-timeout=1")
    hung = "Device Farm has not answered within 1s (--devicefarm-timeout); try again later"
    broken = "waiting for the session broke off: SystemExit"
    assert result.error_line == f"ERROR: {hung if 'sleep' in body else broken}"
    assert result.code == 69
