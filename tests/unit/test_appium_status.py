"""farm/endpoint: an Appium endpoint is up or it is not, and its URL is never said."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import Thread

import pytest

from pytest_devicefarm.farm.endpoint import endpoint_answer

from .unit_samples import CANARY

pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., tuple[str, list[bytes]]]]:
    """Answer connections to a loopback port with these bytes, one each; returns its URL and the requests."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ExitStack() as stack:

        def serve(*answers: bytes) -> tuple[str, list[bytes]]:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            requests: list[bytes] = []

            def work() -> None:
                for answer in answers:
                    connection, _ = listener.accept()
                    with connection:
                        requests.append(connection.recv(65536))
                        connection.sendall(answer)

            thread = Thread(target=work, daemon=True)
            thread.start()
            stack.callback(thread.join, 10)
            return f"http://127.0.0.1:{listener.getsockname()[1]}/{CANARY}", requests

        yield serve


def _http(status: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}".encode()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (_http("200 OK"), None),
        (_http("400 Bad Request"), "HTTP 400"),
        (_http("404 Not Found"), "HTTP 404"),
        (_http("500 Internal Server Error"), "HTTP 500"),
        (_http("503 "), "HTTP 503"),
        (b"", "RemoteDisconnected"),
        pytest.param(
            b"SSH-2.0-OpenSSH_9.6\r\n",
            "BadStatusLine",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 70000,
            "LineTooLong",
        ),
    ],
    ids=["200", "400", "404", "500", "503", "nothing", "no-http", "long-header"],
)
def test_answer(serve: Callable[..., tuple[str, list[bytes]]], answer: bytes, said: str | None) -> None:
    """Success is readiness; anything else is said in a word that does not hold the URL."""
    url, _ = serve(answer)
    assert endpoint_answer(url) == said


@pytest.mark.parametrize("slash", ["", "/"])
def test_it_asks_for_the_status(serve: Callable[..., tuple[str, list[bytes]]], slash: str) -> None:
    """The question is GET URL/status, asked once."""
    url, requests = serve(_http("200 OK"))
    endpoint_answer(url + slash)
    assert [request.split(b"\r\n")[0] for request in requests] == [f"GET /{CANARY}/status HTTP/1.1".encode()]


def test_refused_connection() -> None:
    """Nobody listens: that may change."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert endpoint_answer(f"http://127.0.0.1:{port}/{CANARY}") == "ConnectionRefusedError"


def test_no_tls_on_the_other_side(serve: Callable[..., tuple[str, list[bytes]]]) -> None:
    """An HTTPS endpoint that does not speak TLS is not up."""
    url, _ = serve(b"no TLS\r\n")
    said = endpoint_answer(url.replace("http:", "https:"))
    assert said is not None
    assert said.startswith("SSL")


BROKEN = {
    "no-host": "http://",
    "no-port": f"http://127.0.0.1:x/{CANARY}",
    "blank": f"http://127.0.0.1:1/a {CANARY}",
    "line-end": f"http://127.0.0.1:1/a\n{CANARY}",
    "umlaut": f"http://127.0.0.1:1/ü{CANARY}",
    "scheme": f"ftx://127.0.0.1/{CANARY}",
    "no-scheme": CANARY,
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_url(name: str) -> None:
    """A URL that cannot be asked is an endpoint that does not answer: no error, and the URL is not said."""
    said = endpoint_answer(BROKEN[name])
    assert said is not None
    assert CANARY not in said
    assert said.endswith(("Error", "InvalidURL"))


def test_url_is_not_logged(serve: Callable[..., tuple[str, list[bytes]]], caplog: pytest.LogCaptureFixture) -> None:
    """Asking logs nothing, at any level."""
    url, _ = serve(_http("400 Bad Request"))
    with caplog.at_level(logging.DEBUG):
        endpoint_answer(url)
    assert CANARY not in caplog.text
