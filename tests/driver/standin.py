"""A WebDriver server in place of Appium: it answers at once, and notes what it was asked."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from loopback import Loopback

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


class StandIn(Loopback):
    """Serves on a loopback port while it is entered.

    It has every element but ``none``. ``answers`` maps a command to a function of the request that returns HTTP status
    and value (or the text of the body), in place of its own; one that raises `ConnectionError` hangs up.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Asked] = []
        self.answers: dict[str, Callable[[Asked], Result]] = {}
        self.paths: list[str] = []  #: of the requests, as they came

    def respond(self, method: str, path: str, body: bytes, content_type: str | None) -> tuple[int, bytes] | None:
        self.paths.append(path)
        # What comes before is the endpoint's: the emulator cuts it off, a test without one does not.
        parts = re.sub(r"^(http://[^/]+)?(/secret[^/]*)?(/wd/hub)?", "", path).strip("/").split("/")
        command = "/".join(parts[2:]) or parts[0] if method != "DELETE" else "quit"
        asked = Asked(method, command, json.loads(body) if body else None)
        self.asked.append(asked)
        try:
            status, value = self.answers.get(command, self.answer)(asked)
        except ConnectionError:
            return None
        whole = isinstance(value, str) and status >= 400
        return status, (value if whole else json.dumps({"value": value})).encode()

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
                    "capabilities": {
                        name.removeprefix("appium:"): value
                        for name, value in asked.body["capabilities"]["alwaysMatch"].items()
                    },
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
