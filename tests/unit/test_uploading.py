"""farm/uploads: apps reach Device Farm once, whole, and without their URL being said."""

from __future__ import annotations

import logging
import os
import plistlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from pytest_devicefarm.emulator import Clock as EmulatorClock
from pytest_devicefarm.emulator import Emulator, Fault, Project, Scenario, Upload
from pytest_devicefarm.emulator import uploads as emulated_uploads
from pytest_devicefarm.emulator.apps import InvalidFile
from pytest_devicefarm.errors import ConfigurationError, UnavailableError
from pytest_devicefarm.farm.client import make_client
from pytest_devicefarm.farm.uploads import Sent, provide_app
from pytest_devicefarm.model.app import App
from pytest_devicefarm.model.arn import parse_arn
from pytest_devicefarm.model.session import Platform
from pytest_devicefarm.model.text import printable
from pytest_devicefarm.settings import ClientSettings

from .conftest import FakeClock
from .storage_server import zipped

INFO = {"CFBundleIdentifier": "com.example.shop", "MinimumOSVersion": "15.0", "UIDeviceFamily": [1]}
IPA = zipped({"Payload/Shop.app/Info.plist": plistlib.dumps(INFO), "Payload/Shop.app/Shop": os.urandom(300_000)})
ARN = "arn:aws:devicefarm:us-west-2:123456789101:upload:EXAMPLE-GUID-123-456/MINE"

pytestmark = pytest.mark.usefixtures("environment")


class SharedClock(FakeClock):
    """Time of the run whose sleep is the emulator's too."""

    def __init__(self) -> None:
        super().__init__()
        self.emulated = EmulatorClock(speed=0)

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.emulated.advance(seconds)


@dataclass
class Farm:
    """An emulator on a clock that only sleeping moves, and what a run was told."""

    emulator: Emulator
    clock: Any  #: a SharedClock
    told: list[Sent] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def provide(self, app: Path | str, *, client: Any = None, seconds: float = 600.0) -> App:
        """What `provide_app` makes of a path or an ARN."""
        return provide_app(
            parse_arn(app, "upload") if isinstance(app, str) else app,
            client=client or self.client,
            project=self.emulator.scenario.projects[0].arn,
            clock=self.clock,
            deadline=self.clock.monotonic() + seconds,
            progress=self.told.append,
            trouble=self.troubles.append,
        )

    @cached_property
    def client(self) -> Any:
        return self.new_client()

    def new_client(self) -> Any:
        return make_client(ClientSettings(endpoint_url=self.emulator.url, emulated=True), attempts=1)

    @property
    def uploaded(self) -> str:
        """The name of the last upload."""
        return str([call for call in self.emulator.calls if call.operation == "CreateUpload"][-1].params["name"])

    def calls(self, operation: str) -> int:
        return [call.operation for call in self.emulator.calls].count(operation)

    def stored(self, arn: str) -> bytes:
        """The bytes that arrived."""
        upload = self.emulator._farm.uploads.get(arn, 0)  # type: ignore[union-attr]
        assert upload is not None
        assert upload.path is not None
        return upload.path.read_bytes()


Play = Callable[..., Farm]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    started: list[Emulator] = []

    def play(**parts: Any) -> Farm:
        clock = SharedClock()
        server = Emulator(Scenario(**parts), clock=clock.emulated)
        server.start()
        started.append(server)
        return Farm(server, clock)

    yield play
    for server in started:
        server.stop()


@pytest.fixture
def ipa(tmp_path: Path) -> Path:
    path = tmp_path / "shop.ipa"
    path.write_bytes(IPA)
    return path


def test_a_file_is_uploaded(play: Play, ipa: Path) -> None:
    """The bytes arrive as they are, and the answer is what Device Farm found in them."""
    farm = play(upload_seconds=7)
    app = farm.provide(ipa)
    assert farm.stored(app.arn) == IPA
    assert (app.platform, app.minimum_os, app.package) == (Platform.IOS, "15.0", "com.example.shop")
    assert farm.clock.pauses == [1.0, 1.5, 2.25, 3.375]
    upload = farm.client.get_upload(arn=app.arn)["upload"]
    assert upload["type"] == "IOS_APP"
    assert upload["contentType"] == "application/octet-stream"
    assert farm.troubles == []


def test_an_android_file(play: Play, tmp_path: Path) -> None:
    """An .apk is uploaded as one."""
    path = tmp_path / "shop.apk"
    path.write_bytes(zipped({"AndroidManifest.xml": b""}))
    farm = play()
    assert farm.provide(path).platform is Platform.ANDROID
    uploads = farm.client.list_uploads(arn=farm.emulator.scenario.projects[0].arn)["uploads"]
    assert [(upload["type"], upload["name"][-4:]) for upload in uploads] == [
        ("IOS_APP", ".ipa"),
        ("ANDROID_APP", ".apk"),
    ]


def test_progress(play: Play, ipa: Path) -> None:
    """Told with the file's own name, from nothing on, growing, and at the end as whole as the file."""
    farm = play()
    farm.provide(ipa)
    assert {(each.name, each.total) for each in farm.told} == {("shop.ipa", len(IPA))}
    sent = [each.sent for each in farm.told]
    assert sent == sorted(set(sent))
    assert (sent[0], sent[-1]) == (0, len(IPA))
    assert len(sent) > 2


def test_the_same_file_is_uploaded_once(play: Play, ipa: Path, tmp_path: Path) -> None:
    """Not again by another client, from another folder, or while the first is processed."""
    farm = play(page_size=1)
    first = farm.provide(ipa)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ipa.name).write_bytes(IPA)
    farm.told.clear()
    assert farm.provide(elsewhere / ipa.name, client=farm.new_client()) == first
    assert farm.told == []
    assert farm.calls("CreateUpload") == 1


def test_one_that_is_processed_is_waited_for(play: Play, ipa: Path) -> None:
    """Another run has just uploaded it."""
    farm = play(upload_seconds=30)
    with pytest.raises(UnavailableError, match=r"app shop\.ipa is still PROCESSING in Device Farm"):
        farm.provide(ipa, seconds=10)
    assert sum(farm.clock.pauses) == pytest.approx(10)
    farm.provide(ipa)
    assert farm.calls("CreateUpload") == 1


def test_a_changed_file_is_uploaded_again(play: Play, ipa: Path) -> None:
    """Its name is the same, its content is not."""
    farm = play()
    first = farm.provide(ipa)
    ipa.write_bytes(zipped({"Payload/Shop.app/Info.plist": plistlib.dumps(INFO | {"MinimumOSVersion": "16.0"})}))
    second = farm.provide(ipa)
    assert first.arn != second.arn
    assert second.minimum_os == "16.0"
    assert farm.stored(second.arn) == ipa.read_bytes()


def _earlier(play: Play, ipa: Path, **changes: Any) -> tuple[Farm, App]:
    """A farm that has an upload of the file's name, with these fields, and what is made of the file then."""
    elsewhere = play()
    elsewhere.provide(ipa)
    name = elsewhere.uploaded
    fields = {"status": "SUCCEEDED", "created": FakeClock.EPOCH.timestamp()} | changes
    project = fields.pop("project", None)
    projects = (Project(), Project("arn:aws:devicefarm:us-west-2:123456789101:project:OTHER", "other"))
    farm = play(uploads=(Upload(ARN, name, "IOS_APP", project, fields),), projects=projects)
    return farm, farm.provide(ipa)


@pytest.mark.parametrize(
    ("days", "reused"), [(0, True), (28.9, True), (29.1, False), (30, False), (400, False), (-1, True)]
)
def test_old_uploads(play: Play, ipa: Path, days: float, reused: bool) -> None:
    """Device Farm keeps apps for 30 days: one that is about to go is not relied on. Clocks may disagree."""
    created = (FakeClock.EPOCH - timedelta(days=days)).timestamp()
    farm, app = _earlier(play, ipa, created=created)
    assert (app.arn == ARN) == reused
    assert farm.calls("CreateUpload") == (0 if reused else 1)


LONG_AGO = FakeClock.EPOCH.timestamp() - 3700


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "FAILED"},
        {"status": "INITIALIZED"},
        {"status": "PROCESSING", "created": LONG_AGO},
        {"project": "other"},
    ],
)
def test_uploads_that_are_of_no_use(play: Play, ipa: Path, changes: Any) -> None:
    """Failed, without a file, stuck, of another project."""
    _, app = _earlier(play, ipa, **changes)
    assert app.arn != ARN


def test_names(play: Play, tmp_path: Path) -> None:
    """The file's name with a digest, within 256 characters, the ending in small letters as the service wants it.

    The app is called as the user calls it all the same.
    """
    farm = play()
    for stem, cut in (("my shop 日本", "my shop 日本"), ("x" * 250, "x" * 239), ("a\\b\nc", "a_b_c")):
        path = tmp_path / f"{stem}.IPA"
        path.write_bytes(IPA)
        assert farm.provide(path).name == printable(path.name)
        name = farm.uploaded
        assert name.startswith(f"{cut}-")
        assert len(name) == len(cut) + 1 + 12 + 4 <= 256
        assert name.endswith(".ipa")


def test_a_file_that_is_no_app(play: Play, tmp_path: Path) -> None:
    """It is not uploaded at all."""
    farm = play()
    with pytest.raises(ConfigurationError, match=r"there is no app at .*gone\.ipa"):
        farm.provide(tmp_path / "gone.ipa")
    assert farm.emulator.calls == []


def test_a_file_that_device_farm_does_not_process(play: Play, ipa: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its message is told."""

    def refuse(path: Path, kind: str) -> None:
        raise InvalidFile("We could not extract\ninformation")

    monkeypatch.setattr(emulated_uploads, "metadata_of", refuse)
    with pytest.raises(ConfigurationError) as caught:
        play().provide(ipa)
    assert str(caught.value) == "Device Farm could not process app shop.ipa: We could not extract information"


def test_an_arn(play: Play) -> None:
    """What it names is read, not uploaded."""
    farm = play(uploads=(Upload(ARN),))
    app = farm.provide(ARN)
    assert (app.arn, app.name, app.minimum_os) == (ARN, "Example.ipa", "15.0")
    assert [call.operation for call in farm.emulator.calls] == ["GetUpload"]


@pytest.mark.parametrize(
    ("kind", "fields", "error", "seconds", "said"),
    [
        ("IOS_APP", {"status": "FAILED", "message": "no Payload"}, ConfigurationError, 0, f"Device Farm could not process app {ARN}: no Payload"),
        ("IOS_APP", {"status": "PROCESSING"}, UnavailableError, 300, f"app {ARN} is still PROCESSING in Device Farm: try again later or allow more time"),
        ("IOS_APP", {"status": "INITIALIZED"}, ConfigurationError, 60, f"upload {ARN} has no file (INITIALIZED): upload one, or give the path of a file"),
        ("EXTERNAL_DATA", {}, ConfigurationError, 0, f"{ARN} is no app: its type is EXTERNAL_DATA, not IOS_APP or ANDROID_APP"),
    ],
)  # fmt: skip
def test_arns_that_are_of_no_use(
    play: Play, kind: str, fields: Any, error: type[Exception], seconds: float, said: str
) -> None:
    """One that failed or is no app ends the wait at once; a file may take a minute to arrive."""
    farm = play(uploads=(Upload(ARN, "a", kind, None, fields),))
    with pytest.raises(error) as caught:
        farm.provide(ARN, seconds=300)
    assert str(caught.value) == said
    assert farm.clock.elapsed == pytest.approx(seconds, abs=5)


def test_an_arn_that_nobody_knows(play: Play) -> None:
    """The error says which, and what to do."""
    with pytest.raises(
        ConfigurationError, match=r"reading upload arn:.*/MINE: Device Farm does not know it .*check the ARN"
    ):
        play().provide(ARN)  # fmt: skip


@pytest.mark.parametrize("operation", ["ListUploads", "CreateUpload", "GetUpload"])
@pytest.mark.parametrize("kind", ["drop", "unavailable", "throttling", "garbage", "empty", "bad-gateway"])
def test_calls_that_fail_twice(play: Play, ipa: Path, operation: str, kind: str) -> None:
    """They are tried again, and the app arrives."""
    farm = play(faults=(Fault(operation, kind, [1, 2]),))
    app = farm.provide(ipa)
    assert farm.stored(app.arn) == IPA
    assert len(farm.troubles) == 2


@pytest.mark.parametrize(
    ("kind", "error", "said"),
    [
        ("access-denied", ConfigurationError, r"uploading app shop\.ipa: access denied"),
        ("unavailable", UnavailableError, r"uploading app shop\.ipa: AWS could not be asked: .*Service is unavailable"),
    ],
)
def test_calls_that_fail_for_ever(play: Play, ipa: Path, kind: str, error: type[Exception], said: str) -> None:
    """What cannot heal is told at once, what can at the deadline."""
    farm = play(faults=(Fault("CreateUpload", kind),))
    with pytest.raises(error, match=said):
        farm.provide(ipa, seconds=40)
    assert farm.clock.elapsed == pytest.approx(40 if error is UnavailableError else 0)


def test_cancelling_ends_the_wait(play: Play, ipa: Path) -> None:
    """A run that ends waits for no app."""
    farm = play(upload_seconds=500)
    farm.clock.cancel_at = 20
    with pytest.raises(UnavailableError, match=r"the run ended before app shop\.ipa was uploaded"):
        farm.provide(ipa)
    assert farm.clock.elapsed == pytest.approx(20)


def test_nothing_says_the_url(play: Play, ipa: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not at the most talkative level of any log, with good answers and bad ones."""
    caplog.set_level(logging.DEBUG)
    farm = play(faults=(Fault("GetUpload", "unavailable", [1]),))
    farm.provide(ipa)
    farm.provide(ipa)
    assert "CreateUpload" in caplog.text
    assert "Signature=" in farm.client.list_uploads(arn=farm.emulator.scenario.projects[0].arn)["uploads"][-1]["url"]
    for secret in ("X-Amz-Signature", "/uploads/"):
        assert secret not in caplog.text
