"""HTTP on a loopback port: werkzeug's server, with connections that are kept and answers sent in one write.

werkzeug's own handler closes the connection after each answer, and writes head and body apart, which on a
connection that is kept costs 40 ms each by Nagle's algorithm and delayed acknowledgement.
"""

import ipaddress
import json
import logging
import socket
import threading
import uuid
from contextlib import suppress
from http import HTTPStatus
from typing import IO, Any, cast

try:
    from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
    from werkzeug.wsgi import LimitedStream
except ImportError as error:
    raise ImportError("the emulator needs werkzeug: pip install 'pytest-devicefarm[emulator]'") from error

from .errors import ConnectionDropped

log = logging.getLogger("pytest_devicefarm.emulator")

#: Bytes. What the application left of a body is read up to here: a client that still writes sees no answer.
_DRAIN = 64 * 1024 * 1024


class Handler(WSGIRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Answer one request."""
        try:
            body = self._body()
            environ = self.make_environ()
        except ValueError:
            self.send_error(HTTPStatus.BAD_REQUEST, "Bad URL or Content-Length")
            return
        if body is None:
            # Chunked: where the next request begins is known only to who has read it all.
            self.close_connection = True
        else:
            environ["wsgi.input"] = body
        try:
            self._answer(environ)
        except ConnectionDropped:
            self.close_connection = True
            return
        if body is not None and not body.is_exhausted:
            self._drain(body)

    def _answer(self, environ: Any) -> None:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            started.append((status, headers))

        chunks = iter(self.server.app(environ, start_response))
        chunk = next(chunks, b"")
        self.wfile.write(self._head(*started[0]) + chunk)
        for chunk in chunks:
            self.wfile.write(chunk)

    def _head(self, status: str, headers: list[tuple[str, str]]) -> bytes:
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
        if self.close_connection:
            lines.append("Connection: close")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is no HTTP, or too much of it, and hang up: where it ends nobody knows."""
        phrase = HTTPStatus(code).phrase
        body = json.dumps({"__type": "BadRequestException", "message": message or phrase}).encode()
        headers = [
            ("Content-Type", "application/x-amz-json-1.1"),
            ("Content-Length", str(len(body))),
            ("x-amzn-ErrorType", "BadRequestException"),
            ("x-amzn-RequestId", str(uuid.uuid4())),
            ("Date", self.date_time_string()),
        ]
        self.close_connection = True
        self.wfile.write(self._head(f"{code:d} {phrase}", headers) + body)

    def _body(self) -> LimitedStream | None:
        """The request's body, None where its end is not told by Content-Length.

        Raises ValueError for a Content-Length that is no count.
        """
        if "Transfer-Encoding" in self.headers:
            return None
        length = self.headers.get("Content-Length", "0").strip()
        # `int` takes signs, underscores and other scripts' digits as well.
        if not (length.isascii() and length.isdigit() and len(length) < 16):
            raise ValueError("bad Content-Length")
        return LimitedStream(cast("IO[bytes]", self.rfile), int(length))

    def _drain(self, body: LimitedStream) -> None:
        """Read what is left of a request, up to a limit, to find the next one on this connection."""
        left = body.limit - body.tell()
        if left > _DRAIN:
            self.close_connection = True
        with suppress(Exception):
            for _ in range(min(left, _DRAIN) // 65536 + 1):
                if not body.read(65536):
                    return
        self.close_connection = self.close_connection or not body.is_exhausted

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Silent: the application logs calls, and a path may hold an endpoint's token."""

    def log(self, *args: Any) -> None:
        """Silent, for the same reason."""


class Server(ThreadedWSGIServer):
    """A server that runs in a thread of its own and stops at once, whatever its connections do."""

    def __init__(self, listener: socket.socket) -> None:
        host, port = listener.getsockname()[:2]
        # A listening socket is passed in because werkzeug's own way with a port in use is to print and exit.
        super().__init__(host, port, _not_yet, Handler, fd=listener.fileno())
        listener.close()
        # Of all addresses none is one that a client could use, so then it is this machine's name.
        named = socket.gethostname() if ipaddress.ip_address(host).is_unspecified else host
        self.url = f"http://[{named}]:{port}" if ":" in named else f"http://{named}:{port}"
        self._stopping = False
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._serve, name=f"devicefarm-emulator-{port}", daemon=True)

    def start(self, app: Any) -> None:
        """Serve `app`, in the background."""
        self.app = app
        self._thread.start()

    def stop(self) -> None:
        """Close the port and all connections. Requests that hang are left to their daemon threads."""
        self._stopping = True
        if self._thread.is_alive():
            # `handle_request` waits for a connection: this is one.
            with suppress(OSError):
                socket.create_connection(self.socket.getsockname()[:2], timeout=1).close()
            self._thread.join()
        self.server_close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        # Not `serve_forever`, which looks only twice a second whether it should stop.
        while not self._stopping:
            self.handle_request()

    def process_request(self, request: Any, client_address: Any) -> None:
        """A new connection."""
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """A connection's end."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection broke in a way of its own: noted, as a traceback on the terminal helps nobody."""
        log.debug("a connection failed", exc_info=True)


def listen(host: str, port: int, *, allow_remote: bool = False) -> socket.socket:
    """A socket that listens on an address of this machine.

    Raises ValueError for an address that other machines can reach, as the emulator trusts whoever asks, unless
    `allow_remote`, and for what is no port; OSError where the port is taken.
    """
    if not 0 <= port <= 65535:
        raise ValueError(f"port must be 0 (any free one) to 65535, not {port}")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise ValueError(f"host {host!r} is no address of this machine: {error.strerror}") from None
    if not (allow_remote or ipaddress.ip_address(address[0]).is_loopback):
        raise ValueError(
            f"host {host!r} is not loopback: take 127.0.0.1, ::1 or localhost; or say --allow-remote (in Python "
            "allow_remote=True) as well, and other machines can do here what they like"
        )
    return socket.create_server((str(address[0]), port), family=family, backlog=128)


def _not_yet(environ: Any, start_response: Any) -> list[bytes]:
    raise ConnectionDropped
