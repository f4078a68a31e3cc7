"""``--devicefarm-list``: the sessions of a project, or the projects."""

from __future__ import annotations

from typing import Any

from .access import client_settings, start_emulator
from .farm.client import make_client
from .farm.clock import Clock
from .farm.resolve import list_projects, list_sessions, resolve_project
from .farm.retry import attempt, persist
from .model.text import printable
from .settings import Settings


def table(settings: Settings, supplied_client: Any | None) -> list[str]:
    """The lines to print; raise `DeviceFarmError` where AWS cannot be asked."""
    emulator = start_emulator(settings)
    try:
        access = client_settings(settings, emulator)
        client = supplied_client or attempt(lambda: make_client(access, attempts=1), "connecting to Device Farm")
        clock = Clock()
        return persist(
            lambda: _sessions(client, settings) if settings.project else _projects(client),
            "listing",
            deadline=clock.monotonic() + settings.timeout,
            clock=clock,
            trouble=lambda message: None,
        )
    finally:
        if emulator is not None:
            emulator.stop()


def _projects(client: Any) -> list[str]:
    rows = [(each.get("name"), each.get("arn")) for each in list_projects(client)]
    return _align(("PROJECT", "ARN"), rows) if rows else ["no projects"]


def _sessions(client: Any, settings: Settings) -> list[str]:
    assert settings.project is not None
    rows = []
    for session in list_sessions(client, resolve_project(settings.project, client=client)):
        device = session.device
        created = session.created.strftime("%Y-%m-%d %H:%M") if session.created else None
        rows.append(
            (session.status, session.name, device and device.name, device and device.system, created, session.arn)
        )
    return _align(("STATUS", "NAME", "DEVICE", "OS", "CREATED (UTC)", "ARN"), rows) if rows else ["no sessions"]


def _align(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> list[str]:
    table = [head, *(tuple(printable(str(cell or "-")) for cell in row) for row in rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
