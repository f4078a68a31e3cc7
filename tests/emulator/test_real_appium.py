"""The proxy in front of the real Appium server, with Appium's own stand-in for a driver: needs npm."""

import io
import json
import re
import urllib.request
import zipfile
from pathlib import Path

from pytest_devicefarm.emulator import Clock, Emulator, Scenario

from .conftest import client
from .endpoint_client import PROJECT, Driver, android_device, upload

CAPABILITIES = {"platformName": "Fake", "appium:automationName": "Fake", "appium:deviceName": "Fake"}
APP = '<?xml version="1.0"?><app><button id="ok" visible="true"/></app>'


def app_for_both() -> bytes:
    """An .apk to Device Farm, which reads a zip from its end; the XML of an app to Appium's fake driver."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as package:
        # A date of its own, 1980: no other byte of it may mean something to an XML parser.
        package.writestr(zipfile.ZipInfo("AndroidManifest.xml"), "")
        package.comment = b"</app>"
    return APP.removesuffix("</app>").encode() + body.getvalue()


def test_a_session_of_the_real_appium(appium_url: str) -> None:
    """A session is created with an app, Appium begins with it, finds, sees, ends, and has errors of its own."""
    with Emulator(Scenario(), appium_url=appium_url, clock=Clock(0)) as emulator:
        farm = client(emulator)
        created = farm.create_remote_access_session(
            projectArn=PROJECT, deviceArn=android_device(emulator), appArn=upload(emulator, app_for_both())
        )["remoteAccessSession"]
        emulator.clock.advance(60)
        driver = Driver(emulator, created["arn"])
        assert re.match(r"3\.", driver.value("GET", "/status")["build"]["version"])
        begun = driver.value("POST", "/session", {"capabilities": {"alwaysMatch": CAPABILITIES, "firstMatch": [{}]}})
        assert begun["capabilities"]["app"].endswith(".apk")
        session = f"/session/{begun['sessionId']}"
        assert '<button id="ok"' in driver.value("GET", f"{session}/source")
        found = driver.value("POST", f"{session}/element", {"using": "xpath", "value": "//button"})
        element = found["element-6066-11e4-a52e-4f735466cecf"]
        assert driver.value("GET", f"{session}/element/{element}/displayed") is True
        status, error, _ = driver.error("POST", f"{session}/element", {"using": "xpath", "value": "//none"})
        assert (status, error) == (404, "no such element")
        refused = driver.error("POST", f"{session}/execute/sync", {"script": "mobile: runXCTest", "args": []})
        assert refused[1] == "unsupported operation"
        assert driver.value("DELETE", session) is None
        # A second app: it becomes the app, and the first one moves to the others.
        farm.install_to_remote_access_session(
            remoteAccessSessionArn=created["arn"], appArn=upload(emulator, app_for_both())
        )
        again = driver.value("POST", "/session", {"capabilities": {"alwaysMatch": CAPABILITIES, "firstMatch": [{}]}})
        assert again["capabilities"]["app"] != begun["capabilities"]["app"]
        assert json.loads(again["capabilities"]["otherApps"]) == [begun["capabilities"]["app"]]
        assert driver.error("GET", f"{session}/source")[1] == "invalid session id"


def test_a_local_app_is_refused_that_appium_itself_would_take(appium_url: str, tmp_path: Path) -> None:
    """The guide (appium-endpoint-interaction) takes no local path; the same request starts on Appium itself."""
    app = tmp_path / "app.xml"
    app.write_text(APP, "utf-8")
    with Emulator(Scenario(), appium_url=appium_url) as emulator:
        body = {"capabilities": {"alwaysMatch": CAPABILITIES | {"appium:app": str(app)}, "firstMatch": [{}]}}
        assert Driver(emulator).error("POST", "/session", body)[1] == "session not created"
    request = urllib.request.Request(
        f"{appium_url}/session", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["value"]["sessionId"]
