"""When there is no driver: what is tried again, and what a failure says."""

from __future__ import annotations

import pytest
from conftest import DISTRIBUTIONS, MODEL, needs_endpoints

from pytest_devicefarm.emulator import Scenario, Session

from .standin import error

ARN = "arn:aws:devicefarm:us-west-2:123456789101:session:EXAMPLE-PROJECT/EXAMPLE-SESSION/00000"
PAGE = "https://us-west-2.console.aws.amazon.com/devicefarm/home#/mobile/projects/EXAMPLE-PROJECT/sessions/EXAMPLE-SESSION/00000"
PLACE = f"session 'EXAMPLE session' {ARN} (last seen RUNNING, {PAGE})"
NAMED = Scenario(sessions=(Session(arn=ARN),))
TEST = "def test_it(devicefarm_driver): devicefarm_driver.page_source"


def endpoints(url: str | None) -> Scenario:
    """A session whose Appium endpoint is this."""
    fields = {"endpoints": {"remoteDriverEndpoint": url}} if url else {}
    return Scenario(sessions=(Session(arn=ARN, fields=fields, omit=() if url else ("endpoints",)),))


@needs_endpoints
@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("status", [400, 503])
def test_an_endpoint_that_is_not_ready_is_asked_again(run, farm, appium, tests, dist, status):
    """An answer of 400, which a fresh endpoint may give, is no failure."""
    appium.answers["session"] = lambda asked: (
        (status, "not yet") if len(appium.commands()) == 1 else appium.answer(asked)
    )
    tests(TEST)
    result = run(*dist, against=farm(NAMED))
    assert result.code == 0, result.out
    assert appium.commands() == ["session", "session", "source", "quit"]


@needs_endpoints
@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, error("invalid argument", "bad\nvalue"), "HTTP 400, invalid argument: bad value"),
        (500, error("session not created", "no such app"), "HTTP 500, session not created: no such app"),
        (403, "<html>Forbidden</html>", "HTTP 403"),
    ],
)
def test_a_refusal_is_one_line(run, farm, appium, tests, dist, status, body, said):
    """Status, WebDriver's error, session and console page, at once and without a traceback; the next test goes on."""
    appium.answers["session"] = lambda asked: (status, body)
    tests(TEST + "\ndef test_free(): pass")
    result = run(*dist, against=farm(NAMED))
    assert result.code == 1
    message = result.testcases["test_it"].findtext("error")
    assert message == f"no driver: {said}; {PLACE}"
    assert appium.commands() == ["session"]
    assert "Traceback" not in result.out
    assert "/appium/" not in result.out
    assert result.suite.attrib["tests"] == "2"


@needs_endpoints
def test_the_deadline_is_the_runs(run, farm, appium, tests):
    """An endpoint that never gets ready ends at the time-out, and the message says for how long it was asked."""
    appium.answers["session"] = lambda asked: (400, "not yet")
    tests(TEST)
    result = run("--devicefarm-timeout=2", against=farm(NAMED))
    assert f"no driver: HTTP 400, asked for 2s; {PLACE}" in result.out
    assert 2 <= len(appium.commands()) <= 4


@needs_endpoints
@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_an_endpoint_that_is_a_websocket(run, farm, tests, dist):
    """Its scheme is said, never the rest of it."""
    tests(TEST)
    result = run(*dist, against=farm(endpoints("wss://canary.example/1")))
    message = result.testcases["test_it"].findtext("error")
    assert message.startswith("the Appium endpoint is a wss: address")
    assert message.endswith(PLACE)
    assert "canary" not in result.out


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_no_endpoint(run, farm, tests, dist):
    """With a boto3 that would see one, the session has none; an older one is named, with the remedy."""
    tests(TEST)
    result = run(*dist, against=farm(endpoints(None)))
    assert result.code == 1
    if "endpoints" in MODEL.shape_for("RemoteAccessSession").members:
        assert "Device Farm tells no Appium endpoint (endpoints.remoteDriverEndpoint) of this session" in result.out
        assert PLACE in result.out
    else:
        assert (
            "cannot see the Appium endpoint of a session: 1.40.75 or newer is needed: pip install --upgrade 'boto3>=1.40.75'"
            in result.out
        )


@needs_endpoints
@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_driver_that_is_lost_says_where(run, farm, appium, tests, dist):
    """Device Farm's answer to a session that is gone gets the session and its page; the test's end is no error."""
    gone = error("invalid session id", "no running remote access session here")
    tests("def test_it(devicefarm_driver): devicefarm_driver.page_source")
    appium.answers["source"] = appium.answers["screenshot"] = appium.answers["quit"] = lambda asked: (404, gone)
    result = run(*dist, against=farm(NAMED))
    assert result.code == 1
    case = result.testcases["test_it"]
    assert f"no running remote access session here (HTTP 404); the driver is gone: {PLACE}" in case.findtext("failure")
    assert case.find("error") is None


@needs_endpoints
@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_page_of_html_says_where(run, farm, appium, tests, dist):
    """An answer that is not WebDriver's is told by its status; selenium alone would show the page, or nothing."""
    tests("def test_it(devicefarm_driver): devicefarm_driver.page_source")
    appium.answers["source"] = lambda asked: (502, "<html>Bad gateway</html>")
    result = run(*dist, against=farm(NAMED))
    assert f"WebDriverException: Message: HTTP 502 of the Appium endpoint of {PLACE}" in result.out
