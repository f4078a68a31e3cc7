"""``--devicefarm-sweep``: stop the sessions that dead runs left behind."""

from __future__ import annotations

from typing import Any

from .access import client_settings, start_emulator
from .farm.clock import Clock
from .farm.retry import persist
from .farm.service import Service
from .farm.sweep import sweep
from .model.text import printable
from .settings import Settings


def swept(settings: Settings, supplied_client: Any | None) -> list[str]:
    """A line for each session that was stopped; raise `DeviceFarmError` where AWS cannot be asked."""
    emulator = start_emulator(settings)
    service = Service(client_settings(settings, emulator), supplied_client)
    clock = Clock()
    stopped: dict[str, str] = {}

    def once() -> None:
        for session in sweep(service, settings.project):
            stopped[str(session.arn)] = printable(f"stopped {session.arn} ({session.name})")

    try:
        persist(
            once,
            "sweeping",
            deadline=clock.monotonic() + settings.timeout,
            clock=clock,
            trouble=lambda message: None,
        )
    finally:
        if emulator is not None:
            emulator.stop()
    return list(stopped.values()) or ["no session was left behind"]
