"""The Appium endpoint of a session: open while the session is RUNNING, with or without an Appium server behind it."""

from werkzeug.wrappers import Request, Response

from .farm import Farm
from .proxy import MAX_PAYLOAD, Proxy, error, value

PREFIX = "/appium/"

_NO_APPIUM = (
    "no Appium server is behind this endpoint, it only answers GET /status: give the emulator one with "
    "--appium-url http://127.0.0.1:4723 or Emulator(appium_url=...)"
)


class Endpoints:
    """The endpoints of all sessions, at `/appium/<token>/wd/hub`; the token is the credential."""

    def __init__(self, farm: Farm, appium_url: str | None = None) -> None:
        self._farm = farm
        self._proxy = Proxy(farm, appium_url) if appium_url is not None else None

    def answer(self, request: Request) -> Response:
        """Answer a WebDriver request.

        Closed (404) unless the session is RUNNING; a session may answer 400 for a moment after that.
        """
        request.max_content_length = MAX_PAYLOAD
        token, _, command = request.path.removeprefix(PREFIX).partition("/wd/hub")
        session = self._farm.at_endpoint(token)
        if session is None:
            return error(404, "invalid session id", "no running remote access session here")
        if not self._farm.endpoint_is_warm(session):
            return error(400, "unknown error", "the session is not ready yet")
        if self._proxy is not None:
            return self._proxy.answer(session, request, command)
        if (request.method, command.rstrip("/")) == ("GET", "/status"):
            return value(200, {"ready": True, "message": "The server is ready to accept new connections"})
        self._farm.touch(session)
        return error(404, "unknown command", _NO_APPIUM)

    def close(self) -> None:
        """Close the connections to Appium."""
        if self._proxy is not None:
            self._proxy.close()
