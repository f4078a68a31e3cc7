"""An Appium server behind the endpoints of sessions: it is told of the session's apps."""

import json
import zipfile
from typing import Any

import pytest

from pytest_devicefarm.emulator import Session, appium_support

from .conftest import Serve, client
from .endpoint_client import PROJECT, Driver, android_device, apk, upload
from .webdriver import WebDriver

APP, OTHERS = "/tmp/app.apk", ["/tmp/other.apk"]
INJECTED = {"appium:app": APP, "appium:otherApps": '["/tmp/other.apk"]'}


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ({}, {"firstMatch": [INJECTED]}),
        ({"alwaysMatch": {"a": 1}}, {"alwaysMatch": {"a": 1}, "firstMatch": [INJECTED]}),
        ({"firstMatch": [{"a": 1}, {"b": 2}]}, {"firstMatch": [INJECTED | {"a": 1}, INJECTED | {"b": 2}]}),
        (
            {"alwaysMatch": {"appium:app": "https://x"}, "firstMatch": [{}]},
            {
                "alwaysMatch": {"appium:app": "https://x"},
                "firstMatch": [{"appium:otherApps": INJECTED["appium:otherApps"]}],
            },
        ),
        (
            {"firstMatch": [{"appium:app": "https://x"}, {}]},
            {"firstMatch": [INJECTED | {"appium:app": "https://x"}, INJECTED]},
        ),
        (
            {"alwaysMatch": {"appium:options": {"app": "https://x", "otherApps": "[]"}}},
            {"alwaysMatch": {"appium:options": {"app": "https://x", "otherApps": "[]"}}, "firstMatch": [{}]},
        ),
    ],
)
def test_apps_are_defaults_of_a_new_session(asked: Any, sent: Any) -> None:
    """Guide, appium-endpoint-interaction: injected as default capabilities; what the request names itself stays."""
    body = {"capabilities": asked, "x": 1}
    assert appium_support.with_apps(body, APP, OTHERS) == {"capabilities": sent, "x": 1}
    assert appium_support.with_apps(body, None, ()) == body


@pytest.mark.parametrize("asked", [None, [], {"alwaysMatch": []}, {"firstMatch": [1]}, {"firstMatch": 1}])
def test_what_is_no_request_for_a_session_is_left_to_appium(asked: Any) -> None:
    """Appium has its own words for it."""
    body = {"capabilities": asked}
    assert appium_support.with_apps(body, APP, OTHERS) == body
    assert appium_support.refused("POST", "/session", body) is None


def test_apps_of_a_session_reach_appium(serve: Serve, appium: WebDriver) -> None:
    """Guide, appium-endpoint-interaction: appArn and auxiliaryApps are injected as files; an app that is installed
    later takes the first one's place, which moves to `otherApps`."""
    emulator = serve()
    arns = [upload(emulator, apk(name)) for name in ("app", "other", "later")]
    farm = client(emulator)
    created = farm.create_remote_access_session(
        projectArn=PROJECT,
        deviceArn=android_device(emulator),
        appArn=arns[0],
        configuration={"auxiliaryApps": [arns[1]]},
    )["remoteAccessSession"]["arn"]
    emulator.clock.advance(60)
    driver = Driver(emulator, created)

    def injected() -> list[str]:
        """What is in the files that Appium was told: the app first."""
        driver.begin()
        (told,) = appium.asked[-1].json["capabilities"]["firstMatch"]
        files = [told["appium:app"], *json.loads(told["appium:otherApps"])]
        assert all(file.endswith(".apk") for file in files)
        return [zipfile.ZipFile(file).read("AndroidManifest.xml").decode() for file in files]

    assert injected() == ["app", "other"]
    farm.install_to_remote_access_session(remoteAccessSessionArn=created, appArn=arns[2])
    assert injected() == ["later", "other", "app"]


def test_a_session_of_the_scenario_takes_apps_of_its_own_platform(serve: Serve, appium: WebDriver) -> None:
    """The platform is the one that the scenario gives its device, not the reference page's iOS."""
    emulator = serve(Session(fields={"device": {"platform": "ANDROID"}}))
    app, session = upload(emulator, apk("mine")), emulator.default_session_arn
    client(emulator).install_to_remote_access_session(remoteAccessSessionArn=session, appArn=app)
    Driver(emulator).begin()
    assert appium.asked[-1].json["capabilities"]["firstMatch"][0]["appium:app"].endswith(".apk")
