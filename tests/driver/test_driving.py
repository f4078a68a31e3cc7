"""driver/driving: one driver, and its commands one at a time."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

pytest.importorskip("appium")

from pytest_devicefarm.driver.driving import DriverSettings, Driving
from pytest_devicefarm.model.session import RemoteAccessSession

from .standin import StandIn

CAPABILITIES = {"platformName": "iOS", "appium:automationName": "XCUITest"}


def session(number: int, appium: StandIn) -> RemoteAccessSession:
    endpoints = {"remoteDriverEndpoint": f"{appium.url}/secret-{number}"}
    return RemoteAccessSession.from_response({"arn": f"arn:{number}", "status": "RUNNING", "endpoints": endpoints})


def driving(sessions: list[RemoteAccessSession], keep_alive: float = 0) -> Driving:
    """On the last of the sessions."""
    settings = DriverSettings(
        scope="session", keep_alive=keep_alive, keep_alive_limit=1200, artifacts_dir=Path(), patience=0
    )
    return Driving(settings, lambda: sessions[-1])


def test_keep_alive_waits_for_no_command(appium: StandIn) -> None:
    """While a command of the test is under way nothing is sent beside it; afterwards it is, and it is Appium's own."""
    arrived = threading.Event()

    def slow(asked: object) -> tuple[int, str]:
        arrived.set()
        appium.release.wait(10)
        return 200, "slow"

    appium.answers["title"] = slow
    process = driving([session(1, appium)])
    driver = process.open(CAPABILITIES)
    alive = process._keep_alive
    assert alive is not None
    thread = threading.Thread(target=lambda: driver.title)
    thread.start()
    assert arrived.wait(10)
    assert alive.send() is False
    appium.release.set()
    thread.join()
    assert alive.send() is True
    assert appium.commands() == ["session", "title", "timeouts"]
    assert [line.split()[1] for line in process.activity.log().splitlines()] == ["newSession", "getTitle", "keep-alive"]
    assert process.activity.figures.commands == 1, "it is not the test's"
    process.close()
    assert alive.clock.cancelled


def test_an_http_proxy_gets_the_whole_address(appium: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path is put in where the request names the host too; the stand-in is its own proxy."""
    monkeypatch.setenv("http_proxy", appium.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("HTTP_PROXY", appium.url)
    there = RemoteAccessSession.from_response(
        {"arn": "arn:1", "endpoints": {"remoteDriverEndpoint": "http://device.invalid/secret/wd/hub"}}
    )
    process = driving([there])
    process.open(CAPABILITIES)
    assert appium.paths[0] == "http://device.invalid/secret/wd/hub/session"
    process.close()


def test_time_outs(appium: StandIn) -> None:
    """A command may take a little more than Device Farm's four minutes; connecting, and leaving, far less."""
    process = driving([session(1, appium)])
    driver = process.open(CAPABILITIES)
    timeout = driver.command_executor.client_config.timeout
    assert (timeout.connect_timeout, timeout.read_timeout) == (10, 250)
    process.close()
    timeout = driver.command_executor.client_config.timeout
    assert (timeout.connect_timeout, timeout.read_timeout) == (10, 30)


def test_an_interrupt_passes_without_the_frames_below(appium: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """KeyboardInterrupt, and whatever a time-out plugin raises, stays itself; the frames that know the path are gone."""
    process = driving([session(1, appium)])
    driver = process.open(CAPABILITIES)

    def interrupted(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("socket.socket.sendall", interrupted)
    with pytest.raises(KeyboardInterrupt) as caught:
        driver.page_source  # noqa: B018
    monkeypatch.undo()
    assert Path(str(caught.traceback[-1].path)).name == "connection.py"
    assert not [each for each in caught.traceback if Path(str(each.path)).name in ("client.py", "connectionpool.py")]
    process.close()
