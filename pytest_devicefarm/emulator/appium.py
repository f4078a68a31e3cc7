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
        return _value(404, {"error": "invalid session id", "message": "no running remote access session here"})
    if not farm.endpoint_is_warm(session):
        return _value(400, {"error": "unknown error", "message": "the session is not ready yet"})
    if (request.method, command.rstrip("/")) == ("GET", "/status"):
        return _value(200, {"ready": True, "message": "The server is ready to accept new connections"})
    return _value(404, {"error": "unknown command", "message": "no Appium server behind this emulator: only /status"})


def _value(status: int, value: dict[str, Any]) -> Response:
    return Response(json.dumps({"value": value}), status=status, content_type="application/json; charset=utf-8")
