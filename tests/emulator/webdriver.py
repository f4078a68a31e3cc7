"""A WebDriver server for tests: it answers like Appium, notes what it was asked, and waits when it is told to."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

NO_SUCH_ELEMENT = b'{"value": {"error": "no such element", "message": "none", "stacktrace": "at Appium"}}'


@dataclass
class Asked:
    """A request that came."""

    method: str
    path: str
    body: bytes = field(repr=False)
    content_type: str | None

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class WebDriver:
    """Serves on a loopback port while it is entered.

    `/session` begins sessions s1, s2, ...; `/element` has none; `/source` is `source`; `/title` waits for `release`.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.events: list[str] = []
        self.source = "<app/>"
        self.arrived = threading.Event()
        self.release = threading.Event()
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                stand_in.handle(self)

            do_POST = do_DELETE = do_GET  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A proxy that gives up hangs up."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/base"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        self.asked.append(Asked(handler.command, handler.path, body, handler.headers.get("Content-Type")))
        name = handler.path.rpartition("/")[2]
        if name == "vanish":
            handler.close_connection = True
            return
        self.events.append(f"begin {name}")
        if name == "title":
            self.arrived.set()
            self.release.wait(20)
        self.events.append(f"end {name}")
        status, content = self._answer(handler.command, name)
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json; charset=utf-8")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _answer(self, method: str, name: str) -> tuple[int, bytes]:
        if name == "element":
            return 404, NO_SUCH_ELEMENT
        value: Any = None
        if (method, name) == ("POST", "session"):
            begun = sum((asked.method, asked.path) == ("POST", "/base/session") for asked in self.asked)
            value = {"sessionId": f"s{begun}", "capabilities": {}}
        if name == "status":
            value = {"ready": True, "message": "the stand-in", "build": {"version": "0"}}
        if name == "source":
            value = self.source
        return 200, json.dumps({"value": value}).encode()
