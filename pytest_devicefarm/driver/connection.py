"""HTTP to the Appium of a session: one command at a time, with time-outs, and with the credential out of sight.

An endpoint's URL is its credential, and it is the path that is secret. selenium and urllib3 write URLs into logs and
exceptions and keep them in local variables, which tracebacks show. So both are given an address without a path, and the
path is put in front of each request where it is written to the socket.
"""

from __future__ import annotations

import json
import logging
import os
from http.client import HTTPException
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import urllib3
from appium.webdriver.appium_connection import AppiumConnection
from appium.webdriver.client_config import AppiumClientConfig
from selenium.common.exceptions import WebDriverException

from ..farm.clock import Clock
from ..model.secret import Secret, redact
from ..model.text import show_duration
from .activity import KEEP_ALIVE, Activity

CONNECT_TIMEOUT = 10.0  #: seconds
#: Seconds. Device Farm ends a command after 4 minutes (guide: limits) and says so; selenium itself would wait for ever.
COMMAND_TIMEOUT = 250.0
#: Seconds for what is not the test's own: leaving, and gathering what a failure was.
SHORT_TIMEOUT = 30.0

_GONE = frozenset({"invalid session id", "no such driver"})


class Answer(NamedTuple):
    """The last answer: HTTP status, and WebDriver's error code and message where there are any."""

    status: int | None  #: None: there was none
    error: str | None = None
    message: str = ""


class Connection(AppiumConnection):
    """Sends the commands of one driver to ``url``; ``place`` is how errors call the session."""

    def __init__(self, url: Secret, place: str, activity: Activity, clock: Clock) -> None:
        parts = urlsplit(str(url))
        self._path = Secret(parts.path.rstrip("/"))
        self._secrets = [text for text in (url, self._path) if text]
        self._place = place
        self._activity = activity
        self._clock = clock
        self._turn = Lock()
        self.last = Answer(None)
        self.ended = clock.monotonic()  #: when the last command ended, of ``clock.monotonic``
        _keep_out_of_logs(self._secrets)
        super().__init__(
            client_config=AppiumClientConfig(
                f"{parts.scheme}://{parts.netloc}",
                ca_certs=os.environ.get("AWS_CA_BUNDLE"),  # None: selenium's own
                direct_connection=False,  # another address would be beside the endpoint
                # Sent once: a command that was sent twice may have been done twice. Connecting does no harm.
                init_args_for_pool_manager={
                    "init_args_for_pool_manager": {
                        "retries": urllib3.Retry(connect=2, read=0, redirect=0, status=0, other=0, backoff_factor=0.2)
                    }
                },
            )
        )
        self.limit(COMMAND_TIMEOUT)

    def limit(self, seconds: float) -> None:
        """The longest time that a command may take from now on."""
        # As type checkers see it a number; urllib3, which gets it, takes both times.
        timeout: Any = urllib3.Timeout(connect=min(CONNECT_TIMEOUT, seconds), read=seconds)
        self.client_config.timeout = timeout

    def execute(self, command: str, params: dict[str, Any]) -> Any:
        """Send a command; raise `WebDriverException` where there is no answer."""
        with self._turn:
            return self._send(command, params)

    def keep_alive(self, session_id: str | None) -> bool:
        """Send a command that asks nothing of the device, unless another is under way; say whether it was sent."""
        if not self._turn.acquire(blocking=False):
            return False
        try:
            # `/status` is no command of a session, and does not count for Appium's newCommandTimeout.
            self._send("getTimeouts", {"sessionId": session_id}, called=KEEP_ALIVE)
        finally:
            self._turn.release()
        return True

    def _send(self, command: str, params: dict[str, Any], called: str = "") -> Any:
        detail = _detail(command, params)
        began = self._clock.monotonic()
        answer: Any = None
        problem: BaseException | None = None
        try:
            answer = super().execute(command, params)  # type: ignore[no-untyped-call]
        except BaseException as error:
            problem = error
        self.ended = self._clock.monotonic()
        if problem is None:
            self.last = self._read(answer)
        elif isinstance(problem, urllib3.exceptions.HTTPError | OSError | HTTPException | UnicodeError):
            self.last = Answer(None, type(problem).__name__, self._explain(problem, self.ended - began))
            problem = WebDriverException(f"{command}: {self.last.message}")
        outcome = "" if problem is None and self.last.error is None else self.last.error or type(problem).__name__
        self._activity.note(called or command, detail, self.ended - began, outcome)
        if problem is not None:
            # Out here and without its frames: those of urllib3 and http.client have the path among their variables.
            raise problem.with_traceback(None) from None
        return answer

    def _read(self, answer: dict[str, Any]) -> Answer:
        """Note what was answered; where it is no WebDriver error, or the driver's end, make it one that says where."""
        status = answer.get("status")
        if not isinstance(status, int) or status < 400:
            return Answer(200)
        text = redact(str(answer.get("value")), self._secrets)
        value = _value_of(text)
        error, message = value.get("error"), str(value.get("message") or "")
        if not isinstance(error, str):
            error, message = None, f"HTTP {status} of the Appium endpoint of {self._place}"
        elif error in _GONE:
            message += f" (HTTP {status}); the driver is gone: {self._place}"
        value = value | {"error": error or "unknown error", "message": message}
        answer["value"] = json.dumps({"value": value})
        return Answer(status, error, message)

    def _explain(self, problem: Exception, seconds: float) -> str:
        """Why there was no answer. The text of the exception is not said: it may hold an address."""
        reason: BaseException = getattr(problem, "reason", None) or problem
        name = type(reason if isinstance(reason, BaseException) else problem).__name__
        if isinstance(reason, urllib3.exceptions.ReadTimeoutError):
            name = f"none within {show_duration(seconds)}"
        return f"no answer of the Appium endpoint ({name}) of {self._place}"

    def _get_connection_manager(self) -> Any:
        # The path is added by the connections, which are chosen by the pools, which are chosen by their manager.
        manager = super()._get_connection_manager()  # type: ignore[no-untyped-call]
        manager.pool_classes_by_scheme = {
            scheme: _with_path(pool, self._path) for scheme, pool in manager.pool_classes_by_scheme.items()
        }
        return manager


def _with_path(pool: Any, path: Secret) -> Any:
    """A kind of connection pool whose connections put ``path`` in front of what is requested."""

    class PathConnection(pool.ConnectionCls):  # type: ignore[misc]  # one of several classes
        def putrequest(self, method: str, url: str, *args: Any, **kwargs: Any) -> None:
            # Through an HTTP proxy the request names the whole address.
            scheme, separator, rest = url.partition("://")
            if separator:
                host, slash, target = rest.partition("/")
                url = f"{scheme}://{host}{path}{slash}{target}"
            else:
                url = f"{path}{url}"
            super().putrequest(method, url, *args, **kwargs)

    class PathPool(pool):  # type: ignore[misc]  # as above
        ConnectionCls = PathConnection

    return PathPool


def _detail(command: str, params: dict[str, Any]) -> str:
    """What the log says beside a command's name: where it looked, but nothing that a test may have typed."""
    return f"{params.get('using')}={params.get('value')!r}" if command.startswith("find") and params else ""


def _value_of(text: str) -> dict[str, Any]:
    """The ``value`` of an answer's JSON; empty where it is no WebDriver answer."""
    try:
        value = json.loads(text)["value"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


class _Redact(logging.Filter):
    """selenium logs the bodies of answers, and an error page may repeat the path that was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.secrets: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if any(secret in message for secret in self.secrets):
            record.msg, record.args = redact(message, self.secrets), ()
        return True


_REDACT = _Redact()


def _keep_out_of_logs(secrets: list[Secret]) -> None:
    _REDACT.secrets.update(secrets)
    for name in ("selenium.webdriver.remote.remote_connection", "urllib3.connectionpool"):
        logging.getLogger(name).addFilter(_REDACT)  # adding it twice is adding it once
