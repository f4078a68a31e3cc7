"""The Appium endpoint of a session: so far it only says that it is there."""

import json
from typing import Any

from werkzeug.wrappers import Request, Response

from .farm import Farm

PREFIX = "/appium/"


def answer(farm: Farm, request: Request) -> Response:
    """Answer a WebDriver request at `/appium/<token>/wd/hub/...`.

    Closed (404) unless the session is RUNNING; a session may answer 400 for a moment after that.
    """
    token, _, command = request.path.removeprefix(PREFIX).partition("/wd/hub")
    session = farm.at_endpoint(token)
    if session is None:
        return _error(404, "invalid session id", "no running remote access session here")
    if not farm.endpoint_is_warm(session):
        return _error(400, "unknown error", "the session is not ready yet")
    if (request.method, command.rstrip("/")) == ("GET", "/status"):
        return _value(200, {"ready": True, "message": "The server is ready to accept new connections"})
    return _error(404, "unknown command", "no Appium server is behind this emulator: GET /status only")


def _error(status: int, error: str, message: str) -> Response:
    return _value(status, {"error": error, "message": message, "stacktrace": ""})


def _value(status: int, value: dict[str, Any]) -> Response:
    body = json.dumps({"value": value})
    return Response(body, status=status, content_type="application/json; charset=utf-8")
