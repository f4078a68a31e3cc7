"""The emulator's WSGI application: what comes in, which part of the emulator answers."""

import json
import logging
import threading
import uuid
from collections.abc import Iterable
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from . import appium, wire
from .calls import Call, Calls
from .clock import Clock
from .errors import ApiError, ConnectionDropped
from .farm import Farm
from .faults import Faults, error_of, slow_down, spoil
from .model import Model
from .operations import OPERATIONS, names, unchecked_sessions
from .scenario import Fault

log = logging.getLogger("pytest_devicefarm.emulator")

#: Device Farm's requests are small; what is larger is a mistake.
MAX_BODY = 1024 * 1024


class App:
    """Device Farm and the one operation of STS, and the Appium endpoints of the sessions."""

    def __init__(self, farm: Farm, model: Model, faults: Faults, calls: Calls, clock: Clock, stop: threading.Event):
        self._farm = farm
        self._model = model
        self._faults = faults
        self._calls = calls
        self._clock = clock
        self._stop = stop

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Answer a request; whatever goes wrong has a body that says so."""
        request = Request(environ)
        request.max_content_length = MAX_BODY
        request_id = str(uuid.uuid4())
        try:
            response = self._route(request, request_id)
        except HTTPException as error:
            code = "RequestEntityTooLargeException" if error.code == 413 else "BadRequestException"
            response = wire.json_error(ApiError(code, error.description or error.name, error.code or 400))
        except ConnectionDropped:
            raise
        except Exception as error:
            log.exception("the emulator failed")
            message = f"the emulator failed, which is a fault of its own: {type(error).__name__}; its log has more"
            response = wire.json_error(ApiError("InternalFailure", message, 500))
        response.headers["x-amzn-RequestId"] = request_id
        return response(environ, start_response)

    def _route(self, request: Request, request_id: str) -> Response:
        if request.path.startswith(appium.PREFIX):
            return appium.answer(self._farm, request)
        if request.path != "/" or request.method != "POST":
            message = f"this is an emulator of AWS Device Farm: point an AWS client at {self._farm.url}"
            return wire.json_error(ApiError("UnknownOperationException", message, 404))
        if request.mimetype == "application/x-www-form-urlencoded":
            return self._sts(request, request_id)
        return self._device_farm(request)

    def _device_farm(self, request: Request) -> Response:
        prefix, _, operation = request.headers.get("X-Amz-Target", "").partition(".")
        if prefix != self._model.target_prefix or operation not in self._model.operations:
            return wire.json_error(ApiError("UnknownOperationException", "Unknown operation: see X-Amz-Target"))
        broken: ApiError | None = None
        params: dict[str, Any] = {}
        try:
            params = _params(request)
        except ApiError as error:
            broken = error
        number = self._calls.begin(Call(operation, params, self._clock.now()))
        fault = self._faults.next(operation)
        try:
            if fault and (spoilt := self._spoil(fault, operation, params)):
                self._done(number, operation, params, fault.kind)
                return spoilt
            if broken:
                raise broken
            response = wire.json_answer(self._call(operation, params))
        except ApiError as error:
            self._done(number, operation, params, error.code)
            response = wire.json_error(error)
        except ConnectionDropped:
            self._done(number, operation, params, fault.kind if fault else "drop")
            raise
        else:
            self._done(number, operation, params, None)
        return slow_down(response, fault, self._clock, self._stop) if fault and fault.kind == "slow" else response

    def _sts(self, request: Request, request_id: str) -> Response:
        operation = request.form.get("Action", "")
        if operation != "GetCallerIdentity":
            error = ApiError("InvalidAction", f"Could not find operation {operation}: only GetCallerIdentity is here")
            return wire.xml_error(error, request_id)
        number = self._calls.begin(Call(operation, {}, self._clock.now()))
        fault = self._faults.next(operation)
        try:
            if fault and (spoilt := self._spoil(fault, operation, {})):
                self._done(number, operation, {}, fault.kind)
                return spoilt
        except ApiError as error:
            self._done(number, operation, {}, error.code)
            return wire.xml_error(error, request_id)
        except ConnectionDropped:
            self._done(number, operation, {}, fault.kind if fault else "drop")
            raise
        self._done(number, operation, {}, None)
        response = wire.caller_identity(request_id)
        return slow_down(response, fault, self._clock, self._stop) if fault and fault.kind == "slow" else response

    def _spoil(self, fault: Fault, operation: str, params: dict[str, Any]) -> Response | None:
        arn = params.get("arn")
        if error := error_of(fault, operation, arn if isinstance(arn, str) else "*"):
            raise error
        return spoil(fault, self._clock, self._stop)

    def _call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Check, do, check the answer."""
        if operation not in OPERATIONS:
            message = f"{operation} is not implemented in this emulator; it has {names(OPERATIONS)}"
            raise ApiError("NotImplementedException", message, 501)
        if problems := self._model.request_problems(operation, params):
            if any(problem.wrong_type for problem in problems):
                raise ApiError("SerializationException", f"{problems[0].path}: {problems[0].constraint}")
            count = f"{len(problems)} validation error{'s' * (len(problems) > 1)} detected"
            raise ApiError("ValidationException", f"{count}: {'; '.join(map(str, problems))}")
        answer = OPERATIONS[operation](self._farm, self._model, params)
        problems = self._model.response_problems(operation, answer)
        if problems and not unchecked_sessions(self._farm, answer):
            # Without the values: some are secrets.
            told = "; ".join(f"{problem.path}: {problem.constraint}" for problem in problems)
            message = f"the scenario's answer does not fit the service model ({told}); is the session to be unchecked?"
            log.error("%s: %s", operation, message)
            raise ApiError("InternalFailure", message, 500)
        return answer

    def _done(self, number: int, operation: str, params: dict[str, Any], error: str | None) -> None:
        """One line for each call; parameters of these operations hold no secrets, and only the ARN is shown."""
        if error:
            self._calls.fail(number, error)
        log.info("%s %s -> %s", operation, json.dumps(params.get("arn", "")), error or "ok")


def _params(request: Request) -> dict[str, Any]:
    """The parameters in a request's body; nulls are as good as absent to the service.

    Raises ApiError for what is no JSON object.
    """
    body = request.get_data()
    try:
        params = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        raise ApiError("SerializationException", "The body of the request is not JSON") from None
    if not isinstance(params, dict):
        raise ApiError("SerializationException", "The body of the request is not a JSON object")
    return {name: value for name, value in params.items() if value is not None}
