"""pytest-metadata: an entry for each session, for the tools that show a run's surroundings."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from ..model.text import printable, shorten
from .cost import money, show_minutes
from .overview import Overview, SessionRow, outcome_counts

_LONGEST = 200  #: characters of a value


class MetadataReport:
    """Registered where pytest-metadata is installed; ``metadata`` is what it keeps, of which pytest-html has a table.

    ``html``: that table takes values as HTML.
    """

    def __init__(self, metadata: dict[str, Any], *, html: bool) -> None:
        self._metadata = metadata
        self._show: Callable[[str], str] = escape if html else str

    def finish(self, overview: Overview) -> None:
        """Before other reports are written."""
        for row in overview.sessions:
            entry = {name: self._show(shorten(printable(value), _LONGEST)) for name, value in entry_of(row).items()}
            self._metadata[f"Device Farm session {row.label}"] = entry


def entry_of(row: SessionRow) -> dict[str, str]:
    """What is said of one session; what is not known is left out."""
    said = {
        "device": row.device,
        "os": row.system,
        "mode": row.get("session.interaction_mode"),
        "status": row.get("session.status"),
        "result": row.get("session.result"),
        "tests": outcome_counts(row.tests.outcomes),
        "minutes": show_minutes(row.cost.minutes) if row.cost else "",
        "cost": money(row.cost.amount) if row.cost else "",
        "session": row.arn,
        "console": row.url,
    }
    return {name: value for name, value in said.items() if value}
