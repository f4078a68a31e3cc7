"""A WebDriver server for tests: it answers like Appium, notes what it was asked, and waits when it is told to."""

import json
import threading
from dataclasses import dataclass, field
from typing import Any

from loopback import Loopback

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


class WebDriver(Loopback):
    """Serves on a loopback port while it is entered.

    `/session` begins sessions s1, s2, ...; `/element` has none; `/source` is `source`; `/title` waits for `release`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.url += "/base"
        self.asked: list[Asked] = []
        self.events: list[str] = []
        self.source = "<app/>"
        self.arrived = threading.Event()

    def respond(self, method: str, path: str, body: bytes, content_type: str | None) -> tuple[int, bytes] | None:
        self.asked.append(Asked(method, path, body, content_type))
        name = path.rpartition("/")[2]
        if name == "vanish":
            return None
        self.events.append(f"begin {name}")
        if name == "title":
            self.arrived.set()
            self.release.wait(20)
        self.events.append(f"end {name}")
        return self._answer(method, name)

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
