"""What talks to a session's Appium endpoint, and what it needs: apps and devices."""

import io
import json
import urllib.request
import zipfile
from typing import Any

from pytest_devicefarm.emulator import Emulator

from .conftest import Raw, client

ANDROID = {"platformName": "Android", "appium:automationName": "UiAutomator2"}
PROJECT = "arn:aws:devicefarm:us-west-2:123456789101:project:EXAMPLE-GUID-123-456"


class Driver:
    """A WebDriver client of one Appium endpoint."""

    def __init__(self, emulator: Emulator, arn: str | None = None) -> None:
        _, answer = Raw(emulator).call("GetRemoteAccessSession", {"arn": arn or emulator.default_session_arn})
        self.endpoint: str = answer["remoteAccessSession"]["endpoints"]["remoteDriverEndpoint"]
        self.path = self.endpoint.removeprefix(emulator.url)
        self._raw = Raw(emulator)

    def send(self, method: str, command: str, body: Any = None) -> tuple[int, bytes]:
        """Status and body of the answer to a command."""
        content = body if isinstance(body, bytes) else json.dumps(body) if body is not None else None
        response, answer = self._raw.send(
            method, self.path + command, content, {"Content-Type": "application/json; charset=utf-8"}
        )
        return response.status, answer

    def value(self, method: str, command: str, body: Any = None) -> Any:
        return json.loads(self.send(method, command, body)[1])["value"]

    def begin(self, **capabilities: Any) -> Any:
        """The value of the answer to a new session."""
        return self.value("POST", "/session", {"capabilities": {"alwaysMatch": ANDROID | capabilities}})

    def error(self, method: str, command: str, body: Any = None) -> tuple[int, str, str]:
        """HTTP status, error and message of a refusal."""
        status, answer = self.send(method, command, body)
        value = json.loads(answer)["value"]
        assert set(value) == {"error", "message", "stacktrace"}
        return status, value["error"], value["message"]


def upload(emulator: Emulator, content: bytes) -> str:
    """Upload an Android app as on the service; returns its ARN."""
    made = client(emulator).create_upload(projectArn=PROJECT, name="app.apk", type="ANDROID_APP")["upload"]
    headers = {"Content-Type": "application/octet-stream"}
    urllib.request.urlopen(urllib.request.Request(made["url"], content, headers, method="PUT")).close()
    emulator.clock.advance(10)
    arn: str = made["arn"]
    return arn


def android_device(emulator: Emulator) -> str:
    """The ARN of one of the catalogue."""
    android = [{"attribute": "PLATFORM", "operator": "EQUALS", "values": ["ANDROID"]}]
    arn: str = client(emulator).list_devices(filters=android)["devices"][0]["arn"]
    return arn


def apk(name: str) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as package:
        package.writestr("AndroidManifest.xml", name)
    return body.getvalue()
