"""From what the user named to the ARN of a session."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

from ..errors import ConfigurationError
from ..model.arn import Arn, ConsolePage, SessionReference
from ..model.session import RemoteAccessSession

Lister = Callable[[Any, str, dict[str, str]], list[dict[str, Any]]]


def list_projects(client: Any) -> list[dict[str, Any]]:
    """All projects of the account, by every page of ListProjects."""
    pages = client.get_paginator("list_projects").paginate()
    return [project for page in pages for project in page["projects"]]


def list_sessions(client: Any, project: str) -> list[RemoteAccessSession]:
    """All remote access sessions of a project's ARN, newest first, by every page of ListRemoteAccessSessions."""
    pages = client.get_paginator("list_remote_access_sessions").paginate(arn=project)
    found = [RemoteAccessSession.from_response(each) for page in pages for each in page["remoteAccessSessions"]]
    return sorted(found, key=lambda each: each.created.timestamp() if each.created else 0.0, reverse=True)


def resolve_session(
    reference: SessionReference,
    project: Arn | str | None,
    *,
    client: Any,
    account: Callable[[], str],
) -> str:
    """The ARN of the session that ``reference`` names.

    ``account`` asks STS for the 12-digit account; it is called only for a console URL that does not say it. Raises
    `ConfigurationError` where a name is unknown or ambiguous, and what boto3 raises.
    """
    if isinstance(reference, Arn):
        return str(reference)
    if isinstance(reference, ConsolePage):
        return str(reference.arn(reference.account or account()))
    assert project is not None  # the settings see to it
    project_arn = resolve_project(project, client=client)
    sessions = list_sessions(client, project_arn)
    return _choose(reference.name, sessions, str(project))


def resolve_project(project: Arn | str, *, client: Any) -> str:
    """The ARN of a project given by ARN or name; raise `ConfigurationError` where the name is unknown or ambiguous."""
    if isinstance(project, Arn):
        return str(project)
    projects = list_projects(client)
    arns = [each["arn"] for each in projects if each.get("name") == project]
    if len(arns) > 1:
        raise ConfigurationError(f"{len(arns)} projects are called {project!r}: give the ARN of one: {', '.join(arns)}")
    if not arns:
        known = [str(each.get("name")) for each in projects]
        raise ConfigurationError(f"no project is called {project!r}{_nearest(project, known, 'projects')}")
    return str(arns[0])


def _choose(name: str, sessions: list[RemoteAccessSession], project: str) -> str:
    namesakes = [each for each in sessions if each.name == name and each.arn]
    live = [each for each in namesakes if not (each.status and each.status.ended)]
    if len(live) > 1:
        listed = ", ".join(f"{each.arn} ({each.status})" for each in live)
        raise ConfigurationError(
            f"{len(live)} live sessions of project {project} are called {name!r}: give the ARN of one: {listed}"
        )
    if live:
        return str(live[0].arn)
    if namesakes:
        newest = namesakes[0]
        ended = f"the newest of {len(namesakes)}" if len(namesakes) > 1 else "the only one"
        raise ConfigurationError(
            f"no live session of project {project} is called {name!r}: {ended}, {newest.arn}, is {newest.status}; "
            "start a new one"
        )
    known = [each.name for each in sessions if each.name and not (each.status and each.status.ended)]
    raise ConfigurationError(
        f"no session of project {project} is called {name!r}{_nearest(name, known, 'live sessions')}"
    )


def _nearest(name: str, known: list[str], what: str) -> str:
    near = difflib.get_close_matches(name, known, n=5, cutoff=0.4) or known[:5]
    return f": the nearest {what} are {', '.join(map(repr, near))}" if near else f": there are no {what}"
