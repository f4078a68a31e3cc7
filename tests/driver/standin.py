"""A WebDriver server in place of Appium: it answers at once, and notes what it was asked."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

PNG = b"\x89PNG\r\n\x1a\nnot much of a picture"
SOURCE = '<app><button id="login" text="Grüezi"/></app>'
ELEMENT = {"element-6066-11e4-a52e-4f735466cecf": "e1"}


@dataclass
class Asked:
    """A request that came."""

    method: str
    command: str  #: what comes after ``/session/ID``; "session" for the one that begins
    body: Any


Result = tuple[int, Any]


class StandIn:
    """Serves on a loopback port while it is entered.

    It has every element but ``none``. ``answers`` maps a command to a function of the request that returns HTTP status
    and value (or the text of the body), in place of its own; one that raises `ConnectionError` hangs up.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: dict[str, Callable[[Asked], Result]] = {}
        self.paths: list[str] = []  #: of the requests, as they came
        self.release = threading.Event()
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                stand_in.paths.append(self.path)
                # What comes before is the endpoint's: the emulator cuts it off, a test without one does not.
                path = re.sub(r"^(http://[^/]+)?(/secret[^/]*)?(/wd/hub)?", "", self.path)
                parts = path.strip("/").split("/")
                command = "/".join(parts[2:]) or parts[0] if self.command != "DELETE" else "quit"
                asked = Asked(self.command, command, json.loads(body) if body else None)
                stand_in.asked.append(asked)
                answer = stand_in.answers.get(command, stand_in.answer)
                try:
                    status, value = answer(asked)
                except ConnectionError:
                    self.close_connection = True
                    return
                content = (
                    value.encode()
                    if isinstance(value, str) and status >= 400
                    else json.dumps({"value": value}).encode()
                )
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_DELETE = do_GET  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Who gives up hangs up."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
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

    @property
    def capabilities(self) -> list[dict[str, Any]]:
        """What each new session was asked for."""
        return [
            each.body["capabilities"]["alwaysMatch"]
            for each in self.asked
            if (each.method, each.command) == ("POST", "session")
        ]

    def commands(self) -> list[str]:
        """What was asked for, but for the status."""
        return [each.command for each in self.asked if each.command != "status"]

    def answer(self, asked: Asked) -> Result:
        match asked.method, asked.command:
            case "POST", "session":
                return 200, {
                    "sessionId": f"s{len(self.capabilities)}",
                    "capabilities": asked.body["capabilities"]["alwaysMatch"],
                }
            case "GET", "status":
                return 200, {"ready": True, "message": "", "build": {"version": "3"}}
            case "GET", "source":
                return 200, SOURCE
            case "GET", "screenshot":
                return 200, base64.b64encode(PNG).decode()
            case "GET", "timeouts":
                return 200, {"implicit": 0, "pageLoad": 300000, "script": 30000}
            case "POST", "element" if asked.body["value"] == "none" or "none" in str(asked.body["value"]):
                return 404, error("no such element", "An element could not be located")
            case "POST", "element":
                return 200, ELEMENT
        return 200, None


def error(code: str, message: str) -> str:
    """The body of a WebDriver error."""
    return json.dumps({"value": {"error": code, "message": message, "stacktrace": "at Appium"}})
