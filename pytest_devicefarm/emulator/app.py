"""The emulator's WSGI application: what comes in, and which part of the emulator answers."""

import json
import logging
import threading
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from . import appium, signing, storage, wire
from .calls import Call, Calls
from .clock import Clock
from .errors import ApiError, ConnectionDropped
from .farm import Farm
from .faults import Faults, error_of, slow_down, spoil
from .iam import Policy
from .limits import RateLimits
from .model import Model
from .operations import OPERATIONS

log = logging.getLogger("pytest_devicefarm.emulator")

#: Bytes. Device Farm's requests are small; what is larger is a mistake.
MAX_BODY = 1024 * 1024

Params = dict[str, Any]


class App:
    """Device Farm, the one operation of STS, and the Appium endpoints of the sessions."""

    def __init__(
        self,
        farm: Farm,
        endpoints: appium.Endpoints,
        model: Model,
        faults: Faults,
        limits: RateLimits | None,
        calls: Calls,
        clock: Clock,
        stop: threading.Event,
        policy: Policy | None,
    ) -> None:
        self._farm = farm
        self._endpoints = endpoints
        self._model = model
        self._faults = faults
        self._limits = limits
        self._calls = calls
        self._clock = clock
        self._stop = stop
        self._policy = policy

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Answer a request; whatever goes wrong has a body that says so.

        Raises ConnectionDropped where the scenario wants no answer.
        """
        request = Request(environ)
        request.max_content_length = MAX_BODY
        request_id = str(uuid.uuid4())
        try:
            response = self._route(request, request_id)
        except ConnectionDropped:
            raise
        except HTTPException as error:
            code = "RequestEntityTooLargeException" if error.code == 413 else "BadRequestException"
            response = wire.json_error(ApiError(code, error.description or error.name, error.code or 400))
        except Exception as error:
            log.exception("the emulator failed")
            message = f"the emulator itself failed ({type(error).__name__}): its log has the traceback"
            response = wire.json_error(ApiError("InternalFailure", message, 500))
        response.headers["x-amzn-RequestId"] = request_id
        response.date = datetime.fromtimestamp(self._farm.epoch(self._clock.now()), UTC)
        return response(environ, start_response)

    def _route(self, request: Request, request_id: str) -> Response:
        if request.path.startswith(appium.PREFIX):
            return self._endpoints.answer(request)
        if request.path.startswith(storage.PREFIXES):
            return storage.answer(self._farm, request, request_id, self._clock, self._stop)
        if request.path != "/" or request.method != "POST":
            message = f"this is an emulator of AWS Device Farm: point an AWS client at {self._farm.url}"
            return wire.json_error(ApiError("UnknownOperationException", message, 404))
        if request.mimetype == "application/x-www-form-urlencoded":
            return self._sts(request, request_id)
        return self._device_farm(request)

    def _device_farm(self, request: Request) -> Response:
        target = request.headers.get("X-Amz-Target", "")
        prefix, _, operation = target.partition(".")
        if prefix != self._model.target_prefix or operation not in self._model.operations:
            message = f"Unknown operation {target[:200]!r}: X-Amz-Target is to name one of Device Farm"
            return wire.json_error(ApiError("UnknownOperationException", message))

        def do(params: Params) -> Response:
            signing.check(request, "devicefarm")
            if self._limits:
                self._limits.take(operation)
            return wire.json_answer(self._perform(operation, params))

        return self._call(operation, f"devicefarm:{operation}", _params(request), do, wire.json_error)

    def _sts(self, request: Request, request_id: str) -> Response:
        def tell(error: ApiError) -> Response:
            return wire.xml_error(error, request_id)

        def do(params: Params) -> Response:
            signing.check(request, "sts")
            return wire.caller_identity(request_id)

        operation = request.form.get("Action", "")
        if operation != "GetCallerIdentity":
            return tell(ApiError("InvalidAction", "Of STS, this emulator has GetCallerIdentity only"))
        return self._call(operation, f"sts:{operation}", {}, do, tell)

    def _call(
        self,
        operation: str,
        action: str,
        params: Params | ApiError,
        do: Callable[[Params], Response],
        tell: Callable[[ApiError], Response],
    ) -> Response:
        """One call: note it, play the fault that hits it, or do it; errors in the protocol's own way."""
        known = {} if isinstance(params, ApiError) else params
        came = self._clock.now()
        number = self._calls.begin(Call(operation, known, came))
        fault = self._faults.next(operation)
        outcome: str | None = fault.kind if fault else "InternalFailure"
        try:
            if fault and (error := error_of(fault, action, str(known.get("arn", "*")))):
                raise error
            if fault and (spoilt := spoil(fault, came, self._clock, self._stop)):
                return spoilt
            if isinstance(params, ApiError):
                raise params
            response = do(params)
            if fault and fault.kind == "lost-answer":
                raise ConnectionDropped
            outcome = None
            return slow_down(response, fault, came, self._clock, self._stop) if fault else response
        except ApiError as error:
            outcome = error.code
            return tell(error)
        finally:
            if outcome:
                self._calls.fail(number, outcome)
            # Of the parameters only the ARN: it is no secret, in any operation.
            log.info("%s %.200s -> %s", operation, json.dumps(known.get("arn", "")), outcome or "ok")

    def _perform(self, operation: str, params: Params) -> dict[str, Any]:
        """Check the request, do what it asks, check the answer."""
        if operation not in OPERATIONS:
            here = ", ".join(sorted(OPERATIONS))
            message = f"{operation} is not implemented in this emulator; these are: {here}"
            raise ApiError("NotImplementedException", message, 501)
        if problems := self._model.request_problems(operation, params):
            if wrong := next((problem for problem in problems if problem.wrong_type), None):
                raise ApiError("SerializationException", f"{wrong.path or 'request'}: {wrong.constraint}")
            count = f"{len(problems)} validation error{'s' * (len(problems) > 1)} detected"
            raise ApiError("ValidationException", f"{count}: {'; '.join(map(str, problems))}")
        if self._policy is not None:
            self._policy.check(operation, params)
        answer = OPERATIONS[operation](self._farm, self._model, params)
        if problems := self._model.response_problems(operation, answer):
            # Without the values: some are secrets.
            told = "; ".join(f"{problem.path}: {problem.constraint}" for problem in problems)
            message = f"the scenario's answer breaks the service model; give its session unchecked = true: {told}"
            log.error("%s: %s", operation, message)
            raise ApiError("InternalFailure", message, 500)
        return answer


def _params(request: Request) -> Params | ApiError:
    """The parameters in a request's body, without nulls, which are as good as absent to the service."""
    body = request.get_data()
    try:
        params = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return ApiError("SerializationException", "The body of the request is not JSON")
    if not isinstance(params, dict):
        return ApiError("SerializationException", "The body of the request is not a JSON object")
    return {name: value for name, value in params.items() if value is not None}
