"""pytest-html: a column of devices to sort and filter by, a panel of sessions, and what a failure left behind.

pytest-html writes what it is given into its page as it is, so that everything is escaped here. A filter is one line of
CSS for each session: the page draws its table anew at each click, and a style outlives that.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import Any

import pytest

from ..model.text import printable, shorten
from .attachment import Attachment
from .cost import describe, money, show_minutes
from .overview import ARN, FailedTest, Overview, SessionRow, key, outcome_counts, worker_of
from .properties import device_of

_LONGEST = 120  #: characters of a cell
_MOST_EMBEDDED = 20 * 1024 * 1024  #: bytes of a file that is put into a self-contained page
_MOST_LINES = 200  #: of a log that are shown in the page; the file is linked
_TYPES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}

_STYLE = """
#devicefarm { color: black; margin-bottom: 16px }
#devicefarm table, .devicefarm-files { font-size: 12px }
#devicefarm td, #devicefarm th { border: 1px solid #e6e6e6; padding: 5px; text-align: left; overflow-wrap: anywhere }
#devicefarm label { cursor: pointer }
.devicefarm-files figure { display: inline-block; margin: 5px; vertical-align: top }
.devicefarm-files img, .devicefarm-files video { display: block; max-height: 320px; max-width: 100% }
.devicefarm-files pre { background: #f6f6f6; color: black; max-height: 230px; overflow: auto; white-space: pre-wrap }
"""


class HtmlHooks:
    """Registered in the controller of a run with ``--html``.

    A test's extras are handed over when it ends, and filled in when the run ends: pytest-html keeps the very objects.
    """

    def __init__(self, folder: Path, *, embed: bool) -> None:
        self._folder = folder  #: of the page
        self._embed = embed
        self._extras: dict[tuple[str, str], dict[str, Any]] = {}
        self._overview: Overview | None = None

    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        cells.insert(2, '<th class="sortable" data-column-type="device">Device</th>')

    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_html_results_table_row(self, report: Any, cells: list[str]) -> None:
        if cells:  # else somebody has taken the row out
            cells.insert(2, device_cell(dict(getattr(report, "user_properties", ()))))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Before pytest-html takes the report in, which it does when the tear-down is over."""
        name = (report.nodeid, worker_of(report))
        if report.failed and name not in self._extras:
            self._extras[name] = {"name": "AWS Device Farm", "format_type": "html", "content": ""} | dict.fromkeys(
                ("mime_type", "extension")
            )
        if report.when == "teardown" and name in self._extras:
            report.extras = [*getattr(report, "extras", []), self._extras[name]]  # type: ignore[attr-defined]

    def finish(self, overview: Overview) -> None:
        """Before the page is written."""
        self._overview = overview
        for test in overview.failed:
            extra = self._extras.get((test.nodeid, test.worker))
            if extra is not None:
                extra["content"] = files(test, self._link)

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str]) -> None:
        if self._overview is not None and self._overview.sessions:
            prefix.append(panel(self._overview))

    def _link(self, attachment: Attachment) -> str:
        """Where the page finds a file: in itself, where it is self-contained, else by relative path."""
        mime = _mime(attachment) if self._embed else None
        with suppress(OSError):
            if mime is not None and attachment.path.stat().st_size <= _MOST_EMBEDDED:
                fragment = f"#{attachment.span.fragment}" if attachment.span else ""
                return f"data:{mime};base64,{base64.b64encode(attachment.path.read_bytes()).decode()}{fragment}"
        return attachment.link(self._folder)


def device_cell(said: Mapping[str, str]) -> str:
    """A test's cell; pytest-html sorts by what is in it, on one line."""
    name = escape(shorten(printable(device_of(said)), _LONGEST))
    return f'<td class="col-device" data-devicefarm="{key(said[ARN]) if ARN in said else ""}" dir="auto">{name}</td>'


def panel(overview: Overview) -> str:
    """The sessions, each with a box that hides its tests."""
    several = len(overview.sessions) > 1
    arns = dict.fromkeys(row.arn for row in overview.sessions)
    hide = "".join(
        f'body:has(#devicefarm-{key(arn)}:not(:checked)) #results-table tbody:has([data-devicefarm="{key(arn)}"]) '
        "{ display: none }\n"
        for arn in arns
    )
    heads = ["Device", "OS", "Resolution", "Mode", "Status", "Result", "Tests", "Minutes", "Cost", "Session"]
    head = "".join(f"<th>{each}</th>" for each in heads)
    rows = "".join(f"<tr>{_row(row, several)}</tr>" for row in overview.sessions)
    cost = f"<p>Cost: {escape(describe(overview.cost, overview.price))}</p>" if overview.cost else ""
    error = f"<p>{escape(overview.error)}</p>" if overview.error else ""
    return (
        f'<style>{_STYLE}{hide}</style><div id="devicefarm"><h2>AWS Device Farm</h2>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{cost}{error}</div>"
    )


def _row(row: SessionRow, several: bool) -> str:
    name = f"{row.label} {row.device}" if several else row.device
    box = f'<input type="checkbox" checked id="devicefarm-{key(row.arn)}" aria-label="show the tests of this session">'
    link = f'<a href="{escape(row.url)}" target="_blank" rel="noopener noreferrer">console</a>' if row.url else ""
    cells = [
        f"<label>{box} {_cell(name)}</label>",
        *map(_cell, (row.system, *(row.get(f"{each}") for each in _SHOWN))),
        _cell(outcome_counts(row.tests.outcomes)),
        _cell(show_minutes(row.cost.minutes) if row.cost else ""),
        _cell(money(row.cost.amount) if row.cost else ""),
        link or _cell(row.arn),
    ]
    message = f"<br>{_cell(row.get('session.message'))}" if row.get("session.message") else ""
    cells[-1] += message
    return "".join(f'<td dir="auto">{cell}</td>' for cell in cells)


_SHOWN = ("device.resolution", "session.interaction_mode", "session.status", "session.result")


def files(test: FailedTest, link: Callable[[Attachment], str]) -> str:
    """What a failure left behind: images and videos to look at, a log's own lines, links to the rest."""
    shown = "".join(f"<figure>{_file(each, escape(link(each)))}</figure>" for each in test.attachments)
    console = (
        f'<p><a href="{escape(test.url)}" target="_blank" rel="noopener noreferrer">{_cell(test.device)}</a></p>'
        if test.url
        else ""
    )
    return f'<div class="devicefarm-files">{console}{shown}</div>' if console or shown else ""


def _file(attachment: Attachment, link: str) -> str:
    title = f'<figcaption><a href="{link}" target="_blank">{_cell(attachment.title)}</a></figcaption>'
    if attachment.artifact.is_image:
        return f'<img src="{link}" alt="{_cell(attachment.title)}">{title}'
    if attachment.artifact.is_video:
        return f'<video src="{link}" controls preload="metadata"></video>{title}'
    if attachment.lines:
        return f"<pre>{escape(_last_lines(attachment.lines))}</pre>{title}"
    return title


def _last_lines(text: str) -> str:
    return "\n".join(printable(line) for line in text.splitlines()[-_MOST_LINES:])


def _cell(text: str) -> str:
    return escape(shorten(printable(text), _LONGEST))


def _mime(attachment: Attachment) -> str | None:
    if attachment.artifact.is_image:
        return _TYPES.get(attachment.path.suffix.lower().lstrip("."))
    return "video/mp4" if attachment.artifact.is_video else None
