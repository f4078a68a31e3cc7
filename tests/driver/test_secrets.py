"""The credential of the Appium endpoint is in no output, whatever breaks."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from conftest import DISTRIBUTIONS, LOUD, needs_endpoints

pytestmark = needs_endpoints

SUITE = """
    import logging, sys, urllib.request
    from appium.webdriver.common.appiumby import AppiumBy

    def test_finds_nothing(devicefarm_driver, devicefarm_session):
        executor = devicefarm_driver.command_executor
        config = executor.client_config
        address = config.remote_server_addr
        inside = [vars(executor), vars(config), vars(devicefarm_driver), executor._conn.connection_pool_kw]
        logging.getLogger("mine").debug("%r %r", inside, address)
        print(inside, address, devicefarm_driver, executor)
        devicefarm_driver.find_element(AppiumBy.ID, "none")

    def test_no_answer(devicefarm_driver):
        devicefarm_driver.title

    def test_a_page_that_repeats_it(devicefarm_driver):
        devicefarm_driver.orientation

    def test_compares(devicefarm_driver):
        assert devicefarm_driver.command_executor._path == "/"

    def test_no_answer_at_all(devicefarm_driver):
        devicefarm_driver.command_executor.client_config.timeout = 0.2
        devicefarm_driver.current_url
"""


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_no_output_has_the_secret(run, farm, appium, tests, pytester, dist):
    """Found nothing, an answer that repeats the path, a dropped connection, a time-out: with locals, full traces, and
    every log at DEBUG, it is neither in the terminal nor in the XML nor in any file under artifacts."""
    server = farm()
    token = endpoint_token(server)
    appium.answers["title"] = lambda asked: _vanish()
    appium.answers["orientation"] = lambda asked: (404, f"Cannot GET /appium/{token}/wd/hub/session/1/orientation")
    appium.answers["url"] = lambda asked: (appium.release.wait(5), (200, None))[1]
    tests(SUITE)
    pages = ["--html=report.html", "--self-contained-html"] if find_spec("pytest_html") else []
    result = run(*dist, *LOUD, *pages, against=server)
    assert result.code == 1
    assert result.suite.attrib["failures"] == "5", result.out
    # Where these are not in the output, the test shows nothing.
    for shown in (
        "selenium.webdriver.remote.remote_connection",
        "urllib3.connectionpool",
        "<redacted>",
        "remote_connection.py",
    ):
        assert shown in result.out, shown
    outputs = {"stdout": result.out.encode(), "stderr": result.err.encode()}
    outputs |= {str(path): path.read_bytes() for path in pytester.path.rglob("*") if path.is_file()}
    assert any("devicefarm-artifacts" in name for name in outputs)
    for name, content in outputs.items():
        assert token.encode() not in content, (name, context(content, token.encode()))


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_an_endpoint_that_vanishes(run, farm, appium, tests, pytester, dist):
    """Nothing listens any more: a refused connection, at a command and at a new session, tells no URL either."""
    server = farm()
    token = endpoint_token(server)
    tests(
        """
        def test_one(devicefarm_driver, devicefarm_client):
            import pathlib, time
            pathlib.Path("stop").touch()
            while not pathlib.Path("stopped").exists(): time.sleep(0.01)
            devicefarm_driver.title
        def test_two(devicefarm_driver): pass
        """
    )
    import threading

    def stop() -> None:
        while not (pytester.path / "stop").exists() and not done.wait(0.02):
            pass
        server.stop()
        (pytester.path / "stopped").touch()

    done = threading.Event()
    thread = threading.Thread(target=stop)
    thread.start()
    try:
        result = run(*dist, *LOUD, "--devicefarm-timeout=2", against=server)
    finally:
        done.set()
        thread.join()
    assert (
        "WebDriverException: Message: getTitle: no answer of the Appium endpoint (NewConnectionError) of session"
        in result.out
    )
    assert "no driver: no answer of the Appium endpoint (NewConnectionError)" in result.out
    for name, content in {"out": result.out, "err": result.err, "xml": result.report.read_text()}.items():
        assert token not in content, name


def endpoint_token(server) -> str:
    """What makes the endpoint of the emulator's first session secret."""
    return str(server.sessions[0]["endpoints"]["remoteDriverEndpoint"]).split("/appium/")[1].partition("/")[0]


def context(content: bytes, secret: bytes) -> bytes:
    at = content.find(secret)
    return content[max(0, at - 300) : at]


def _vanish():
    raise ConnectionAbortedError
