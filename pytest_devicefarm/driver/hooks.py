"""What pytest tells of tests that drive a device; registered only in a process that runs some."""

from __future__ import annotations

import warnings
from collections.abc import Generator
from contextlib import suppress
from typing import Any

import pytest

from ..errors import DeviceFarmError, DeviceFarmWarning
from ..pytest_internals import fixtures_in_use
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
        config.pluginmanager.register(DriverHooks(driving), "devicefarm-driver")
    return config.stash[DRIVING]


def prepare(config: pytest.Config) -> None:
    """After collection, while the device boots, where a test is going to drive it."""
    with suppress(ImportError, DeviceFarmError):  # the fixture says what is missing
        driving_of(config)
        from . import opening  # noqa: F401


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

    def __init__(self, driving: Driving) -> None:
        self._driving = driving

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        self._driving.begin_test()
        if FIXTURE in getattr(item, "fixturenames", ()):
            self._warn_of_a_marker_without_effect(item)
        return (yield from self._watched(item, "setup"))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        return (yield from self._watched(item, "call"))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[Any]) -> None:
        """Before the last of a test's reports copies its properties; a rerun adds to what there is."""
        if call.when == "teardown":
            total = item.stash.setdefault(FIGURES, Figures())
            total.add(self._driving.activity.figures)
            self._driving.activity.begin()
            said = properties(total)
            names = {name for name, _ in said}
            item.user_properties[:] = [*(each for each in item.user_properties if each[0] not in names), *said]

    def _warn_of_a_marker_without_effect(self, item: pytest.Item) -> None:
        if self._driving.settings.scope == "session" and item.get_closest_marker(MARKER):
            text = f"@pytest.mark.{MARKER} changes nothing where devicefarm_driver_scope is session: {item.nodeid}"
            warnings.warn(DeviceFarmWarning(text), stacklevel=1)

    def _watched(self, item: pytest.Item, when: str) -> Generator[None, object, object]:
        try:
            return (yield)
        except BaseException as error:
            if _is_failure(error) and FIXTURE in fixtures_in_use(item):
                self._gather(item, when)
            raise

    def _gather(self, item: pytest.Item, when: str) -> None:
        folder = self._driving.settings.artifacts_dir / folder_name(item.nodeid)
        for piece in self._driving.evidence():
            item.add_report_section(when, f"devicefarm {piece.title}", keep(piece, folder))


def _is_failure(error: BaseException) -> bool:
    no_failures = (pytest.skip.Exception, pytest.xfail.Exception, pytest.exit.Exception)
    return isinstance(error, (Exception, pytest.fail.Exception)) and not isinstance(error, no_failures)
