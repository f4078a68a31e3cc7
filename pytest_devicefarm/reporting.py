"""What a run's reports are told, and when: the only place that knows them all.

Each beside JUnit XML and the terminal is there only where its tool is installed and in use, or its variable set.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from .model.artifact import Artifact
from .model.session import RemoteAccessSession
from .pytest_internals import junit_xml
from .report import junit, terminal
from .report.cost import cost, money, total
from .report.evidence import Evidence, told
from .report.overview import Overview, SessionRow, Tests, failed_tests, tests_by_session, worker_of
from .report.properties import Properties, case_properties, pool_properties, suite_properties

if TYPE_CHECKING:
    from .run.slot import Slot
    from .settings import Settings


class Reporter(Protocol):
    """A report that is completed when all is known; an `OSError` is told, and fails no run."""

    def finish(self, overview: Overview) -> None: ...


class Reporting:
    """The reports of the process that talks to AWS.

    ``users_properties`` asks users' hooks; ``say`` tells the user; ``every_device``: each of them runs every test.
    """

    def __init__(
        self,
        config: pytest.Config,
        settings: Settings,
        *,
        users_properties: Callable[[RemoteAccessSession], Mapping[str, Any]],
        say: Callable[[str], None],
        every_device: bool,
    ) -> None:
        self.every_device = every_device
        self._config = config
        self._settings = settings
        self._users_properties = users_properties
        self._say = say
        self._ready: dict[str, float] = {}  #: by ARN, epoch seconds
        self._names: set[str] = set()  #: of properties that tests have
        self._junit_failed: dict[int, tuple[str, str]] = {}  #: by the identity of a JUnit reporter, test and worker
        self._junit_nodes: dict[int, Any] = {}  #: likewise, of all tests, where each device runs them all
        self._overview: Overview | None = None
        self._reporters = _reporters(config)

    def describe(self, session: RemoteAccessSession) -> Properties:
        """What each test that uses the session says of it, from now on."""
        self._ready[str(session.arn)] = time.time()
        properties = case_properties(session, self._users_properties(session))
        self._names |= {name for name, _ in properties}
        return properties

    def saw_report(self, report: pytest.TestReport) -> None:
        """Note whose a testcase is, as long as pytest knows it."""
        node = getattr(report, "node", None)
        if not report.failed and not (self.every_device and node is not None):
            return
        xml = junit_xml(self._config)
        if xml is not None:
            reporter = id(xml.node_reporter(report))
            self._junit_nodes[reporter] = node
            if report.failed:
                self._junit_failed[reporter] = report.nodeid, worker_of(report)

    def finish(
        self,
        slots: Sequence[Slot],
        *,
        artifacts: Iterable[Artifact],
        trial: bool,
        error: str,
        slot_of: Callable[[Any], Slot | None],
    ) -> None:
        """After the last test, with the sessions' last readings: complete every report that pytest writes now."""
        sessions = [session for slot in slots for session in slot.sessions]
        stats = getattr(self._config.pluginmanager.getplugin("terminalreporter"), "stats", {})
        tests = tests_by_session(stats, self._ready)
        current = [self._row(str(slot.number), slot.session, tests, trial) if slot.session else None for slot in slots]
        replaced = [session for slot in slots for session in slot.replaced]
        lost = [self._row(f"lost.{number}", each, tests, trial) for number, each in enumerate(replaced, 1)]

        def conceal(text: str) -> str:
            for session in sessions:
                text = session.conceal(text)
            return text

        rows = [row for row in [*current, *lost] if row is not None]
        evidence = Evidence(sessions, artifacts, conceal)
        overview = self._overview = Overview(
            rows,
            _suite(current, lost),
            failed_tests(stats, conceal, evidence.of),
            total(row.cost for row in rows),
            self._settings.price_per_minute,
            error,
        )
        for reporter in self._reporters:
            try:
                reporter.finish(overview)
            except OSError as problem:
                self._say(f"a report could not be completed: {problem}")
        self._finish_junit(overview, slot_of)

    @property
    def rows(self) -> Sequence[SessionRow]:
        """The sessions, once the run is finished."""
        return self._overview.sessions if self._overview else ()

    def summary(self, width: int) -> list[str]:
        """What the terminal says of the sessions."""
        return terminal.summary(self._overview, width) if self._overview else []

    def annotations(self) -> list[str]:
        """What GitHub Actions reads in the output."""
        if self._overview is None or not os.environ.get("GITHUB_ACTIONS"):
            return []
        from .report.github import workflow_commands

        workspace = os.environ.get("GITHUB_WORKSPACE")
        return list(workflow_commands(self._overview, self._config.rootpath, Path(workspace) if workspace else None))

    def _row(self, label: str, session: RemoteAccessSession, tests: Mapping[str, Tests], trial: bool) -> SessionRow:
        ran = tests.get(str(session.arn), Tests())
        price = self._settings.price_per_minute
        paid = cost(session.device_minutes, session.billing_method, price=price, trial=trial, seconds=ran.seconds)
        more = {"devicefarm.cost": money(paid.amount)} if paid else {}
        said = suite_properties(session, {**more, **self._users_properties(session)})
        return SessionRow(label, dict(said), ran, paid)

    def _finish_junit(self, overview: Overview, slot_of: Callable[[Any], Slot | None]) -> None:
        xml = junit_xml(self._config)
        if xml is None:
            return
        folder = _project_folder(self._config)
        files = {(test.nodeid, test.worker): [each.path for each in test.attachments] for test in overview.failed}
        texts = {(test.nodeid, test.worker): told(test.attachments, folder) for test in overview.failed}
        additions = junit.Additions(
            junit=self._settings.junit,
            patterns=self._settings.junit_properties,
            suite=overview.suite,
            names=self._names,
            error=overview.error,
            devices=self._names_of_devices(slot_of) if self.every_device else {},
            attachments={reporter: files.get(test, []) for reporter, test in self._junit_failed.items()},
            evidence={reporter: texts.get(test, "") for reporter, test in self._junit_failed.items()},
            folder=folder,
        )
        junit.finish(xml, additions)

    def _names_of_devices(self, slot_of: Callable[[Any], Slot | None]) -> dict[int, str]:
        """By the identity of a JUnit reporter, the name of its worker's device; devices of one name get a number."""
        slots = {id(node): slot_of(node) for node in self._junit_nodes.values()}
        names = {slot: slot.device_name for slot in slots.values() if slot is not None}
        count = Counter(names.values())
        shown = {slot: name if count[name] == 1 else f"{name} #{slot.number}" for slot, name in names.items()}
        found = {reporter: slots[id(node)] for reporter, node in self._junit_nodes.items()}
        return {reporter: shown[slot] for reporter, slot in found.items() if slot is not None}


def _suite(current: Sequence[SessionRow | None], lost: Sequence[SessionRow]) -> Properties:
    """What the suite says: of the sessions by their places in the pool, and of those that were replaced."""
    said = [list(row.said.items()) if row else [] for row in current]
    suite = pool_properties("devicefarm", said) if len(said) > 1 else said[0]
    return suite + pool_properties("devicefarm.lost", [list(row.said.items()) for row in lost])


def _project_folder(config: pytest.Config) -> Path:
    """What GitLab and Jenkins take the paths of attachments relative to."""
    folder = os.environ.get("CI_PROJECT_DIR") or os.environ.get("WORKSPACE")
    return Path(folder) if folder else config.invocation_params.dir


def register_in_tests(config: pytest.Config, *, every_device: bool) -> None:
    """In a process that runs tests: have those reports say the device that are written there."""
    if config.pluginmanager.hasplugin("allure_listener"):
        from .report.allure import AllureHooks

        config.pluginmanager.register(AllureHooks(every_device=every_device), "devicefarm-allure")


def _reporters(config: pytest.Config) -> list[Reporter]:
    found: list[Reporter] = []
    page = config.getoption("htmlpath", None) if config.pluginmanager.hasplugin("html") else None
    if config.pluginmanager.hasplugin("metadata"):
        found += _metadata(config, html=bool(page))
    if page:
        from .report.html import HtmlHooks

        folder = (Path.cwd() / Path(os.path.expandvars(page)).expanduser()).parent
        hooks = HtmlHooks(folder, embed=bool(config.getoption("self_contained_html", False)))
        config.pluginmanager.register(hooks, "devicefarm-html")
        found.append(hooks)
    if config.pluginmanager.hasplugin("allure_listener"):
        from .report.allure import AllureReport

        found.append(AllureReport(Path(config.getoption("allure_report_dir")).absolute(), time.time()))
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        from .report.github import SummaryReport

        found.append(SummaryReport(Path(summary)))
    return found


def _metadata(config: pytest.Config, *, html: bool) -> list[Reporter]:
    try:
        from pytest_metadata.plugin import metadata_key
    except ImportError:  # older than 3.0
        return []
    from .report.metadata import MetadataReport

    return [MetadataReport(config.stash[metadata_key], html=html)] if metadata_key in config.stash else []
