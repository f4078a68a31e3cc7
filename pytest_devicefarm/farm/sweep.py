"""Stopping what dead runs left behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from ..model.arn import Arn
from ..model.session import RemoteAccessSession
from .clock import Clock
from .lifecycle import stop
from .ownership import orphaned
from .resolve import list_projects, list_sessions, resolve_project
from .service import Service

_PATIENCE = 30.0  #: seconds for one session


def orphans(service: Service, project: Arn | str | None) -> Iterator[RemoteAccessSession]:
    """The live sessions that dead runs left in a project, or in all projects; raises what boto3 raises."""
    client = service.connect()
    projects = [resolve_project(project, client=client)] if project else [each["arn"] for each in list_projects(client)]
    for arn in projects:
        for session in list_sessions(client, arn):
            if (session.status and session.status.ended) or not (session.name or "").startswith("pytest-devicefarm/"):
                continue
            answer = client.list_tags_for_resource(ResourceARN=session.arn)
            tags = {each["Key"]: each["Value"] for each in answer["Tags"]}
            if orphaned(session, tags, datetime.now(UTC)):
                yield session


def sweep(service: Service, project: Arn | str | None) -> Iterator[RemoteAccessSession]:
    """Stop the orphans, and yield each that was stopped."""
    clock = Clock()
    for session in orphans(service, project):
        stop(service, str(session.arn), clock=clock, deadline=clock.monotonic() + _PATIENCE)
        yield session
