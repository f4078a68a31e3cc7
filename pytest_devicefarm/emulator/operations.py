"""The operations that the emulator has, each a function from checked parameters to an answer."""

import base64
import binascii
from collections.abc import Callable
from typing import Any

from .errors import ApiError
from .farm import Farm, LiveSession
from .model import Model
from .scenario import ACCOUNT, REGION, Project

Params = dict[str, Any]
Answer = dict[str, Any]
Operation = Callable[[Farm, Model, Params], Answer]


def get_remote_access_session(farm: Farm, model: Model, params: Params) -> Answer:
    """One session, by its ARN."""
    session = _session(farm, params["arn"])
    farm.first_read(session)
    return {"remoteAccessSession": farm.session(session)}


def list_remote_access_sessions(farm: Farm, model: Model, params: Params) -> Answer:
    """A project's sessions."""
    sessions = farm.sessions_of(_project(farm, params["arn"]))
    return _page(farm, model, "ListRemoteAccessSessions", params, sessions, farm.session)


def list_projects(farm: Farm, model: Model, params: Params) -> Answer:
    """All projects, or the one that `arn` names."""
    projects = [_project(farm, params["arn"])] if "arn" in params else list(farm.projects.values())
    return _page(farm, model, "ListProjects", params, projects, farm.project)


OPERATIONS: dict[str, Operation] = {
    "GetRemoteAccessSession": get_remote_access_session,
    "ListProjects": list_projects,
    "ListRemoteAccessSessions": list_remote_access_sessions,
}


def _session(farm: Farm, arn: str) -> LiveSession:
    check_arn(arn, "session")
    if session := farm.sessions.get(arn):
        return session
    raise ApiError("NotFoundException", f"Could not find a session with the arn {arn}")


def _project(farm: Farm, arn: str) -> Project:
    check_arn(arn, "project")
    if project := farm.projects.get(arn):
        return project
    raise ApiError("NotFoundException", f"Could not find a project with the arn {arn}")


def check_arn(arn: str, kind: str) -> None:
    """Refuse an ARN that is malformed, of another region, account or kind than `kind`.

    "Invalid arn" is what the service answers to an ARN whose parts are not set off by colons
    (https://github.com/awslabs/wdio-aws-device-farm-service/issues/70).
    """
    parts = arn.split(":", 6)
    if len(parts) < 7 or parts[:3] != ["arn", "aws", "devicefarm"] or not all((parts[3], parts[5], parts[6])):
        raise ApiError("ValidationException", f"Invalid arn {arn}")
    region, account, actual = parts[3:6]
    if region != REGION:
        raise ApiError("ArgumentException", f"The arn {arn} is of region {region}; this is {REGION}")
    if actual != kind:
        raise ApiError("ArgumentException", f"The arn {arn} is that of a {actual}, not of a {kind}")
    if account != ACCOUNT:
        raise ApiError("ArgumentException", f"The arn {arn} belongs to another account than {ACCOUNT}")


def _page(
    farm: Farm, model: Model, operation: str, params: Params, items: list[Any], show: Callable[[Any], Answer]
) -> Answer:
    """One page of a list, under the names that the model's paginators give its parts."""
    token_in, token_out, result = model.paging(operation)
    start = _offset(operation, params[token_in], len(items)) if token_in in params else 0
    end = start + farm.page_size
    answer: Answer = {result: [show(item) for item in items[start:end]]}
    if end < len(items):
        answer[token_out] = base64.urlsafe_b64encode(f"{operation}:{end}".encode()).decode()
    return answer


def _offset(operation: str, token: str, total: int) -> int:
    try:
        name, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
        offset = int(number)
    except (binascii.Error, ValueError):
        name, offset = "", -1
    if name != operation or not 0 < offset < total:
        raise ApiError("ArgumentException", "Invalid nextToken: take it from the answer before, unchanged")
    return offset
