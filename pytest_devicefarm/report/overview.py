"""What a run's reports show: its sessions, what ran on them, and what failed. All texts come from the properties."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from ..model.text import printable
from .attachment import Attachment, from_sections
from .cost import Cost
from .properties import Properties, device_of, system_of

ARN = "devicefarm.session.arn"
OUTCOMES = ("passed", "failed", "error", "skipped", "xfailed", "xpassed", "rerun")  #: as the terminal reporter sorts
_LONGEST_MESSAGE = 1000  #: characters


@dataclass(frozen=True)
class Tests:
    """What ran on one session."""

    outcomes: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0  #: that the tests took, of those after the session was ready


@dataclass(frozen=True)
class SessionRow:
    """One session of a run, as it was read last."""

    label: str  #: ``2``, ``lost.1``: as the suite's properties number it
    said: Mapping[str, str]  #: those properties, not numbered
    tests: Tests = Tests()
    cost: Cost | None = None

    def get(self, name: str) -> str:
        """A property by the end of its name, such as ``session.status``; empty where there is none."""
        return self.said.get(f"devicefarm.{name}", "")

    @property
    def arn(self) -> str:
        return self.get("session.arn")

    @property
    def device(self) -> str:
        return self.get("device.name") or self.get("device.model") or "device unknown"

    @property
    def system(self) -> str:
        return system_of(self.said)

    @property
    def url(self) -> str:
        return self.get("session.console_url")


@dataclass(frozen=True)
class FailedTest:
    """One failed test; ``said`` is empty where it used no session."""

    nodeid: str
    worker: str  #: xdist's name of it, empty in a single process
    outcome: str  #: ``failed`` or ``error``
    message: str  #: its first line
    file: str  #: relative to pytest's root directory
    line: int  #: from 1
    said: Mapping[str, str]  #: the test's properties
    attachments: tuple[Attachment, ...] = ()

    @property
    def device(self) -> str:
        return device_of(self.said)

    @property
    def url(self) -> str:
        return self.said.get("devicefarm.session.console_url", "")


@dataclass(frozen=True)
class Overview:
    """A whole run."""

    sessions: Sequence[SessionRow]
    suite: Properties  #: of all of them, numbered where there are several
    failed: Sequence[FailedTest]
    cost: Cost | None
    price: Decimal
    error: str = ""  #: why the run ended before its tests did


def key(arn: str) -> str:
    """A session's name in HTML and CSS: any characters of its ARN, none that mean anything there."""
    return hashlib.sha256(arn.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def outcome_counts(outcomes: Mapping[str, int]) -> str:
    """``3 passed, 2 errors``, as pytest counts."""
    found = {each: outcomes[each] for each in OUTCOMES if outcomes.get(each)}
    shown = (f"{count} {each}{'s' if each == 'error' and count > 1 else ''}" for each, count in found.items())
    return ", ".join(shown) or "no test used it"


def tests_by_session(stats: Mapping[str, Iterable[Any]], ready: Mapping[str, float]) -> dict[str, Tests]:
    """By ARN, from the terminal reporter's ``stats``; ``ready`` says when each session was, in epoch seconds.

    The first test that needs a session is held up in its set-up, and that is no testing.
    """
    counts: dict[str, Counter[str]] = {}
    seconds: dict[str, float] = {}
    for outcome in (*OUTCOMES, ""):  # the last are set-ups and tear-downs that passed
        for report in stats.get(outcome, ()):
            arn = next((value for name, value in getattr(report, "user_properties", ()) if name == ARN), None)
            if arn is None:
                continue
            if outcome:
                counts.setdefault(arn, Counter())[outcome] += 1
            seconds[arn] = seconds.get(arn, 0.0) + _seconds(report, ready.get(arn, 0.0))
    return {arn: Tests(counts.get(arn, {}), seconds[arn]) for arn in seconds}


def _seconds(report: Any, ready: float) -> float:
    duration: float = getattr(report, "duration", 0.0)
    return max(0.0, min(duration, getattr(report, "stop", ready + duration) - ready))


def failed_tests(
    stats: Mapping[str, Iterable[Any]],
    conceal: Callable[[str], str],
    left_behind: Callable[[Mapping[str, str]], Iterable[Attachment]],
) -> list[FailedTest]:
    """Each failed test once, from the terminal reporter's ``stats``; ``left_behind`` has more files for a test."""
    found: dict[tuple[str, str], FailedTest] = {}
    for outcome in ("failed", "error"):
        for report in stats.get(outcome, ()):
            if not hasattr(report, "user_properties"):  # of a module that could not be collected
                continue
            test = _failed_test(report, outcome, conceal, left_behind)
            first = found.setdefault((test.nodeid, test.worker), test)
            if first is not test:  # broken in tear-down, too, or in several subtests: the last report goes furthest
                files = {each.path: each for each in (*first.attachments, *test.attachments)}
                found[test.nodeid, test.worker] = replace(first, attachments=tuple(files.values()))
    return list(found.values())


def worker_of(report: Any) -> str:
    """The name of the xdist worker that ran a test; empty in a single process."""
    node = getattr(report, "node", None)
    return str(node.gateway.id) if node is not None else ""


def _failed_test(
    report: Any,
    outcome: str,
    conceal: Callable[[str], str],
    left_behind: Callable[[Mapping[str, str]], Iterable[Attachment]],
) -> FailedTest:
    said = {str(name): str(value) for name, value in report.user_properties}
    file, line, _ = report.location
    line = (line or 0) + 1
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None and str(crash.path).replace("\\", "/").endswith(file.replace("\\", "/")):
        line = crash.lineno
    message = str(crash.message if crash is not None else report.longrepr).strip()  # its longreprtext has xdist's line
    files = [*from_sections(report.sections, said.get(ARN, "")), *left_behind(said)]
    return FailedTest(
        nodeid=report.nodeid,
        worker=worker_of(report),
        outcome=outcome,
        message=printable(conceal(message.partition("\n")[0]))[:_LONGEST_MESSAGE],
        file=file,
        line=line,
        said=said,
        attachments=tuple(dict.fromkeys(files)),
    )
