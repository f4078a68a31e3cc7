"""A real Appium server behind the endpoint of a session: each request is checked, forwarded and answered whole."""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import urllib3
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from .appium_support import Refusal, refused, with_apps
from .farm import Farm
from .sessions import LiveSession

log = logging.getLogger("pytest_devicefarm.emulator")

#: Bytes of a request, and of an answer (guide: limits, "20MB"; the smaller reading of it).
MAX_PAYLOAD = 20_000_000
#: Seconds of the wall's time, as Appium knows no other, that a command may take (guide: limits).
COMMAND_SECONDS = 240.0
_CONNECT_SECONDS = 10.0

#: The commands that do not wait for their turn (guide: limits).
_AT_ONCE = ("status", "sessions", "appium/sessions")


class Turns:
    """Lets one in at a time, in the order in which they came (guide: limits)."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._came = 0
        self._served = 0

    def come(self) -> int:
        """Take a number, for `wait`: without it the line stops there."""
        with self._changed:
            self._came += 1
            return self._came - 1

    @contextmanager
    def wait(self, number: int) -> Iterator[None]:
        """Wait for one's turn, and end it."""
        with self._changed:
            self._changed.wait_for(lambda: self._served == number)
        try:
            yield
        finally:
            with self._changed:
                self._served += 1
                self._changed.notify_all()


class Proxy:
    """The Appium server at `url`, a `http(s)://` address with its base path.

    Raises ValueError for an address that is none.
    """

    def __init__(self, farm: Farm, url: str) -> None:
        check_url(url)
        self._farm = farm
        self._url = url.rstrip("/")
        self._pool = urllib3.PoolManager(maxsize=32, retries=False)
        self._lock = threading.Lock()
        self._turns: dict[str, Turns] = {}
        #: Of each Device Farm session, its WebDriver sessions: on the service each device has an Appium of its own.
        self._ids: dict[str, set[str]] = {}

    def answer(self, session: LiveSession, request: Request, command: str) -> Response:
        """Answer a request; `command` is its path after the endpoint's."""
        if command.strip("/") in _AT_ONCE:
            answer = self._do(session, request, command)
        else:
            with self._lock:
                turns = self._turns.setdefault(session.plan.arn, Turns())
            self._farm.touch(session)
            with turns.wait(turns.come()):
                answer = self._do(session, request, command)
            self._farm.touch(session)
        # Neither the endpoint's token nor the id of the WebDriver session.
        named = "/".join("*" if n == 1 else part for n, part in enumerate(command.strip("/").split("/")))
        line = f"{request.method} /{named[:200]} -> {answer.status_code}"
        session.appium_log.append((self._farm.now(), line))
        log.info("appium %s", line)
        return answer

    def close(self) -> None:
        """Close the connections that are kept."""
        self._pool.clear()

    def _do(self, session: LiveSession, request: Request, command: str) -> Response:
        if not self._farm.is_running(session):
            return error(404, "invalid session id", "the remote access session ended while this command waited")
        try:
            body = request.get_data()
        except RequestEntityTooLarge:
            return _too_large("request")
        parsed = _object(body)
        if refusal := self._unknown(session, command) or refused(request.method, command, parsed):
            return _refuse(refusal)
        begins = request.method == "POST" and command.strip("/") == "session"
        if begins and parsed is not None:
            body = json.dumps(with_apps(parsed, *self._farm.apps(session))).encode()
        answer = self._forward(request, body)
        if begins and answer.status_code == 200:
            self._remember(session, answer)
        return answer

    def _forward(self, request: Request, body: bytes) -> Response:
        headers = {name: request.headers[name] for name in ("Accept", "Content-Type") if name in request.headers}
        # As it came: decoding and encoding again may change it.
        path = str(request.environ["REQUEST_URI"]).partition("/wd/hub")[2]
        if not path.startswith("/"):
            # What comes first would be read as part of the server's address.
            return error(404, "unknown command", "the path of a command begins with a slash")
        try:
            answer = self._pool.request(
                request.method,
                self._url + path,
                body=body or None,
                headers=headers,
                redirect=False,
                preload_content=False,
                timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=COMMAND_SECONDS),
            )
            content = answer.read(MAX_PAYLOAD + 1)
        except urllib3.exceptions.ReadTimeoutError:
            return error(500, "timeout", f"the command took longer than {COMMAND_SECONDS / 60:g} minutes")
        except urllib3.exceptions.HTTPError as failure:
            return error(500, "unknown error", f"no answer of the Appium server {self._url}: {_reason(failure)}")
        if len(content) > MAX_PAYLOAD:
            answer.close()
            return _too_large("answer")
        answer.release_conn()
        return Response(content, answer.status, content_type=answer.headers.get("Content-Type", "application/json"))

    def _unknown(self, session: LiveSession, command: str) -> Refusal | None:
        match command.strip("/").split("/"):
            case ["session", name, *_] if name not in self._ids.get(session.plan.arn, ()):
                return Refusal(404, "invalid session id", "no such WebDriver session on this device")
        return None

    def _remember(self, session: LiveSession, answer: Response) -> None:
        begun = (_object(answer.get_data()) or {}).get("value")
        if isinstance(begun, dict) and isinstance(begun.get("sessionId"), str):
            with self._lock:
                self._ids.setdefault(session.plan.arn, set()).add(begun["sessionId"])


def check_url(url: str) -> None:
    """Refuse, with ValueError, what is no address of an Appium server."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"Appium's URL must be like http://127.0.0.1:4723, not {url!r}")


def error(status: int, code: str, message: str) -> Response:
    """An error as WebDriver words it."""
    return value(status, {"error": code, "message": message, "stacktrace": ""})


def value(status: int, content: dict[str, Any]) -> Response:
    """An answer as WebDriver words it."""
    body = json.dumps({"value": content})
    return Response(body, status=status, content_type="application/json; charset=utf-8")


def _refuse(refusal: Refusal) -> Response:
    return error(refusal.status, refusal.error, refusal.message)


def _too_large(what: str) -> Response:
    return error(500, "unsupported operation", f"the {what} is larger than the Appium endpoint takes (20 MB)")


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(body) if body else None
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _reason(failure: Exception) -> str:
    cause = failure.__cause__ or failure
    return str(getattr(cause, "strerror", None) or type(cause).__name__)
