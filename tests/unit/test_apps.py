"""model/app: what Device Farm tells of an app, on which devices it runs, and which files are apps."""

from __future__ import annotations

import io
import json
import os
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from pytest_devicefarm.errors import ConfigurationError, MalformedArn
from pytest_devicefarm.model.app import LARGEST_APP, App, AppFile, Upload, check_app_file, parse_app
from pytest_devicefarm.model.arn import Arn
from pytest_devicefarm.model.session import Device, Platform

from .unit_samples import CANARY

ARN = "arn:aws:devicefarm:us-west-2:123456789012:upload:P/APP"
IOS_DETAILS = {"package_name": "com.example.shop", "minimum_os": "16.4", "form_factors": ["PHONE"]}
#: As in the example of the aws command line's get-upload.
ANDROID_DETAILS = {"package_name": "com.example.shop", "sdk_version": "26", "screens": ["small"], "error_type": None}


def _response(details: Any = None, **changes: Any) -> dict[str, Any]:
    known = {"arn": ARN, "name": "shop.ipa", "type": "IOS_APP", "status": "SUCCEEDED"}
    return known | ({} if details is None else {"metadata": json.dumps(details)}) | changes


def _device(platform: str | None = "IOS", os: str | None = "17.5", form_factor: str | None = "PHONE") -> Device:
    response = {"name": "Phone 1", "platform": platform, "os": os, "formFactor": form_factor}
    return Device.from_response(response)


def test_an_ios_app() -> None:
    """Everything that is told of an iOS app."""
    assert App.from_upload(_response(IOS_DETAILS)) == App(
        arn=ARN,
        name="shop.ipa",
        platform=Platform.IOS,
        minimum_os="16.4",
        form_factors=("PHONE",),
        package="com.example.shop",
    )


def test_an_android_app() -> None:
    """An API level is told as the version of Android that has it."""
    assert App.from_upload(_response(ANDROID_DETAILS, name="shop.apk", type="ANDROID_APP")) == App(
        arn=ARN, name="shop.apk", platform=Platform.ANDROID, minimum_os="8.0", package="com.example.shop"
    )


@pytest.mark.parametrize(
    ("level", "version"),
    [
        ("14", "4.0"),
        ("21", "5.0"),
        (24, "7.0"),
        ("25", "7.1"),
        ("28", "9"),
        ("31", "12"),
        ("32", "12"),
        ("33", "13"),
        ("36", "16"),
        ("37", "17"),
        ("13", None),
        ("38", None),
        ("Tiramisu", None),
        ("", None),
        (None, None),
        (True, None),
        (26.5, None),
        (["26"], None),
    ],
)
def test_api_levels(level: Any, version: str | None) -> None:
    """The versions of Android's own list; an unknown level says nothing."""
    assert App.from_upload(_response({"sdk_version": level}, type="ANDROID_APP")).minimum_os == version


@pytest.mark.parametrize(
    "metadata",
    [
        *(None, "", "{", "[]", "null", "7", '"text"', "{}", "[" * 100_000),
        '{"minimum_os": 15}',
        '{"form_factors": "PHONE"}',
        '{"form_factors": [1, null, ""], "package_name": ["a"], "minimum_os": {}, "sdk_version": {"a": 1}}',
    ],
)
def test_metadata_of_any_shape(metadata: str | None) -> None:
    """What cannot be read is not known, and no error."""
    app = App.from_upload(_response(metadata=metadata))
    assert app == App(arn=ARN, name="shop.ipa", platform=Platform.IOS)


@hypothesis.given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=5))
def test_any_value_in_the_metadata(value: Any) -> None:
    """No value breaks the reading or the comparison."""
    app = App.from_upload(
        _response(dict.fromkeys(["package_name", "minimum_os", "form_factors", "sdk_version"], value))
    )
    app.misfit(_device())


def test_other_types_have_no_platform() -> None:
    """Only apps have one."""
    assert App.from_upload(_response(type="EXTERNAL_DATA")).platform is None
    assert App.from_upload({}) == App(arn="", name="")


FITTING = [
    (IOS_DETAILS, "IOS_APP", _device(os="16.4")),
    (IOS_DETAILS, "IOS_APP", _device(os="16.4.0")),
    (IOS_DETAILS, "IOS_APP", _device(os="16.10")),
    (IOS_DETAILS, "IOS_APP", _device(os="17")),
    (IOS_DETAILS, "IOS_APP", _device(os=None)),
    (IOS_DETAILS, "IOS_APP", _device(os="the newest")),
    (IOS_DETAILS, "IOS_APP", _device(form_factor=None)),
    (IOS_DETAILS, "IOS_APP", _device(platform=None)),
    (IOS_DETAILS, "IOS_APP", Device()),
    ({}, "IOS_APP", _device(form_factor="TABLET")),
    ({"minimum_os": "any"}, "IOS_APP", _device(os="9.0")),
    (ANDROID_DETAILS, "ANDROID_APP", _device("ANDROID", "8.0.0", "TABLET")),
    (ANDROID_DETAILS, "ANDROID_APP", _device("ANDROID", "10")),
    ({"sdk_version": "31"}, "ANDROID_APP", _device("ANDROID", "12")),
]


@pytest.mark.parametrize(("details", "kind", "device"), FITTING)
def test_fitting_devices(details: Any, kind: str, device: Device) -> None:
    """Versions are compared as numbers, and what is not known speaks against nothing."""
    assert App.from_upload(_response(details, type=kind)).misfit(device) is None


@pytest.mark.parametrize(
    ("details", "kind", "device", "said"),
    [
        (IOS_DETAILS, "IOS_APP", _device("ANDROID", "14"), "app shop is for iOS, the device Phone 1 has Android"),
        ({}, "ANDROID_APP", _device(), "app shop is for Android, the device Phone 1 has iOS"),
        (
            IOS_DETAILS,
            "IOS_APP",
            _device(os="16.3.1"),
            "app shop needs iOS 16.4 or newer, the device Phone 1 has 16.3.1",
        ),
        (IOS_DETAILS, "IOS_APP", _device(os="9.9"), "app shop needs iOS 16.4 or newer, the device Phone 1 has 9.9"),
        (IOS_DETAILS, "IOS_APP", _device(os="16"), "app shop needs iOS 16.4 or newer, the device Phone 1 has 16"),
        (
            ANDROID_DETAILS,
            "ANDROID_APP",
            _device("ANDROID", "7.1.2"),
            "app shop needs Android 8.0 or newer, the device Phone 1 has 7.1.2",
        ),
        (
            IOS_DETAILS,
            "IOS_APP",
            _device(form_factor="TABLET"),
            "app shop is for PHONE, the device Phone 1 is a TABLET",
        ),
    ],
)
def test_misfits(details: Any, kind: str, device: Device, said: str) -> None:
    """One line says what the app needs and what the device has."""
    assert App.from_upload(_response(details, type=kind, name="shop")).misfit(device) == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"message": "We could not\nopen \x1b it."}, r"We could not open \x1b it."),
        ({"metadata": '{"errorCode": "X1", "errorMessage": "no Payload", "package_name": "a"}'}, "X1, no Payload"),
        ({"message": "first", "metadata": '{"errorMessage": "second"}'}, "first"),
        ({"metadata": '{"error_type": null}'}, "no reason was given"),
        ({}, "no reason was given"),
        (
            {"message": f"PUT https://s3.example/{CANARY} failed", "url": f"https://s3.example/{CANARY}"},
            "PUT <redacted> failed",
        ),
    ],
)
def test_reason(changes: Any, said: str) -> None:
    """Why an upload FAILED, on one line and without its URL."""
    assert Upload.from_response(_response(**changes)).reason == said


def test_no_repr_shows_the_url() -> None:
    """Whoever has the presigned URL may replace the app."""
    upload = Upload.from_response(_response(url=f"https://s3.example/{CANARY}"))
    assert upload.url == f"https://s3.example/{CANARY}"
    assert CANARY not in repr(upload) + repr(upload.raw) + repr(App.from_upload(upload.raw))


def test_parsing_an_arn() -> None:
    """An upload's ARN, and no other."""
    assert parse_app(f" {ARN} ") == Arn("123456789012", "upload", "P/APP")
    with pytest.raises(MalformedArn, match="it names a run, not an upload"):
        parse_app(ARN.replace(":upload:", ":run:"))


def test_parsing_a_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything else is a path, there or not; ``~`` is the home directory."""
    monkeypatch.setenv("HOME", "/home/me")
    assert parse_app("build/my shop.ipa") == Path("build/my shop.ipa")
    assert parse_app("~/shop.apk") == Path("/home/me/shop.apk")
    for text in ("", "  ", "a\0.ipa", "~nobody-of-this-name/a.ipa"):
        with pytest.raises(ConfigurationError, match="is no app"):
            parse_app(text)


def package(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), b"content")  # of no date: before pytest 9 tests are named by it
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "platform", "kind"),
    [
        ("shop.ipa", package("Payload/", "Payload/Shop.app/Info.plist"), Platform.IOS, "IOS_APP"),
        ("shop.IPA", package("Payload/My Shop.app/Info.plist"), Platform.IOS, "IOS_APP"),
        ("shop-1.2.apk", package("AndroidManifest.xml", "classes.dex"), Platform.ANDROID, "ANDROID_APP"),
    ],
)
def test_app_files(tmp_path: Path, name: str, content: bytes, platform: Platform, kind: str) -> None:
    """The ending says the platform, and the platform the upload's type."""
    (tmp_path / name).write_bytes(content)
    app = check_app_file(str(tmp_path / name))
    assert app == AppFile(tmp_path / name, platform)
    assert app.type == kind


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("shop.zip", package("AndroidManifest.xml"), "{} is no app: its name ends neither with .ipa nor with .apk"),
        ("shop.ipa", b"", "{} is no app: the file is empty"),
        ("shop.ipa", b"text", "{} is no app: it is no zip file (File is not a zip file); build it again"),
        ("shop.apk", package("AndroidManifest.xml")[:-9], "{} is no app: it is no zip file (File is not a zip file); build it again"),
        ("shop.ipa", package("Shop.app/Info.plist"), "{} is no iOS app: it has no Payload/NAME.app/Info.plist; export it again"),
        ("shop.ipa", package("Payload/Shop.app/x/Info.plist"), "{} is no iOS app: it has no Payload/NAME.app/Info.plist; export it again"),
        ("shop.apk", package("x/AndroidManifest.xml"), "{} is no Android app: it has no AndroidManifest.xml; build it again"),
        ("shop.ipa", package("AndroidManifest.xml"), "{} is no iOS app: it has no Payload/NAME.app/Info.plist; export it again"),
    ],
)  # fmt: skip
def test_files_that_are_no_apps(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    """One line says which file, and what is wrong with it."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        check_app_file(path)
    assert str(caught.value) == said.format(path)


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    """Nothing there, a directory, something on the way that is none, and a name that no file has."""
    with pytest.raises(ConfigurationError, match=r"there is no app at .*gone\.ipa: check the path"):
        check_app_file(tmp_path / "gone.ipa")
    (tmp_path / "Shop.ipa").mkdir()
    with pytest.raises(ConfigurationError, match=r"Shop\.ipa is no app but a directory"):
        check_app_file(tmp_path / "Shop.ipa")
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(ConfigurationError, match=r"the app .*a\.ipa cannot be read: Not a directory"):
        check_app_file(tmp_path / "file" / "a.ipa")
    for path in (f"{'x' * 300}.ipa", "a\0b.ipa", "a\nb.ipa"):
        with pytest.raises(ConfigurationError) as caught:
            check_app_file(path)
        assert str(caught.value).isprintable()


@pytest.mark.skipif(not hasattr(os, "truncate"), reason="sparse files are made with truncate")
def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    """Device Farm takes 4 GB; nobody should wait for more to be refused."""
    path = tmp_path / "shop.ipa"
    path.touch()
    os.truncate(path, LARGEST_APP + 1)
    with pytest.raises(ConfigurationError, match="has 4294967297 bytes: Device Farm takes apps of 4 GB at most"):
        check_app_file(path)


@hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
@hypothesis.given(st.integers(0, 200), st.binary(max_size=30))
def test_broken_zip_files(tmp_path: Path, at: int, junk: bytes) -> None:
    """No bytes lead to another error than the one that says it."""
    whole = package("AndroidManifest.xml", "classes.dex")
    at %= len(whole)
    path = tmp_path / "shop.apk"
    path.write_bytes(whole[:at] + junk + whole[at + len(junk) :])
    with suppress(ConfigurationError):
        assert check_app_file(path).platform is Platform.ANDROID
