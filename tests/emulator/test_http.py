"""HTTP itself: kept connections, one write, stopping, and requests that nobody should send."""

import json
import socket
import threading
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from pytest_devicefarm.emulator import Emulator, Fault, Scenario
from pytest_devicefarm.emulator.server import Handler, Server

from .conftest import SIGNED, Play, Raw, client

TARGET = {"X-Amz-Target": "DeviceFarm_20150623.ListProjects", "Authorization": SIGNED}


def exchange(emulator: Emulator, sent: bytes) -> bytes:
    """Send bytes and nothing more; returns all that comes back until the server closes."""
    host, _, port = emulator.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while data := connection.recv(65536):
            received += data
    return received


def test_a_client_keeps_its_connection(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten calls of one client, good and bad, go over one connection."""
    opened = []
    original = Server.process_request

    def count(server: Server, request: Any, address: Any) -> None:
        opened.append(address)
        original(server, request, address)

    monkeypatch.setattr(Server, "process_request", count)
    farm = client(play(faults=(Fault("*", "throttling", calls={"every": 2}),)))
    for _ in range(5):
        farm.list_projects()
        with pytest.raises(farm.exceptions.ClientError):
            farm.list_projects()
    assert len(opened) == 1


def test_an_answer_leaves_in_one_write(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Head and body are one write; apart, they would wait for each other's acknowledgement."""
    writes = []
    original = Handler.setup

    def setup(handler: Handler) -> None:
        original(handler)
        inner = handler.wfile

        class Recorder:
            def write(self, data: bytes) -> int:
                writes.append(data)
                return inner.write(data)

            def __getattr__(self, name: str) -> Any:
                return getattr(inner, name)

        handler.wfile = Recorder()  # type: ignore[assignment]  # what the handler uses of a file is there

    monkeypatch.setattr(Handler, "setup", setup)
    raw = Raw(play())
    for _ in range(3):
        raw.call("ListProjects", {})
    assert len(writes) == 3
    assert all(data.startswith(b"HTTP/1.1 200 OK\r\n") and data.endswith(b"}") for data in writes)


def test_stop_ends_everything_and_may_be_repeated() -> None:
    """Kept connections are closed, hanging calls end, the port is free again, and a second stop does nothing."""
    emulator = Emulator(Scenario(faults=(Fault("GetRemoteAccessSession", "hang"),))).start()
    raw, hanging = Raw(emulator), Raw(emulator)
    raw.call("ListProjects", {})
    target = {"X-Amz-Target": "DeviceFarm_20150623.GetRemoteAccessSession", "Authorization": SIGNED}
    hanging.connection.request("POST", "/", json.dumps({"arn": emulator.default_session_arn}), target)
    emulator.stop()
    emulator.stop()
    for connection in (raw.connection, hanging.connection):
        sock = connection.sock
        assert sock is not None
        with suppress(ConnectionResetError):
            assert sock.recv(1) == b""
    port = int(emulator.url.rpartition(":")[2])
    with Emulator(port=port) as again:
        assert again.url == emulator.url


def test_a_hang_ends_with_the_emulator() -> None:
    """Stopping leaves no thread behind, though a call hung for ever and its client has given up."""
    before = set(threading.enumerate())
    emulator = Emulator(Scenario(faults=(Fault("*", "hang"),))).start()
    with pytest.raises(ReadTimeoutError):
        client(emulator, read_timeout=0.2).list_projects()
    emulator.stop()
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
        assert not thread.is_alive()


def test_threads_never_keep_the_interpreter(play: Play) -> None:
    """All threads of an emulator are daemons, so even a hang lets the process exit."""
    before = set(threading.enumerate())
    emulator = play(faults=(Fault("*", "hang", calls=[2]),))
    raw = Raw(emulator)
    raw.call("ListProjects", {})
    raw.connection.request("POST", "/", "{}", TARGET)
    new = set(threading.enumerate()) - before
    assert len(new) == 2
    assert all(thread.daemon for thread in new)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "SerializationException"),
        (b"[]", "SerializationException"),
        (b"\xff\xfe", "SerializationException"),
        (b"[" * 100_000, "SerializationException"),
        (b'{"nextToken": ' + b"9" * 5000 + b"}", "SerializationException"),
        (b'{"nextToken": {}}', "SerializationException"),
        (b"x" * (1024 * 1024 + 1), "RequestEntityTooLargeException"),
    ],
    ids=["cut", "list", "binary", "deep", "number", "type", "huge"],
)
def test_bodies_that_are_refused(play: Play, body: bytes, code: str) -> None:
    """Whatever the body is, the answer is a 4xx with a JSON body, and the next call is served as usual."""
    raw = Raw(play())
    response, answer = raw.send("POST", "/", body, TARGET)
    assert 400 <= response.status < 500
    assert json.loads(answer)["__type"] == code
    assert raw.call("ListProjects", {})[0].status == 200


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {}),
        ("PUT", "/", {}),
        ("POST", "/nowhere", {}),
        ("POST", "/", {}),
        ("POST", "/", {"X-Amz-Target": "DeviceFarm_20150623.Nothing"}),
        ("POST", "/", {"X-Amz-Target": "S3.ListProjects"}),
        ("POST", "/", {"X-Amz-Target": "DeviceFarm_20150623"}),
    ],
)
def test_requests_to_nowhere(play: Play, method: str, path: str, headers: dict[str, str]) -> None:
    """Unknown paths, methods and targets are unknown operations, with a body."""
    response, body = Raw(play()).send(method, path, b"", headers)
    assert response.status in (400, 404)
    assert json.loads(body)["__type"] == "UnknownOperationException"


@pytest.mark.parametrize("length", ["-1", "+1", "1_0", "\xb2", "99999999999999999999", "x"])
def test_lengths_that_are_none(play: Play, length: str) -> None:
    """A Content-Length that is no count is refused, and the connection closed: where the body ends is unknown."""
    sent = f"POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\nGET / HTTP/1.1\r\n\r\n".encode("latin-1")
    received = exchange(play(), sent)
    assert received.startswith(b"HTTP/1.1 400 ")
    assert received.count(b"HTTP/1.1") == 1
    assert received.endswith(b'"message": "Bad URL or Content-Length"}')


@pytest.mark.parametrize(
    "sent",
    [
        b"POST / HTTP/1.1\r\nX-Amz-Target: DeviceFarm_20150623.ListProjects\r\nContent-Length: 50\r\n\r\n{}",
        b"POST / HTTP/1.1\r\nX-Amz-Target: DeviceFarm_20150623.ListProjects\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST //[ HTTP/1.1\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"\x00\x01\x02\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n",
    ],
    ids=["cut", "chunk", "url", "version", "binary", "long", "headers"],
)
def test_requests_that_are_no_http(play: Play, sent: bytes) -> None:
    """Each gets a 4xx or 5xx with a body, never silence, and the server lives on."""
    emulator = play()
    received = exchange(emulator, sent)
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.split(b" ")[1][:1] in (b"4", b"5")
    assert b"x-amzn-RequestId: " in head
    assert json.loads(body)["message"]
    assert client(emulator).list_projects()["projects"]


def test_chunked_requests_are_read(play: Play) -> None:
    """A body in chunks is as good as one with a length."""
    head = "".join(f"{name}: {value}\r\n" for name, value in TARGET.items())
    sent = f"POST / HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n".encode()
    assert b'"projects"' in exchange(play(), sent)


def test_many_clients_at_once(play: Play) -> None:
    """Calls from many threads are all answered and all noted."""
    emulator = play(rate_limits=False)
    farm = client(emulator, max_pool_connections=8)
    threads = [
        threading.Thread(target=lambda: [farm.list_projects() for _ in range(10)], daemon=True) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(emulator.calls) == 80


def test_only_loopback() -> None:
    """An address that other machines could reach is refused."""
    for host in ("0.0.0.0", "::", "192.0.2.1"):
        with pytest.raises(ValueError, match="is not loopback"):
            Emulator(host=host).start()


def test_an_emulator_is_started_once() -> None:
    """Before the start there is no URL; a second start is refused."""
    emulator = Emulator()
    with pytest.raises(RuntimeError, match="no URL before start"):
        _ = emulator.url
    with emulator, pytest.raises(RuntimeError, match="make a new one"):
        emulator.start()
