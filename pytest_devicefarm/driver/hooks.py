"""What pytest tells of tests that drive a device; registered only in a process that runs some."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Generator
from contextlib import suppress
from typing import Any

import pytest

from ..errors import DeviceFarmError, DeviceFarmWarning
from ..pytest_internals import fixtures_in_use, kept_failures
from ..stash import DRIVING, FIGURES, PROVIDER
from .activity import Figures
from .driving import READINESS, DriverSettings, Driving
from .evidence import folder_name, keep
from .figures import properties

FIXTURE = "devicefarm_driver"
MARKER = "devicefarm_capabilities"


def driving_of(config: pytest.Config) -> Driving:
    """The one of this process, made when it is first asked for. The run must have a session."""
    if DRIVING not in config.stash:
        provider = config.stash[PROVIDER]
        config.stash[DRIVING] = driving = Driving(_settings(config), lambda: provider.acquire().session)
        config.pluginmanager.register(DriverHooks(driving, _worker(config)), "devicefarm-driver")
    return config.stash[DRIVING]


def prepare(config: pytest.Config) -> None:
    """After collection, while the device boots, where a test is going to drive it."""
    with suppress(ImportError, DeviceFarmError):  # the fixture says what is missing
        driving_of(config)
        from . import opening  # noqa: F401


def _worker(config: pytest.Config) -> str:
    """What tells the files of this process from those that another has of the same test; empty where none has."""
    workerinput: dict[str, Any] = getattr(config, "workerinput", {})
    return f"-{workerinput['workerid']}" if workerinput and workerinput["devicefarm"]["every_device"] else ""


def _settings(config: pytest.Config) -> DriverSettings:
    from ..settings import resolve

    found = resolve(config)
    return DriverSettings(
        scope=found.driver_scope,
        keep_alive=found.keep_alive,
        keep_alive_limit=found.keep_alive_limit,
        artifacts_dir=config.invocation_params.dir / found.artifacts_dir,
        patience=min(found.timeout, READINESS),
    )


class DriverHooks:
    """Around each test: its log and its counts, and evidence of its failure."""

    def __init__(self, driving: Driving, worker: str) -> None:
        self._driving = driving
        self._worker = worker
        self._gathered: Counter[str] = Counter()  #: by test, how often: it may have several attempts
        self._evidence: list[tuple[str, str]] = []  #: of the phase that failed, for its report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        self._driving.begin_test()
        if FIXTURE in getattr(item, "fixturenames", ()):
            self._warn_of_a_marker_without_effect(item)
        return (yield from self._watched(item))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        return (yield from self._watched(item))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[Any]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """What was gathered goes into the report, not into the item, whose later attempts would show it as theirs."""
        if call.when == "teardown":
            self._count(item)
        report = yield
        if report.failed:
            shown = [(f"Captured devicefarm {title} {report.when}", content) for title, content in self._evidence]
            report.sections.extend(shown)
            self._evidence.clear()
        return report

    def _warn_of_a_marker_without_effect(self, item: pytest.Item) -> None:
        if self._driving.settings.scope == "session" and item.get_closest_marker(MARKER):
            text = f"@pytest.mark.{MARKER} changes nothing where devicefarm_driver_scope is session: {item.nodeid}"
            warnings.warn(DeviceFarmWarning(text), stacklevel=1)

    def _count(self, item: pytest.Item) -> None:
        """Before the last of a test's reports copies its properties; a rerun adds to what there is."""
        total = item.stash.setdefault(FIGURES, Figures())
        total.add(self._driving.activity.figures)
        said = properties(total)
        names = {name for name, _ in said}
        item.user_properties[:] = [*(each for each in item.user_properties if each[0] not in names), *said]

    def _watched(self, item: pytest.Item) -> Generator[None, object, object]:
        self._evidence.clear()
        try:
            result = yield
        except BaseException as error:
            self._gather(item, error)
            raise
        for kept in kept_failures(item):
            self._gather(item, kept.value)
        return result

    def _gather(self, item: pytest.Item, error: BaseException) -> None:
        if not _is_failure(error) or FIXTURE not in fixtures_in_use(item):
            return
        self._gathered[item.nodeid] += 1
        count = self._gathered[item.nodeid]
        name = folder_name(item.nodeid) + self._worker + (f"-{count}" if count > 1 else "")
        with suppress(pytest.fail.Exception):  # of a time-out plugin, say: the test has failed already
            for piece in self._driving.evidence():
                self._evidence.append((piece.title, keep(piece, self._driving.settings.artifacts_dir / name)))


def _is_failure(error: BaseException) -> bool:
    no_failures = (pytest.skip.Exception, pytest.xfail.Exception, pytest.exit.Exception)
    return isinstance(error, (Exception, pytest.fail.Exception)) and not isinstance(error, no_failures)
