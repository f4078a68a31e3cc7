"""An Appium server behind the endpoints of sessions: what goes through, and when."""

import json
import logging
import socket
import threading
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC
from typing import Any

import pytest

from pytest_devicefarm.emulator import Emulator, Session, Step, proxy

from .conftest import Serve, client, session_of
from .endpoint_client import ANDROID, Driver
from .webdriver import NO_SUCH_ELEMENT, WebDriver

OTHER_ARN = "arn:aws:devicefarm:us-west-2:123456789101:session:EXAMPLE-GUID-123-456/other"


def test_commands_go_through_and_come_back(serve: Serve, appium: WebDriver) -> None:
    """Method, path, query, body and type reach Appium below its own base path; its answer comes back."""
    driver = Driver(serve())
    assert driver.begin()["sessionId"] == "s1"
    assert driver.send("GET", "/session/s1/source?a=%2Fb")[0] == 200
    assert driver.send("POST", "/session/s1/url", {"url": "https://example.com"}) == (200, b'{"value": null}')
    assert driver.send("DELETE", "/session/s1") == (200, b'{"value": null}')
    assert [(asked.method, asked.path) for asked in appium.asked] == [
        ("POST", "/base/session"),
        ("GET", "/base/session/s1/source?a=%2Fb"),
        ("POST", "/base/session/s1/url"),
        ("DELETE", "/base/session/s1"),
    ]
    assert appium.asked[0].json == {"capabilities": {"alwaysMatch": ANDROID}}
    assert appium.asked[2].content_type == "application/json; charset=utf-8"


def test_appiums_own_errors_are_not_touched(serve: Serve) -> None:
    """Status and body of an error, stacktrace and all, are Appium's."""
    driver = Driver(serve())
    driver.begin()
    found = driver.send("POST", "/session/s1/element", {"using": "id", "value": "none"})
    assert found == (404, NO_SUCH_ELEMENT)


def test_status_is_that_of_the_appium_server(serve: Serve) -> None:
    """`/status` tells the version of the server behind it, as in the guide's example (appium-endpoint-interaction)."""
    assert Driver(serve()).value("GET", "/status")["build"] == {"version": "0"}


def test_the_endpoint_is_open_while_the_session_runs(serve: Serve, appium: WebDriver) -> None:
    """404 before RUNNING and after it, 400 for the first requests, and nothing of these reaches Appium."""
    steps = (Step("PREPARING", 10), Step("RUNNING", 10), Step("COMPLETED"))
    emulator = serve(Session(steps=steps, endpoint_bad_answers=1))
    driver = Driver(emulator)
    seen = [driver.send("GET", "/status")[0]]
    emulator.clock.advance(10)
    seen += [driver.send("GET", "/status")[0] for _ in range(2)]
    emulator.clock.advance(10)
    seen += [driver.send("POST", "/session", {})[0]]
    assert seen == [404, 400, 200, 404]
    assert len(appium.asked) == 1


@pytest.mark.parametrize(("command", "lives"), [("/session/s1/source", True), ("/status", False)])
def test_commands_are_activity_and_status_is_none(serve: Serve, command: str, lives: bool) -> None:
    """Guide, appium-endpoint-interaction: after more than 5 minutes without activity the session ends. Whether
    `/status` counts is unknown, so nobody should rely on it."""
    emulator = serve(Session(limits=True))
    driver = Driver(emulator)
    driver.begin()
    for _ in range(3):
        emulator.clock.advance(240)
        driver.send("GET", command)
    assert (session_of(emulator)["status"] == "RUNNING") is lives


def test_the_log_of_the_session_has_its_commands(serve: Serve) -> None:
    """Guide, appium-endpoint-server-logs: the log can be downloaded while the session runs."""
    emulator = serve()
    driver = Driver(emulator)
    driver.begin()
    driver.send("GET", "/session/s1/source")
    found = client(emulator).list_artifacts(arn=emulator.default_session_arn, type="FILE")["artifacts"]
    (url,) = [artifact["url"] for artifact in found if artifact["type"].startswith("APPIUM_SERVER")]
    with urllib.request.urlopen(url) as log:
        lines = log.read().decode().splitlines()
    assert [line.partition(" - ")[2] for line in lines] == [
        "[HTTP] POST /session -> 200",
        "[HTTP] GET /session/*/source -> 200",
    ]
    opened = session_of(emulator)["created"].astimezone(UTC)  # on a clock that nobody steps
    assert {line.partition(" - ")[0] for line in lines} == {
        f"{opened:%Y-%m-%d %H:%M:%S}:{opened.microsecond // 1000:03}"
    }


def in_background(stack: ExitStack, action: Callable[[], Any]) -> list[Any]:
    """The result, once the stack is left."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(action()))
    thread.start()
    stack.callback(thread.join)
    return results


def test_commands_run_one_after_another_and_status_does_not_wait(serve: Serve, appium: WebDriver) -> None:
    """Guide, limits: in the order received; getStatus in parallel."""
    emulator = serve()
    Driver(emulator).begin()
    slow, quick, status = (Driver(emulator) for _ in range(3))
    with ExitStack() as stack:
        titles = in_background(stack, lambda: slow.send("GET", "/session/s1/title"))
        assert appium.arrived.wait(20)
        sources = in_background(stack, lambda: quick.send("GET", "/session/s1/source"))
        assert status.send("GET", "/status")[0] == 200
        appium.release.set()
    assert (titles[0][0], sources[0][0]) == (200, 200)
    events = [event for event in appium.events if event.endswith((" title", " source"))]
    assert events == ["begin title", "end title", "begin source", "end source"]


def test_turns_are_taken_in_the_order_of_coming() -> None:
    """The lock behind it is fair, which threading's own is not."""
    turns, order = proxy.Turns(), []

    def take(turn: int) -> None:
        with turns.wait(turn):
            order.append(turn)

    tickets = [turns.come() for _ in range(9)]
    with ExitStack() as stack:
        for ticket in reversed(tickets[1:]):
            in_background(stack, lambda ticket=ticket: take(ticket))
        take(tickets[0])
    assert order == tickets


def test_sessions_do_not_wait_for_each_other(serve: Serve, appium: WebDriver) -> None:
    """One after another holds for each device: the other session answers while this one's command runs."""
    emulator = serve(Session(), Session(arn=OTHER_ARN))
    one, other = Driver(emulator), Driver(emulator, OTHER_ARN)
    one.begin()
    other.begin()
    with ExitStack() as stack:
        in_background(stack, lambda: one.send("GET", "/session/s1/title"))
        assert appium.arrived.wait(20)
        assert other.send("GET", "/session/s2/source")[0] == 200
        appium.release.set()


def test_a_webdriver_session_is_of_one_device(serve: Serve, appium: WebDriver) -> None:
    """Behind two sessions is one Appium here, but one for each on the service: ids do not cross."""
    emulator = serve(Session(), Session(arn=OTHER_ARN))
    Driver(emulator).begin()
    status, error, _ = Driver(emulator, OTHER_ARN).error("GET", "/session/s1/source")
    assert (status, error) == (404, "invalid session id")
    assert len(appium.asked) == 1


def test_a_command_that_takes_too_long_is_given_up(
    serve: Serve, appium: WebDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guide, limits: 4 minutes, "after which the command times out"; the next one is served."""
    assert proxy.COMMAND_SECONDS == 240
    driver = Driver(serve())
    driver.begin()
    monkeypatch.setattr(proxy, "COMMAND_SECONDS", 0.05)
    status, error, message = driver.error("GET", "/session/s1/title")
    assert (status, error) == (500, "timeout")
    assert "took longer than" in message
    monkeypatch.undo()
    assert driver.send("GET", "/session/s1/source")[0] == 200


@pytest.mark.parametrize("command", ["", "@127.0.0.1:1/", "x", "%40127.0.0.1:1/"])
def test_a_path_cannot_lead_elsewhere(serve: Serve, appium: WebDriver, command: str) -> None:
    """What follows the endpoint without a slash would become part of Appium's host or port."""
    assert Driver(serve()).error("GET", command)[:2] == (404, "unknown command")
    assert not appium.asked


def test_payloads_of_20_mb_pass_and_larger_ones_do_not(serve: Serve, appium: WebDriver) -> None:
    """Guide, limits: input and output up to 20MB; beyond it, WebDriver's 'unsupported operation'."""
    driver = Driver(serve())
    driver.begin()
    largest = b'"' + b"a" * (proxy.MAX_PAYLOAD - 2) + b'"'
    assert driver.send("POST", "/session/s1/url", largest)[0] == 200
    status, error, message = driver.error("POST", "/session/s1/url", largest + b" ")
    assert (status, error) == (500, "unsupported operation")
    assert "the request is larger" in message
    appium.source = "a" * (proxy.MAX_PAYLOAD - len('{"value": ""}'))
    assert len(driver.send("GET", "/session/s1/source")[1]) == proxy.MAX_PAYLOAD
    appium.source += "a"
    status, error, message = driver.error("GET", "/session/s1/source")
    assert (status, error) == (500, "unsupported operation")
    assert "the answer is larger" in message
    assert driver.send("POST", "/session/s1/url", {})[0] == 200


def test_an_appium_server_that_is_not_there_is_named(serve: Serve) -> None:
    """The error says which server, and how it failed."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    status, error, message = Driver(serve(url=url)).error("GET", "/status")
    assert (status, error) == (500, "unknown error")
    assert message.startswith(f"no answer of the Appium server {url}: ")


def test_an_appium_server_that_hangs_up_is_an_error_too(serve: Serve) -> None:
    """And the next command finds a connection."""
    driver = Driver(serve())
    driver.begin()
    status, error, _ = driver.error("GET", "/session/s1/vanish")
    assert (status, error) == (500, "unknown error")
    assert driver.send("GET", "/session/s1/source")[0] == 200


@pytest.mark.parametrize("url", ["localhost:4723", "ftp://x", "http://", "http://x/?a=1", ""])
def test_urls_that_are_none(url: str) -> None:
    """Told when the emulator is made, not with the first command."""
    with pytest.raises(ValueError, match=r"Appium's URL must be like http://127\.0\.0\.1:4723, not "):
        Emulator(appium_url=url)


def test_nothing_of_the_endpoint_is_logged(serve: Serve, appium: WebDriver, caplog: pytest.LogCaptureFixture) -> None:
    """The log has the command and its outcome; the token and the WebDriver session's id, which open it, are not in it."""
    caplog.set_level(logging.DEBUG)
    driver = Driver(serve())
    driver.begin()
    driver.send("GET", "/session/s1/source")
    driver.send("GET", "/session/s1/vanish")
    mine = [record.getMessage() for record in caplog.records if record.name == "pytest_devicefarm.emulator"]
    assert mine[1:] == [
        "appium POST /session -> 200",
        "appium GET /session/*/source -> 200",
        "appium GET /session/*/vanish -> 500",
    ]
    token = driver.path.split("/")[2]
    assert not [record for record in caplog.records if token in record.getMessage()]


def test_it_answers_in_one_write(serve: Serve) -> None:
    """Head and body come together: apart, on a kept connection, Nagle's algorithm costs 40 ms each."""
    emulator = serve()
    driver = Driver(emulator)
    host, _, port = emulator.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as wire:
        wire.sendall(f"GET {driver.path}/status HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        head, _, body = wire.recv(65536).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert json.loads(body)["value"]["ready"] is True
