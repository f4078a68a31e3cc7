"""Nothing sensitive is in any output of a run."""

from __future__ import annotations

import pytest
from conftest import DISTRIBUTIONS, needs_endpoints

from pytest_devicefarm.emulator import Scenario, Session

CANARIES = {
    "endpoint": "wss://canary-endpoint.example/1",
    "endpoints": {
        "remoteDriverEndpoint": "wss://canary-driver.example/2",
        "interactiveEndpoint": "https://canary-interactive.example/3",
    },
}


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_no_endpoint_is_in_any_output(run, emulator, pytester, dist):
    """Planted in every sensitive field, the canaries are in no output: terminal with locals and debug logs, XML, files."""
    pytester.makeconftest(
        """
        def pytest_devicefarm_properties(config, session):
            return {"mine": f"see {session.endpoint}", "also": session.endpoints}
        """
    )
    pytester.makepyfile(
        """
        import logging

        def test_compares(devicefarm_session):
            assert devicefarm_session.endpoint == "https://other.example/"
        def test_fails(devicefarm_session, devicefarm_device, devicefarm_client):
            snapshot = devicefarm_session.snapshot
            raw = snapshot.raw
            endpoint, endpoints = devicefarm_session.endpoint, devicefarm_session.endpoints
            answer = devicefarm_client.list_projects()
            devicefarm_client.get_remote_access_session(arn=snapshot.arn)  # its body is in botocore's debug log
            values = [snapshot, raw, endpoint, endpoints, vars(snapshot)]
            logging.getLogger("mine").debug("%r", values)
            assert not values
        """
    )
    server = emulator(Scenario(sessions=(Session(fields=CANARIES),)))
    result = run(*dist, "-vv", "--showlocals", "-o", "log_level=DEBUG", "-o", "junit_logging=all", against=server)
    assert result.code == 1
    assert "<redacted>" in result.out
    assert "Response body" in result.out, "botocore's debug log is not in the output, so this test shows nothing"
    written = {path: path.read_bytes() for path in pytester.path.rglob("*") if path.is_file()}
    outputs = {"stdout": result.out.encode(), "stderr": result.err.encode(), **written}
    assert result.report in outputs
    for name, content in outputs.items():
        assert b"canary" not in content or b"CANARIES" in content, name


@needs_endpoints
@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_failing_wait_shows_no_endpoint(run, emulator, pytester, dist):
    """Errors about the Appium endpoint name the session, never the URL, with --full-trace too."""
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    server = emulator(Scenario(sessions=(Session(endpoint_bad_answers=1000),)))
    result = run(
        *dist,
        "--devicefarm-timeout=1",
        "--full-trace",
        "-o",
        "log_level=DEBUG",
        "--log-cli-level=DEBUG",
        against=server,
    )
    assert "its Appium endpoint does not answer yet" in result.err
    for output in (result.out, result.err, result.report.read_text()):
        assert "/appium/" not in output
    assert result.code == 69
