"""``--devicefarm-list``: the sessions of a project, or the projects."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from .access import service_for
from .farm.clock import Clock
from .farm.resolve import list_projects, list_sessions, resolve_project
from .farm.retry import persist
from .report.properties import Properties, suite_properties
from .report.table import align
from .settings import Settings


def table(settings: Settings, supplied_client: Any | None) -> list[str]:
    """The lines to print; raise `DeviceFarmError` where AWS cannot be asked."""
    with service_for(settings, supplied_client) as service:
        client, clock = service.connect(), Clock()
        return persist(
            lambda: _sessions(client, settings, clock.now()) if settings.project else _projects(client, settings),
            "listing",
            deadline=clock.monotonic() + settings.timeout,
            clock=clock,
            trouble=lambda message: None,
        )


def _projects(client: Any, settings: Settings) -> list[str]:
    found = [{"name": each.get("name"), "arn": each.get("arn")} for each in list_projects(client)]
    if settings.json:
        return _json(found)
    return align(("PROJECT", "ARN"), [tuple(each.values()) for each in found]) if found else ["no projects"]


def _sessions(client: Any, settings: Settings, now: datetime) -> list[str]:
    assert settings.project is not None
    found = list(list_sessions(client, resolve_project(settings.project, client=client)))
    if settings.json:
        return _json([nested(suite_properties(each, {})) for each in found])
    rows = [
        (
            session.name,
            session.device and session.device.name,
            session.device and session.device.system,
            session.status,
            session.created and show_age((now - session.created).total_seconds()),
            session.arn,
        )
        for session in found
    ]
    return align(("NAME", "DEVICE", "OS", "STATUS", "AGE", "ARN"), rows) if rows else ["no sessions"]


def nested(properties: Properties) -> dict[str, Any]:
    """Properties as JSON has them: ``devicefarm.session.arn`` is ``{"session": {"arn": ...}}``."""
    found: dict[str, Any] = {}
    for name, value in properties:
        *path, last = name.removeprefix("devicefarm.").split(".")
        place = found
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return found


def show_age(seconds: float) -> str:
    """``45s``, ``12m``, ``5h``, ``3d``: as much as somebody wants to know who looks for a session."""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{int(seconds // size)}{unit}"
    return f"{max(int(seconds), 0)}s"


def _json(found: list[dict[str, Any]]) -> list[str]:
    return json.dumps(found, indent=2).splitlines()
