"""What goes wrong: which call is hit, and the answer it gets instead."""

import threading
from collections import Counter
from collections.abc import Iterator

from werkzeug.wrappers import Response

from .clock import Clock
from .errors import ApiError, ConnectionDropped
from .scenario import ACCOUNT, Fault

USER_ARN = f"arn:aws:iam::{ACCOUNT}:user/emulator"

#: Code, message, HTTP status. `{operation}` and `{resource}` are those of the call.
_ERRORS = {
    "throttling": ("ThrottlingException", "Rate exceeded", 400),
    "limit-exceeded": ("LimitExceededException", "A limit of the account was exceeded", 400),
    "argument": ("ArgumentException", "An invalid argument was specified", 400),
    "not-found": ("NotFoundException", "The specified entity was not found", 400),
    "service-account": ("ServiceAccountException", "There was a problem with the service account", 400),
    "access-denied": (
        "AccessDeniedException",
        f"User: {USER_ARN} is not authorized to perform: devicefarm:{{operation}} on resource: {{resource}} "
        "because no identity-based policy allows the devicefarm:{operation} action",
        400,
    ),
    "expired-token": ("ExpiredTokenException", "The security token included in the request is expired", 400),
    "invalid-token": ("UnrecognizedClientException", "The security token included in the request is invalid.", 400),
    "server-error": ("InternalServiceException", "An internal error occurred", 500),
    "unavailable": ("ServiceUnavailableException", "Service is unavailable", 503),
}

_BAD_GATEWAY = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>502 Bad Gateway</body>\r\n</html>\r\n"


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


def error_of(fault: Fault, operation: str, resource: str) -> ApiError | None:
    """The error that a fault answers with, if it is of that kind."""
    if fault.kind not in _ERRORS:
        return None
    code, message, status = _ERRORS[fault.kind]
    # The message is filled in before the ARN is, so that braces in either stay as they are.
    return ApiError(code, fault.message or message.format(operation=operation, resource=resource), status)


def spoil(fault: Fault, clock: Clock, stop: threading.Event) -> Response | None:
    """The broken answer of a fault that answers at all and looks at no operation; None for `slow`.

    Raises ConnectionDropped for one that does not answer.
    """
    if fault.kind == "hang":
        clock.wait(fault.seconds, stop)
    if fault.kind in ("drop", "hang"):
        raise ConnectionDropped
    if fault.kind == "garbage":
        return Response("this is not JSON", content_type="application/x-amz-json-1.1")
    if fault.kind == "empty":
        return Response("{}", content_type="application/x-amz-json-1.1")
    if fault.kind == "bad-gateway":
        return Response(_BAD_GATEWAY, status=502, content_type="text/html")
    return None


def slow_down(response: Response, fault: Fault, clock: Clock, stop: threading.Event) -> Response:
    """The same answer, its head now and its body later."""
    body = response.get_data()

    def late() -> Iterator[bytes]:
        yield b""
        clock.wait(1.0 if fault.seconds is None else fault.seconds, stop)
        if stop.is_set():
            raise ConnectionDropped
        yield body

    response.headers["Content-Length"] = str(len(body))
    response.response = late()
    return response
