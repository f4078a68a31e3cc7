"""Getting a file from a presigned URL."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest

from pytest_devicefarm.errors import ConfigurationError, UnavailableError
from pytest_devicefarm.farm.client import TransientError
from pytest_devicefarm.farm.get import GivenUp, get

SECRET = "X-Amz-Signature=deadbeef"


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """A server that answers one request with these bytes and hangs up; gives the URL."""
    listeners: list[socket.socket] = []

    def start(*blocks: bytes) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                while b"\r\n\r\n" not in connection.recv(65536):
                    pass
                for block in blocks:
                    connection.sendall(block)

        Thread(target=answer, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/file?{SECRET}"

    yield start
    for listener in listeners:
        listener.close()


def answer(body: bytes, *, status: str = "200 OK", length: int | None = None) -> bytes:
    promised = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Length: {promised}\r\n\r\n".encode() + body


def fetch(url: str, path: Path, *, most: int = 10**6, observe: Callable[[int], None] = lambda size: None) -> None:
    get(url, path, trusted=None, most=most, observe=observe)


def test_a_file_is_whole_under_its_name(serve, tmp_path):
    """The bytes that came, nothing beside them, and each block was told."""
    sizes: list[int] = []
    fetch(serve(answer(b"hello")), tmp_path / "video.mp4", observe=sizes.append)
    assert (tmp_path / "video.mp4").read_bytes() == b"hello"
    assert [each.name for each in tmp_path.iterdir()] == ["video.mp4"]
    assert sum(sizes) == 5


def test_an_empty_file_and_one_of_unknown_size(serve, tmp_path):
    """No bytes are a file too; without Content-Length the connection's end is the file's."""
    fetch(serve(answer(b"")), tmp_path / "empty")
    fetch(serve(b"HTTP/1.1 200 OK\r\n\r\nhello"), tmp_path / "unknown")
    assert [(tmp_path / name).read_bytes() for name in ("empty", "unknown")] == [b"", b"hello"]


@pytest.mark.parametrize(
    ("came", "error", "text"),
    [
        (answer(b"hel", length=5), TransientError, "it broke off after 3 of 5 bytes"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", TransientError, "IncompleteRead"),
        (b"", TransientError, "RemoteDisconnected"),
        (b"garbage\r\n\r\n", TransientError, "BadStatusLine"),
        (answer(b"x", status="503 Slow Down"), TransientError, "HTTP 503"),
        (answer(b"x", status="403 Forbidden"), TransientError, "HTTP 403"),  # it has expired: a new one is in the list
        (answer(b"x", status="404 Not Found"), TransientError, "HTTP 404"),
        (answer(b"x", status="400 Bad Request"), UnavailableError, "HTTP 400"),
        (answer(b"too large"), GivenUp, "it has 9 bytes, more than the 8 of ini devicefarm_artifacts_max_size"),
        (
            b"HTTP/1.1 200 OK\r\n\r\ntoo large",
            GivenUp,
            "it has more than the 8 bytes of ini devicefarm_artifacts_max_size",
        ),
        (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", UnavailableError, "HTTP 302"),
    ],
)
def test_what_goes_wrong_leaves_nothing(serve, tmp_path, came, error, text):
    """No half file under any name; the error says what came, and never the URL."""
    with pytest.raises(error) as caught:
        fetch(serve(came), tmp_path / "file", most=8)
    assert type(caught.value) is error
    assert str(caught.value) == text
    assert list(tmp_path.iterdir()) == []


def test_silence_is_told_in_words(tmp_path, monkeypatch):
    """Of a server that takes the connection and never answers."""
    monkeypatch.setattr("pytest_devicefarm.farm.get.READ_TIMEOUT", 0.01)
    silent = socket.create_server(("127.0.0.1", 0))
    with silent, pytest.raises(TransientError) as caught:
        fetch(f"http://127.0.0.1:{silent.getsockname()[1]}/file", tmp_path / "file")
    assert str(caught.value) == "no answer within 0.01 seconds"


def test_an_older_file_stays_until_the_new_one_is_whole(serve, tmp_path):
    """The file is replaced at once, and not where the download fails."""
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(TransientError):
        fetch(serve(answer(b"ne", length=3)), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"old"
    fetch(serve(answer(b"new")), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"new"


def test_whoever_observes_can_end_it(serve, tmp_path):
    """Its own error comes out, and nothing is left."""

    def observe(size: int) -> None:
        raise GivenUp("enough")

    with pytest.raises(GivenUp, match="enough"):
        fetch(serve(answer(b"hello")), tmp_path / "file", observe=observe)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", ""])
def test_only_addresses_of_the_web_are_opened(tmp_path, url):
    """A broken answer must not make this machine's files an artifact."""
    with pytest.raises(UnavailableError, match="its address is none of the web"):
        fetch(url, tmp_path / "file")


def test_a_folder_that_takes_no_file_is_the_users_to_change(serve, tmp_path):
    """Not a network's trouble: it is not tried again."""
    (tmp_path / "file").mkdir()
    with pytest.raises(ConfigurationError, match="file cannot be written: "):
        fetch(serve(answer(b"hello")), tmp_path / "file")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_the_url_is_in_no_log(serve, tmp_path, caplog):
    """urllib3 would log it; of a download that works, and of one that does not."""
    caplog.set_level(logging.DEBUG)
    fetch(serve(answer(b"hello")), tmp_path / "file")
    with pytest.raises(TransientError) as caught:
        fetch(serve(b""), tmp_path / "file")
    assert SECRET not in caplog.text + str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
