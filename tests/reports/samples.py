"""An overview as a run makes it, for what is written from it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pytest_devicefarm.model.artifact import Artifact, Span
from pytest_devicefarm.model.text import printable
from pytest_devicefarm.report.attachment import Attachment
from pytest_devicefarm.report.cost import Cost, total
from pytest_devicefarm.report.overview import FailedTest, Overview, SessionRow, Tests

PRICE = Decimal("0.17")
#: What may be in any name or message: markup, the ends of sections, controls, emoji, right-to-left, and a lot.
STRANGE = (
    "<script>document.title='pwned'</script><img src=x onerror=\"document.title='pwned'\">]]>&amp;'\"`|*_[a](b)%0A::"
    "\x00\x1b[31m\u202e\ud800\U0001f4f1 \u05e9\u05dc\u05d5\u05dd\r\n::error::x\n| --- |" + "x" * 10_000
)


def said(number: int, **more: str) -> dict[str, str]:
    """The suite's properties of a session, printable as they always are; names with two underscores for the dot."""
    properties = {
        "session.arn": f"arn:aws:devicefarm:us-west-2:123456789101:session:P/S{number}/00000",
        "session.status": "COMPLETED",
        "session.result": "PASSED",
        "session.interaction_mode": "NO_VIDEO",
        "session.console_url": f"https://console.example/S{number}",
        "device.name": f"Phone {number}",
        "device.platform": "IOS",
        "device.os": "17.5.1",
        "device.resolution": "1179x2556",
        **{name.replace("__", "."): value for name, value in more.items()},
    }
    return {f"devicefarm.{name}": printable(value) for name, value in properties.items() if value}


def row(
    number: int = 1, outcomes: Mapping[str, int] | None = None, paid: Cost | None = None, **more: str
) -> SessionRow:
    cost = paid or Cost(Decimal("3.5"), Decimal("1.2"), Decimal("0.595"), Decimal("0.204"))
    return SessionRow(str(number), said(number, **more), Tests(outcomes or {}, 72.0 if outcomes else 0.0), cost)


def failed(number: int = 1, files: tuple[Attachment, ...] = (), **changes: Any) -> FailedTest:
    test = {
        "nodeid": f"tests/test_a.py::test_{number}",
        "worker": "",
        "outcome": "failed",
        "message": "assert 1 == 2",
        "file": "tests/test_a.py",
        "line": 10 * number,
        "said": said(number),
        "attachments": files,
    }
    return FailedTest(**(test | changes))


def overview(*rows: SessionRow, failures: tuple[FailedTest, ...] = (), error: str = "") -> Overview:
    suite = [pair for each in rows for pair in each.said.items()]
    return Overview(rows, suite, failures, total(each.cost for each in rows), PRICE, error)


def attachment(path: Path, kind: str, name: str, span: Span | None = None, lines: str = "") -> Attachment:
    artifact = Artifact(session="ARN", type=kind, name=name, extension=path.suffix.lstrip("."), path=path)
    return Attachment(artifact, span, lines)
