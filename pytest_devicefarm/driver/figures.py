"""How much driving a test, and a run, took: as report properties, and as a line of the summary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .activity import Figures

_PREFIX = "devicefarm.driver."


def properties(figures: Figures) -> list[tuple[str, str]]:
    """Of a test that drove the device; none of one that did not."""
    if not figures.commands and not figures.new_sessions:
        return []
    return [
        (f"{_PREFIX}commands", str(figures.commands)),
        (f"{_PREFIX}command_seconds", f"{figures.command_seconds:.3f}"),
        (f"{_PREFIX}new_sessions", str(figures.new_sessions)),
        (f"{_PREFIX}new_session_seconds", f"{figures.new_session_seconds:.3f}"),
    ]


def by_session(stats: Mapping[str, Iterable[Any]]) -> dict[str, Figures]:
    """By the ARN of a session what was done there, from the terminal reporter's ``stats``."""
    tests: dict[tuple[str, str], tuple[str, Figures]] = {}
    for report in (each for reports in stats.values() for each in reports):
        said = dict(getattr(report, "user_properties", ()))
        if getattr(report, "when", None) != "teardown" or f"{_PREFIX}commands" not in said:
            continue
        # A rerun's report has the sum of the attempts so far; some versions of pytest-rerunfailures show each one.
        test = (report.nodeid, getattr(report, "worker_id", ""))
        figures = _read(said)
        if test not in tests or tests[test][1].commands <= figures.commands:
            tests[test] = said.get("devicefarm.session.arn", ""), figures
    found: dict[str, Figures] = {}
    for arn, figures in tests.values():
        found.setdefault(arn, Figures()).add(figures)
    return found


def _read(said: Mapping[str, str]) -> Figures:
    return Figures(
        int(said[f"{_PREFIX}commands"]),
        float(said[f"{_PREFIX}command_seconds"]),
        int(said[f"{_PREFIX}new_sessions"]),
        float(said[f"{_PREFIX}new_session_seconds"]),
    )


def summary(figures: Figures) -> str:
    """One line."""
    commands = f"{figures.commands} command{'' if figures.commands == 1 else 's'}"
    sessions = f"{figures.new_sessions} new session{'' if figures.new_sessions == 1 else 's'}"
    return f"driver: {commands} in {figures.command_seconds:.1f} s, {sessions} in {figures.new_session_seconds:.1f} s"
