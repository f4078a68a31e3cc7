"""Uploads: announced, put at a presigned URL, processed, expired."""

import hashlib
import json
import plistlib
import re
import struct
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from werkzeug.wsgi import LimitedStream

from pytest_devicefarm.emulator import Upload
from pytest_devicefarm.emulator.manifest import read_manifest
from pytest_devicefarm.emulator.uploads import MAX_SIZE

from .conftest import Play, Raw
from .farm_client import FarmClient, fetch, package
from .test_api import error_code

INFO = plistlib.dumps(
    {
        "CFBundleIdentifier": "com.example.app",
        "CFBundleShortVersionString": "1.2",
        "MinimumOSVersion": "15.0",
        "UIDeviceFamily": [1, 2],
    }
)
IPA = package({"Payload/A.app/Info.plist": INFO})


def manifest(wide: bool = False) -> bytes:
    """A manifest in Android's binary XML: strings in UTF-8 or UTF-16, two elements, numbers and text."""
    words = ["manifest", "uses-sdk", "package", "versionCode", "minSdkVersion", "com.example.app"]
    pool, offsets = b"", []
    for word in words:
        offsets.append(len(pool))
        pool += (
            struct.pack("<H", len(word)) + word.encode("utf-16-le") + b"\0\0"
            if wide
            else bytes([len(word), len(word)]) + word.encode() + b"\0"
        )
    pool += b"\0" * (-len(pool) % 4)
    begin = 28 + 4 * len(words)
    head = struct.pack("<IIIII", len(words), 0, 0 if wide else 1 << 8, begin, 0)
    strings = struct.pack("<HHI", 1, 28, begin + len(pool)) + head + struct.pack(f"<{len(words)}I", *offsets) + pool

    def element(name: int, *attributes: tuple[int, int, int, int]) -> bytes:
        body = struct.pack("<IIHHHHHH", 0xFFFFFFFF, name, 20, 20, len(attributes), 0, 0, 0)
        for key, raw, kind, value in attributes:
            body += struct.pack("<IIIHBBI", 0xFFFFFFFF, key, raw, 8, 0, kind, value)
        return struct.pack("<HHIII", 0x0102, 16, 16 + len(body), 1, 0xFFFFFFFF) + body

    nothing = 0xFFFFFFFF
    elements = element(0, (2, 5, 3, 5), (3, nothing, 0x10, 7)) + element(1, (4, nothing, 0x10, 24))
    content = strings + elements
    return struct.pack("<HHI", 3, 8, 8 + len(content)) + content


def test_an_upload_is_put_and_processed(play: Play) -> None:
    """INITIALIZED with a URL, PROCESSING once the file is there, then SUCCEEDED (reference pages, Upload)."""
    farm = FarmClient(play(upload_seconds=10))
    asked = {"projectArn": farm.project, "name": "my app.ipa", "type": "IOS_APP", "contentType": "application/zip"}
    upload = farm.api.create_upload(**asked)["upload"]
    assert upload["arn"].startswith("arn:aws:devicefarm:us-west-2:123456789101:upload:EXAMPLE-GUID-123-456/")
    assert (upload["status"], upload["category"], upload["contentType"]) == (
        "INITIALIZED",
        "PRIVATE",
        "application/zip",
    )
    status, _, headers = fetch("PUT", upload["url"], IPA)
    assert (status, headers["ETag"]) == (200, f'"{hashlib.md5(IPA).hexdigest()}"')
    seen = []
    for seconds in (0, 9, 1):
        farm.advance(seconds)
        seen.append(farm.api.get_upload(arn=upload["arn"])["upload"]["status"])
    assert seen == ["PROCESSING", "PROCESSING", "SUCCEEDED"]
    assert json.loads(farm.api.get_upload(arn=upload["arn"])["upload"]["metadata"]) == {
        "package_name": "com.example.app",
        "version_name": "1.2",
        "minimum_os": "15.0",
        "form_factors": ["PHONE", "TABLET"],
    }


@pytest.mark.parametrize("wide", [True, False])
def test_an_android_app_tells_its_manifest(play: Play, wide: bool) -> None:
    """Package and versions are read from the binary manifest, whichever way its strings are written."""
    farm = FarmClient(play())
    arn = farm.upload(package({"AndroidManifest.xml": manifest(wide)}), "app.apk", "ANDROID_APP")
    assert json.loads(farm.api.get_upload(arn=arn)["upload"]["metadata"]) == {
        "package_name": "com.example.app",
        "version_code": "7",
        "sdk_version": "24",
    }


@pytest.mark.parametrize("content", [b"", b"<manifest/>", manifest()[:60], b"\3\0\x08\0" + b"\xff" * 40])
def test_a_manifest_that_cannot_be_read_is_no_crash(content: bytes) -> None:
    """What is cut or is no binary XML tells no package, whatever the bytes."""
    read = read_manifest(content)
    assert read is None or read.get("manifest", "package") is None


@pytest.mark.parametrize(
    ("kind", "name", "content", "said"),
    [
        ("IOS_APP", "a.ipa", b"no zip at all", "We could not open your application"),
        ("IOS_APP", "a.ipa", b"", "We could not open your application"),
        ("IOS_APP", "a.ipa", package({"A.app/Info.plist": INFO}), "We could not find the Payload directory"),
        ("IOS_APP", "a.ipa", package({"Payload/Info.plist": INFO}), "We could not find the .app directory"),
        ("IOS_APP", "a.ipa", package({"Payload/A.app/A": b""}), "We could not find the Info.plist file"),
        ("ANDROID_APP", "a.apk", IPA, "We could not extract information about your application"),
        ("ANDROID_APP", "a.apk", IPA[:-5], "We could not open your application"),
        ("APPIUM_PYTHON_TEST_PACKAGE", "a.zip", b"no zip", "We could not open your test package"),
    ],
)
def test_a_file_that_is_no_app_fails_with_a_message(
    play: Play, kind: str, name: str, content: bytes, said: str
) -> None:
    """Guide, troubleshooting-android-applications and -ios-applications: the messages are theirs."""
    farm = FarmClient(play())
    upload = farm.api.get_upload(arn=farm.upload(content, name, kind))["upload"]
    assert upload["status"] == "FAILED"
    assert upload["message"].startswith(said)
    assert "metadata" not in upload


def test_an_app_without_readable_properties_is_still_one(play: Play) -> None:
    """Nothing is told of it."""
    farm = FarmClient(play())
    for info in (b"no plist", plistlib.dumps([1]), b"bplist00" + b"\xff" * 60):
        upload = farm.api.get_upload(arn=farm.upload(package({"Payload/A.app/Info.plist": info})))["upload"]
        assert (upload["status"], json.loads(upload["metadata"])) == ("SUCCEEDED", {})


def test_the_url_is_the_credential(play: Play) -> None:
    """Another method, path or signature is refused, and so is the URL after a day: as S3 refuses, in XML."""
    farm = FarmClient(play())
    one, other = (
        farm.api.create_upload(projectArn=farm.project, name="a.ipa", type="IOS_APP")["upload"]["url"] for _ in "ab"
    )
    path, _, query = one.partition("?")
    cases = [
        ("GET", one),
        ("PUT", f"{path}?{other.partition('?')[2]}"),
        ("PUT", f"{path}x?{query}"),
        ("PUT", re.sub("Signature=....", "Signature=0000", one)),
        ("PUT", f"{path}?"),
        ("PUT", re.sub("Date=2", "Date=3", one)),
    ]
    for method, url in cases:
        status, body, headers = fetch(method, url, IPA)
        assert (status, headers["Content-Type"]) == (403, "application/xml")
        assert b"<Code>SignatureDoesNotMatch</Code>" in body
    farm.advance(86402)
    status, body, _ = fetch("PUT", one, IPA)
    assert (status, b"Request has expired" in body) == (403, True)


def test_bodies_that_s3_does_not_take(play: Play) -> None:
    """Too large (guide, limits: "4 GB"), chunked, and of unknown length: refused before a byte is read."""
    farm = FarmClient(play())
    url = farm.api.create_upload(projectArn=farm.project, name="a.ipa", type="IOS_APP")["upload"]["url"]
    raw = Raw(farm.emulator)

    def put(**headers: str) -> tuple[int, bytes]:
        raw.connection.close()
        raw.connection.putrequest("PUT", url.removeprefix(farm.emulator.url))
        for name, value in headers.items():
            raw.connection.putheader(name.replace("_", "-"), value)
        raw.connection.endheaders()
        response = raw.connection.getresponse()
        return response.status, response.read()

    status, body = put(Content_Length=str(MAX_SIZE + 1))
    assert (status, b"EntityTooLarge" in body) == (400, True)
    status, body = put(Transfer_Encoding="chunked")
    assert (status, b"NotImplemented" in body) == (501, True)
    status, body = put()
    assert (status, b"MissingContentLength" in body) == (411, True)
    assert farm.api.list_uploads(arn=farm.project)["uploads"][-1]["status"] == "INITIALIZED"


def test_a_large_file_is_not_held_in_memory(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes in pieces: no read asks for more than one of them, and while it comes others are served."""
    farm = FarmClient(play())
    upload = farm.api.create_upload(projectArn=farm.project, name="big.ipa", type="IOS_APP")["upload"]
    asked: list[int] = []
    read = LimitedStream.read

    def counting(stream: Any, size: int = -1) -> bytes:
        asked.append(size)
        return read(stream, size)

    monkeypatch.setattr(LimitedStream, "read", counting)
    assert fetch("PUT", upload["url"], bytes(5_000_000))[0] == 200
    assert 0 < max(asked) <= 1024 * 1024
    assert -1 not in asked


def test_a_connection_that_breaks_leaves_the_upload_as_it_was(play: Play) -> None:
    """Half a file is no file, and nothing of it stays on the disk."""
    farm = FarmClient(play())
    upload = farm.api.create_upload(projectArn=farm.project, name="a.ipa", type="IOS_APP")["upload"]
    raw = Raw(farm.emulator)
    raw.connection.putrequest("PUT", upload["url"].removeprefix(farm.emulator.url))
    raw.connection.putheader("Content-Length", "1000")
    raw.connection.endheaders(b"half")
    raw.connection.close()
    assert farm.api.get_upload(arn=upload["arn"])["upload"]["status"] == "INITIALIZED"


def test_names_and_types_that_are_refused(play: Play) -> None:
    """Model, CreateUpload: no slashes, .apk and .ipa for apps, and WEB_APP is an ArgumentException."""
    farm = FarmClient(play())
    for name, kind in (("a/b.ipa", "IOS_APP"), ("a.apk", "IOS_APP"), ("a.aab", "ANDROID_APP"), ("a", "WEB_APP")):
        with pytest.raises(farm.api.exceptions.ArgumentException):
            farm.api.create_upload(projectArn=farm.project, name=name, type=kind)
    with pytest.raises(ClientError) as caught:
        farm.api.create_upload(projectArn=farm.project, name="x" * 257, type="IOS_APP")
    assert error_code(caught) == "ValidationException"


def test_uploads_are_listed_by_type_and_page(play: Play) -> None:
    """A project's own, those of one type, page by page."""
    farm = FarmClient(play(page_size=1, uploads=()))
    farm.upload(IPA)
    second = farm.upload(package({"AndroidManifest.xml": b""}), "app.apk", "ANDROID_APP")
    pages = farm.api.get_paginator("list_uploads").paginate(arn=farm.project)
    assert [len(page["uploads"]) for page in pages] == [1, 1]
    listed = farm.api.list_uploads(arn=farm.project, type="ANDROID_APP")["uploads"]
    assert [upload["arn"] for upload in listed] == [second]


def test_uploads_can_be_deleted_and_expire_after_30_days(play: Play) -> None:
    """Guide, sessions: apps are kept 30 days."""
    farm = FarmClient(play())
    gone, old = farm.upload(IPA), farm.upload(IPA)
    farm.api.delete_upload(arn=gone)
    with pytest.raises(farm.api.exceptions.NotFoundException):
        farm.api.get_upload(arn=gone)
    farm.advance(30 * 86400 - 5)
    assert farm.api.get_upload(arn=old)["upload"]["status"] == "SUCCEEDED"
    farm.advance(5)
    with pytest.raises(farm.api.exceptions.NotFoundException):
        farm.api.get_upload(arn=old)
    assert farm.api.list_uploads(arn=farm.project)["uploads"] == []


def test_a_scenario_has_uploads(play: Play) -> None:
    """They are there from the start, as their fields say."""
    mine = Upload(
        "arn:aws:devicefarm:us-west-2:123456789101:upload:p/mine", "b.apk", "ANDROID_APP", None, {"status": "FAILED"}
    )
    farm = FarmClient(play(uploads=(mine,)))
    upload = farm.api.get_upload(arn=mine.arn)["upload"]
    assert (upload["name"], upload["type"], upload["status"]) == ("b.apk", "ANDROID_APP", "FAILED")


def test_the_files_are_gone_with_the_emulator(play: Play) -> None:
    """Nothing stays on the disk."""
    farm = FarmClient(play())
    farm.upload(IPA)
    uploads: Any = farm.emulator._farm.uploads  # type: ignore[union-attr]
    folder = uploads._directory()
    assert list(Path(folder).iterdir())
    farm.emulator.stop()
    assert not Path(folder).exists()
