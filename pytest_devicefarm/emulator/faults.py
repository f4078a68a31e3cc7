"""What goes wrong: which call is hit, and the answer it gets instead."""

import math
import threading
from collections import Counter
from collections.abc import Iterator

from werkzeug.wrappers import Response

from .clock import Clock
from .errors import ApiError, ConnectionDropped
from .scenario import USER_ARN, Fault

#: Code, message, HTTP status. `{action}` and `{resource}` are those of the call.
_ERRORS = {
    "throttling": ("ThrottlingException", "Rate exceeded", 400),
    "limit-exceeded": ("LimitExceededException", "A limit of the account was exceeded", 400),
    "argument": ("ArgumentException", "An invalid argument was specified", 400),
    "not-found": ("NotFoundException", "The specified entity was not found", 400),
    "service-account": ("ServiceAccountException", "There was a problem with the service account", 400),
    "access-denied": (
        "AccessDeniedException",
        f"User: {USER_ARN} is not authorized to perform: {{action}} on resource: {{resource}} "
        "because no identity-based policy allows the {action} action",
        400,
    ),
    "expired-token": ("ExpiredTokenException", "The security token included in the request is expired", 400),
    "invalid-token": (
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
        400,
    ),
    "server-error": ("InternalServiceException", "An internal error occurred", 500),
    "unavailable": ("ServiceUnavailableException", "Service is unavailable", 503),
}

_BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"


class Faults:
    """The scenario's faults, and how many calls each operation has had."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self._faults = faults
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()

    def next(self, operation: str) -> Fault | None:
        """Count a call of `operation`; the first fault that hits it."""
        with self._lock:
            self._calls.update((operation, "*"))
            counts = {"*": self._calls["*"], operation: self._calls[operation]}
        for fault in self._faults:
            if fault.operation in counts and fault.hits(counts[fault.operation]):
                return fault
        return None


def error_of(fault: Fault, action: str, resource: str) -> ApiError | None:
    """The error that a fault answers with, if it is of that kind; `action` and `resource` are IAM's words."""
    if fault.kind not in _ERRORS:
        return None
    code, message, status = _ERRORS[fault.kind]
    return ApiError(code, fault.message or message.format(action=action, resource=resource), status)


def spoil(fault: Fault, came: float, clock: Clock, stop: threading.Event) -> Response | None:
    """The broken answer to a call that came at `came`; None for `slow` and `lost-answer`: such a call is done.

    Raises ConnectionDropped for one that does not answer.
    """
    if fault.kind == "hang":
        clock.wait_until(math.inf if fault.seconds is None else came + fault.seconds, stop)
    if fault.kind in ("drop", "hang"):
        raise ConnectionDropped
    if fault.kind == "garbage":
        return Response("this is not JSON", content_type="application/x-amz-json-1.1")
    if fault.kind == "empty":
        return Response("{}", content_type="application/x-amz-json-1.1")
    if fault.kind == "bad-gateway":
        return Response(_BAD_GATEWAY, status=502, content_type="text/html")
    return None


def slow_down(response: Response, fault: Fault, came: float, clock: Clock, stop: threading.Event) -> Response:
    """The same answer to a call that came at `came`, its head now and its body later."""
    body = response.get_data()

    def late() -> Iterator[bytes]:
        yield b""
        clock.wait_until(came + (1.0 if fault.seconds is None else fault.seconds), stop)
        if stop.is_set():
            raise ConnectionDropped
        yield body

    response.headers["Content-Length"] = str(len(body))
    response.response = late()
    return response
