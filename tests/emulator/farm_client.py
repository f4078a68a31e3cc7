"""What the tests of sessions, uploads and artifacts share: a client on a farm, and how its sessions stand."""

import http.client
import io
import zipfile
from typing import Any
from urllib.parse import urlsplit

from pytest_devicefarm.emulator import Emulator

from .conftest import Raw, client


class FarmClient:
    """A client, the default project, and a device of each kind."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.api = client(emulator)
        self.project = emulator.scenario.projects[0].arn

    def device(self, **asked: str) -> dict[str, Any]:
        """The first device with these fields."""
        return next(each for each in self.devices() if all(each.get(name) == value for name, value in asked.items()))

    def devices(self, *filters: tuple[str, str, list[str]]) -> list[dict[str, Any]]:
        """The devices that filters let through."""
        asked = [{"attribute": name, "operator": operator, "values": values} for name, operator, values in filters]
        answer: list[dict[str, Any]] = self.api.list_devices(filters=asked)["devices"]
        return answer

    def create(self, device: dict[str, Any] | None = None, **params: Any) -> str:
        """A new session; returns its ARN."""
        device = device or self.device(platform="IOS", fleetType="PUBLIC", availability="HIGHLY_AVAILABLE")
        asked = {"projectArn": self.project, "deviceArn": device["arn"], **params}
        if "appArn" in params:
            # On the wire: the oldest clients do not know it.
            _, answer = Raw(self.emulator).call("CreateRemoteAccessSession", asked)
        else:
            answer = self.api.create_remote_access_session(**asked)
        arn: str = answer["remoteAccessSession"]["arn"]
        return arn

    def session(self, arn: str) -> dict[str, Any]:
        """A session as it stands."""
        shown: dict[str, Any] = self.api.get_remote_access_session(arn=arn)["remoteAccessSession"]
        return shown

    def status(self, arn: str) -> str:
        """A session's status."""
        return str(self.session(arn)["status"])

    def advance(self, seconds: float) -> None:
        """Step the clock."""
        self.emulator.clock.advance(seconds)

    def running(self, device: dict[str, Any] | None = None, **params: Any) -> str:
        """A new session, once it is RUNNING."""
        arn = self.create(device, **params)
        self.advance(2)
        assert self.status(arn) == "RUNNING"
        return arn

    def upload(self, content: bytes, name: str = "app.ipa", kind: str = "IOS_APP") -> str:
        """A new upload with this file, once it is processed; returns its ARN."""
        upload = self.api.create_upload(projectArn=self.project, name=name, type=kind)["upload"]
        assert fetch("PUT", upload["url"], content)[0] == 200
        self.advance(2)
        return str(upload["arn"])


def fetch(method: str, url: str, body: Any = None, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    """A request at a presigned URL: status, body and headers of the answer."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body, headers)
        response = connection.getresponse()
        return response.status, response.read(), dict(response.headers)
    finally:
        connection.close()


def package(files: dict[str, bytes]) -> bytes:
    """A zip file with files of these names."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()
