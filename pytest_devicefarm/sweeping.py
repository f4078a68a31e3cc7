"""``--devicefarm-sweep``: stop the sessions that dead runs left behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .access import service_for
from .errors import StillRunning
from .farm.clock import Clock
from .farm.sweep import sweep
from .model.text import printable
from .settings import Settings


def swept(settings: Settings, supplied_client: Any | None) -> Iterator[str]:
    """A line for each session that was stopped; raise `DeviceFarmError` where AWS cannot be asked.

    `StillRunning` comes last, when all the others have been stopped.
    """
    clock = Clock()
    running: list[StillRunning] = []
    stopped = 0
    with service_for(settings, supplied_client) as service:
        deadline = clock.monotonic() + settings.timeout
        for session, problem in sweep(service, settings.project, clock=clock, deadline=deadline):
            if problem is not None:
                running.append(StillRunning(str(session.arn), str(problem), session.console_url))
            else:
                stopped += 1
                yield printable(f"stopped {session.arn} ({session.name})")
    yield from map(str, running[:-1])
    if running:
        raise running[-1]
    if not stopped:
        yield "no session was left behind"
