"""GitHub Actions: a summary of the job in Markdown, and an annotation for each failure on a device."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from ..model.text import printable, shorten
from .cost import describe, money, show_minutes
from .overview import FailedTest, Overview, SessionRow, outcome_counts

_LONGEST = 200  #: characters of a cell
_MOST_FAILED = 100  #: rows; a step's summary holds 1 MiB (GitHub)
_MOST_ANNOTATIONS = 10  #: of one level that GitHub keeps of a step


class SummaryReport:
    """Registered where ``GITHUB_STEP_SUMMARY`` is set: appended to, for a step may run pytest twice."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def finish(self, overview: Overview) -> None:
        """Raises `OSError`."""
        with self._file.open("a", encoding="utf-8", newline="\n") as summary:
            summary.write(markdown(overview))


def markdown(overview: Overview) -> str:
    """The devices, and the failed tests with theirs."""
    lines = ["### AWS Device Farm", ""]
    if overview.error:
        lines += [f"**{_text(overview.error)}**", ""]
    rows = [_session(row) for row in overview.sessions]
    lines += _table(("Device", "OS", "Status", "Result", "Tests", "Minutes", "Cost", "Session"), rows)
    if overview.cost is not None:
        lines += ["", f"Cost: {describe(overview.cost, overview.price)}"]
    if overview.failed:
        failed = [_failed(test) for test in overview.failed[:_MOST_FAILED]]
        lines += ["", "#### Failed", "", *_table(("Test", "Device", "Message"), failed)]
    if len(overview.failed) > _MOST_FAILED:
        lines += ["", f"and {len(overview.failed) - _MOST_FAILED} more"]
    return "\n".join([*lines, "", ""])


def workflow_commands(overview: Overview, root: Path, workspace: Path | None) -> Iterator[str]:
    """Workflow commands: one for each failed test that used a device, and one for a run that ended before its tests.

    ``root`` is pytest's root directory; GitHub wants files relative to its ``workspace``.
    """
    if overview.error:
        yield f"::error title=AWS Device Farm::{_data(overview.error)}"
    on_devices = [test for test in overview.failed if test.device]
    for test in on_devices[: _MOST_ANNOTATIONS - bool(overview.error)]:
        file = _property(_relative(test.file, root, workspace))
        title = _property(f"{shorten(test.nodeid.rpartition('/')[2], _LONGEST)} on {shorten(test.device, _LONGEST)}")
        yield f"::error file={file},line={test.line},title={title}::{_data(test.message)}"


def _session(row: SessionRow) -> tuple[str, ...]:
    page = f"[console]({row.url})" if row.url else _text(row.arn)
    return (
        *map(_text, (row.device, row.system, row.get("session.status"), row.get("session.result"))),
        _text(outcome_counts(row.tests.outcomes)),
        show_minutes(row.cost.minutes) if row.cost else "",
        money(row.cost.amount) if row.cost else "",
        page,
    )


def _failed(test: FailedTest) -> tuple[str, ...]:
    device = f"[{_text(test.device)}]({test.url})" if test.url else _text(test.device)
    return _text(test.nodeid), device, _text(test.message)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]


def _text(text: str) -> str:
    """A text that Markdown shows as it is: neither markup, nor HTML, nor the end of a cell."""
    shown = shorten(printable(text), _LONGEST)
    shown = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|~$])", r"\\\1", shown)


def _relative(file: str, root: Path, workspace: Path | None) -> str:
    try:
        return (root / file).relative_to(workspace).as_posix() if workspace else PurePosixPath(file).as_posix()
    except ValueError:
        return file


def _data(text: str) -> str:
    return printable(text).replace("%", "%25")  # what else GitHub has escaped, line ends, is not printable


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
