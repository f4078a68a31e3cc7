"""Stopping what dead runs left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple, TypeVar

from ..errors import DeviceFarmError
from ..model.arn import Arn
from ..model.session import RemoteAccessSession
from .client import AccessDenied
from .clock import Clock
from .lifecycle import has_ended, stop
from .ownership import is_ours, orphaned
from .resolve import list_projects, list_sessions, resolve_project
from .retry import persist
from .service import Service

T = TypeVar("T")


class Swept(NamedTuple):
    """What became of a session that a dead run left behind; ``problem`` is why it could not be stopped."""

    session: RemoteAccessSession
    problem: DeviceFarmError | None


def sweep(service: Service, project: Arn | str | None, *, clock: Clock, deadline: float) -> Iterator[Swept]:
    """Stop the sessions that dead runs left in a project, or in all projects.

    One that cannot be stopped does not keep the others running. Raises `DeviceFarmError` where AWS cannot be asked.
    """

    def ask(call: Callable[[], T], doing: str) -> T:
        return persist(call, doing, deadline=deadline, clock=clock, trouble=lambda message: None)

    client = ask(service.connect, "connecting to Device Farm")
    for arn in ask(partial(_projects, client, project), "looking for projects"):
        for session in ask(partial(list_sessions, client, arn), f"listing the sessions of {arn}"):
            if not is_ours(session):
                continue
            try:
                tags = ask(partial(_tags, client, session.arn), f"reading the tags of session {session.arn}")
            except AccessDenied:
                raise
            except DeviceFarmError:  # it was deleted
                continue
            if orphaned(session, tags, clock.now()):
                yield Swept(session, _stop(service, session, clock, deadline))


def _projects(client: Any, project: Arn | str | None) -> list[str]:
    return [resolve_project(project, client=client)] if project else [each["arn"] for each in list_projects(client)]


def _tags(client: Any, arn: str | None) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in client.list_tags_for_resource(ResourceARN=arn)["Tags"]}


def _stop(service: Service, session: RemoteAccessSession, clock: Clock, deadline: float) -> DeviceFarmError | None:
    try:
        stop(service, str(session.arn), clock=clock, deadline=deadline)
    except DeviceFarmError as error:
        return None if has_ended(service, str(session.arn), clock) else error
    return None
