"""An Appium server behind the endpoints of sessions: what the service would refuse of it."""

from typing import Any

import pytest

from pytest_devicefarm.emulator import appium_support

from .conftest import Serve
from .endpoint_client import Driver
from .webdriver import WebDriver


@pytest.mark.parametrize("name", sorted(appium_support.DEVICE_COMMANDS))
def test_device_commands_of_the_guides_list_are_refused(serve: Serve, appium: WebDriver, name: str) -> None:
    """Guide, appium-endpoint-support: "Appium device commands"."""
    driver = Driver(serve())
    driver.begin()
    status, error, message = driver.error("POST", f"/session/s1/appium/device/{name}", {})
    assert (status, error) == (500, "unsupported operation")
    assert name in message
    assert len(appium.asked) == 1


@pytest.mark.parametrize("name", sorted(appium_support.EXECUTE_METHODS))
def test_execute_methods_of_the_guides_list_are_refused(serve: Serve, appium: WebDriver, name: str) -> None:
    """Guide, appium-endpoint-support: "Appium execute methods and scripts", in all ways to write them."""
    driver = Driver(serve())
    driver.begin()
    for script in (f"mobile: {name}", f"mobile:{name}", name):
        for command in ("execute/sync", "execute/async", "execute"):
            status, error, message = driver.error("POST", f"/session/s1/{command}", {"script": script, "args": []})
            assert (status, error) == (500, "unsupported operation")
            assert name in message
    assert len(appium.asked) == 1


def test_the_guides_lists_are_whole() -> None:
    """Ten device commands and thirty-seven execute methods are on the page."""
    assert (len(appium_support.DEVICE_COMMANDS), len(appium_support.EXECUTE_METHODS)) == (10, 37)


@pytest.mark.parametrize(
    ("command", "body"),
    [
        ("appium/device/press_keycode", {"keycode": 3}),
        ("execute/sync", {"script": "mobile: scroll", "args": [{"direction": "down"}]}),
        ("execute/sync", {"script": "return installApp", "args": []}),
        ("appium/start_recording_screen", {}),
        ("elements", {"using": "id", "value": "a"}),
        ("actions", {"actions": []}),
    ],
)
def test_other_commands_are_not_refused(serve: Serve, appium: WebDriver, command: str, body: Any) -> None:
    """What is not on the lists goes to Appium, as it came."""
    driver = Driver(serve())
    driver.begin()
    assert driver.send("POST", f"/session/s1/{command}", body)[0] == 200
    assert (appium.asked[1].path, appium.asked[1].json) == (f"/base/session/s1/{command}", body)


@pytest.mark.parametrize(
    ("command", "body"),
    [
        ("appium/execute_driver", {"script": "return 1"}),
        ("appium/compare_images", {"mode": "getSimilarity"}),
        ("element", {"using": "-image", "value": "aGVsbG8="}),
        ("element/e1/elements", {"using": "-image", "value": "aGVsbG8="}),
    ],
)
def test_plugins_are_refused(serve: Serve, appium: WebDriver, command: str, body: Any) -> None:
    """Guide, limits: "does not support Appium Plugins"; these need execute-driver or images."""
    driver = Driver(serve())
    driver.begin()
    status, error, message = driver.error("POST", f"/session/s1/{command}", body)
    assert (status, error) == (500, "unsupported operation")
    assert "plugin" in message
    assert len(appium.asked) == 1


@pytest.mark.parametrize("name", sorted(appium_support.CAPABILITIES))
def test_capabilities_of_a_machine_or_device_are_refused(serve: Serve, appium: WebDriver, name: str) -> None:
    """Guide, appium-endpoint-support: "session creation may fail", wherever in the request they are."""
    driver = Driver(serve())
    full = f"appium:{name}"
    for capabilities in (
        {"alwaysMatch": {full: "x"}},
        {"firstMatch": [{}, {full: "x"}]},
        {"alwaysMatch": {"appium:options": {name: "x"}}},
    ):
        status, error, message = driver.error("POST", "/session", {"capabilities": capabilities})
        assert (status, error) == (500, "session not created")
        assert f"does not take {name}: " in message
    assert not appium.asked


@pytest.mark.parametrize(
    ("capability", "value", "said"),
    [
        ("webSocketUrl", True, "WebDriver BiDi is not supported"),
        ("appium:automationName", "Espresso", "its drivers are XCUITest and UiAutomator2, not 'Espresso'"),
        ("appium:app", "/home/me/my.apk", "not a local path"),
        ("appium:app", "C:\\my.apk", "not a local path"),
        ("appium:app", "file:///my.apk", "not a local path"),
        ("appium:app", "http://example.com/my.apk", "it must be an https:// URL or an s3:// URI"),
    ],
)
def test_values_that_the_service_does_not_take(
    serve: Serve, appium: WebDriver, capability: str, value: Any, said: str
) -> None:
    """Guide, limits (BiDi, drivers) and appium-endpoint-interaction (local paths, plain HTTP)."""
    body = {"capabilities": {"alwaysMatch": {capability: value}}}
    status, error, message = Driver(serve()).error("POST", "/session", body)
    assert (status, error) == (500, "session not created")
    assert said in message
    assert not appium.asked


@pytest.mark.parametrize(
    "capabilities",
    [
        {"appium:app": "https://example.com/my.apk"},
        {"appium:app": "s3://bucket/my.apk"},
        {"webSocketUrl": False},
        {"appium:automationName": "xcuitest"},
        {"appium:newCommandTimeout": 300, "appium:bundleId": "com.example"},
    ],
)
def test_values_that_the_service_takes(serve: Serve, capabilities: Any) -> None:
    """Guide, appium-endpoint-interaction: HTTPS URLs, S3 URIs, apps by name."""
    assert Driver(serve()).begin(**capabilities)["sessionId"] == "s1"
