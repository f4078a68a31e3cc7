"""farm/put: a file arrives whole or not at all, in pieces, and nobody says where it went."""

from __future__ import annotations

import logging
import os
import shutil
import ssl
import subprocess
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_devicefarm.errors import ConfigurationError, UnavailableError
from pytest_devicefarm.farm.uploads import Sent, provide_app

from .conftest import FakeClock
from .storage_server import Storage, zipped

IPA = zipped({"Payload/Shop.app/Info.plist": b"", "Payload/Shop.app/Shop": os.urandom(300_000)})

pytestmark = pytest.mark.usefixtures("environment")
MakeStorage = Callable[..., Storage]


@pytest.fixture
def ipa(tmp_path: Path) -> Path:
    path = tmp_path / "shop.ipa"
    path.write_bytes(IPA)
    return path


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeStorage]:
    """Make storages whose URLs a client's CreateUpload answers with."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    made: list[Storage] = []

    def storage(*answers: bytes, **options: Any) -> Storage:
        made.append(Storage(*answers, **options))
        return made[-1]

    yield storage
    for each in made:
        each.close()


def _upload(storage: Storage, path: Path, clock: Any, told: Any = None, seconds: float = 600.0) -> list[str]:
    """Upload to a storage; returns the troubles."""
    troubles: list[str] = []
    provide_app(
        path,
        client=storage,
        project="arn:project",
        clock=clock,
        deadline=clock.monotonic() + seconds,
        progress=told or (lambda sent: None),
        trouble=troubles.append,
    )
    return troubles


def test_what_is_sent(storage: MakeStorage, ipa: Path, clock: FakeClock) -> None:
    """One PUT with the length and the content type that CreateUpload was told."""
    server = storage(b"200 OK")
    assert _upload(server, ipa, clock) == []
    (request,) = server.requests
    assert request.body == IPA
    assert request.line.startswith(
        b"PUT /%s-1?X-Amz-Signature=%s HTTP/1.1" % (server.secret.encode(), server.secret.encode())
    )
    assert f"content-length: {len(IPA)}\r\n".encode() in request.head.lower()
    assert b"content-type: application/octet-stream\r\n" in request.head.lower()
    assert b"transfer-encoding" not in request.head.lower()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "RemoteDisconnected"),
        (b"drop", None),
        (b"500 Oh", "HTTP 500"),
        (b"503 Slow <Code>SlowDown</Code>", "HTTP 503 SlowDown"),
        (b"400 Bad <Code>RequestTimeout</Code>", "HTTP 400 RequestTimeout"),
        (b"429 Many", "HTTP 429"),
    ],
)
def test_storage_that_fails_once(
    storage: MakeStorage, ipa: Path, clock: FakeClock, answer: bytes, said: str | None
) -> None:
    """The file is sent again, from its beginning, to the same URL."""
    server = storage(answer, b"200 OK")
    (trouble,) = _upload(server, ipa, clock)
    assert trouble == said or (
        said is None and trouble in ("ConnectionResetError", "BrokenPipeError", "RemoteDisconnected")
    )
    assert server.requests[-1].body == IPA
    assert [request.upload for request in server.requests] == [1, 1]


def test_a_url_that_expired(storage: MakeStorage, ipa: Path, clock: FakeClock) -> None:
    """It is replaced by that of a new upload."""
    server = storage(b"403 No <Code>AccessDenied</Code>", b"200 OK")
    assert _upload(server, ipa, clock) == []
    assert [request.upload for request in server.requests] == [1, 2]
    assert server.requests[-1].body == IPA


def test_a_refusal_before_the_file_was_read(storage: MakeStorage, tmp_path: Path, clock: FakeClock) -> None:
    """The answer of a server that hung up early is heard."""
    path = _large(tmp_path, 20_000_000)
    server = storage(b"early 403 No", b"200 OK")
    server.keep = False
    assert _upload(server, path, clock) == []
    assert server.created == 2


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([b"403 No <Code>AccessDenied</Code>"] * 2, "(HTTP 403 AccessDenied)"),
        ([b"400 No <Code>EntityTooLarge</Code>"], "(HTTP 400 EntityTooLarge)"),
        ([b"404 No <Code>https://x/y</Code>"], "(HTTP 404)"),
        ([b"307 Elsewhere"], "(HTTP 307)"),
    ],
)
def test_storage_that_refuses(
    storage: MakeStorage, ipa: Path, clock: FakeClock, answers: list[bytes], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What cannot heal is an error with the storage's own word, and without the URL."""
    caplog.set_level(logging.DEBUG)
    server = storage(*answers)
    with pytest.raises(ConfigurationError) as caught:
        _upload(server, ipa, clock)
    assert str(caught.value) == f"uploading app shop.ipa: the storage of Device Farm refused the file {said}: is a proxy in the way?"  # fmt: skip
    assert clock.elapsed == 0
    assert server.secret not in caplog.text + str(caught.getrepr(showlocals=True, style="long"))


def test_storage_that_is_gone(storage: MakeStorage, ipa: Path, clock: FakeClock) -> None:
    """Trying ends at the deadline."""
    server = storage()
    server.close()
    with pytest.raises(
        UnavailableError, match=r"uploading app shop\.ipa: AWS could not be asked: ConnectionRefusedError"
    ) as caught:
        _upload(server, ipa, clock, seconds=30)  # fmt: skip
    assert clock.elapsed == pytest.approx(30)
    assert server.secret not in str(caught.getrepr(showlocals=True, style="long"))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_certificates(
    storage: MakeStorage, ipa: Path, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of AWS_CA_BUNDLE are trusted, as by boto3; one that is not is an error at once."""
    certificate, key = str(tmp_path / "certificate.pem"), str(tmp_path / "key.pem")
    made = ["-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=storage", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(["openssl", "req", *made, "-out", certificate, "-keyout", key], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    server = storage(b"200 OK", tls=tls)
    with pytest.raises(
        ConfigurationError, match=r"could not be verified \(self.signed certificate\): check AWS_CA_BUNDLE"
    ):
        _upload(server, ipa, clock)
    assert server.requests == []
    monkeypatch.setenv("AWS_CA_BUNDLE", certificate)
    server = storage(b"503 Later", b"200 OK", tls=tls)
    assert _upload(server, ipa, clock) == ["HTTP 503"]
    assert server.requests[-1].body == IPA


@pytest.mark.parametrize("change", ["shorter", "longer", "other"])
def test_a_file_that_changes(storage: MakeStorage, tmp_path: Path, clock: FakeClock, change: str) -> None:
    """It is an error, and the storage never gets the whole of what it was promised."""
    path = _large(tmp_path, 3_000_000)
    size = path.stat().st_size

    def meddle(sent: Sent) -> None:
        if change == "shorter":
            os.truncate(path, 1_000_000)
        elif change == "longer":
            os.truncate(path, size + 1)
        else:
            with path.open("r+b") as file:
                file.seek(2_000_000)
                file.write(b"other")

    server = storage(b"200 OK")
    with pytest.raises(ConfigurationError) as caught:
        _upload(server, path, clock, meddle)
    assert str(caught.value) == "app large.ipa changed while it was uploaded: let its build end first"
    server.join()
    assert len(server.requests[0].body) < size
    assert server.secret not in str(caught.getrepr(showlocals=True, style="long"))


@pytest.mark.parametrize("end", ["cancel", "deadline"])
def test_an_upload_is_ended(storage: MakeStorage, tmp_path: Path, clock: FakeClock, end: str) -> None:
    """In the middle of a file, when the run is over or its time is."""

    def later(sent: Sent) -> None:
        clock.advance(400) if end == "deadline" else clock.cancel()

    server = storage(b"200 OK")
    said = "could not be uploaded in time" if end == "deadline" else "the run ended before app"
    with pytest.raises(UnavailableError, match=said):
        _upload(server, _large(tmp_path, 3_000_000), clock, later)
    server.join()
    assert len(server.requests[0].body) < 3_000_000


def test_a_large_file(storage: MakeStorage, tmp_path: Path, clock: FakeClock) -> None:
    """It is held in memory by no one, and told of a hundred times, not for each of its blocks."""
    path = _large(tmp_path, 200_000_000)
    server = storage(b"200 OK")
    server.keep = False
    told: list[Sent] = []
    tracemalloc.start()
    try:
        _upload(server, path, clock, told.append)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
    assert server.requests[0].size == path.stat().st_size
    assert len(told) == 101


def _large(folder: Path, size: int) -> Path:
    """An .ipa whose first part is a hole."""
    path = folder / "large.ipa"
    path.touch()
    os.truncate(path, size)
    with path.open("ab") as file:
        file.write(zipped({"Payload/Shop.app/Info.plist": b""}))
    return path
