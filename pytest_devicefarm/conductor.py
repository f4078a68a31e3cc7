"""One pytest run with a session: puts farm, run and report together."""

from __future__ import annotations

import gc
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest

from .access import client_settings, start_emulator, supplied_client
from .driver import figures
from .errors import ConfigurationError, DeviceFarmError
from .model.arn import parse_session
from .model.session import Device, RemoteAccessSession
from .pytest_internals import junit_xml
from .report import junit, terminal
from .report.properties import Properties, case_properties, suite_properties
from .run.acquisition import Acquisition, Event, Ready, StatusChanged, Trouble
from .run.controller import Controller
from .run.workers import Workers

if TYPE_CHECKING:
    from .settings import Settings

_CACHE_KEY = "devicefarm/boot_seconds"
_REMEMBERED = 10


class Conductor:
    """What the process that talks to AWS does, from the start of the run to its end."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self.settings = settings
        self.ended_by: DeviceFarmError | None = None  #: why the run ended before its tests did
        self.told = False  #: whether pytest itself says why
        self._config = config
        self._progress = terminal.Progress(config)
        client = supplied_client(config)
        self._emulator = start_emulator(settings)
        cache = getattr(config, "cache", None)
        self._boot_seconds: dict[str, list[float]] = (cache.get(_CACHE_KEY, None) if cache else None) or {}
        self._broken_by_us = 0
        self._trouble = ""  #: the last that was shown
        reference = settings.session
        if reference is None:
            assert self._emulator is not None
            reference = parse_session(self._emulator.default_session_arn)
        self.controller = Controller(
            Acquisition(
                settings=settings,
                reference=reference,
                client_settings=client_settings(settings, self._emulator),
                client=client,
                post=lambda event: self.controller.post(event),
                history=lambda device: self._boot_seconds.get(_kind(device), []),
                disturbed=lambda: self.controller.testing,
            ),
            listener=self,
        )
        self.workers = Workers(self.controller)

    # What the controller tells: see run.controller.Listener

    def happened(self, event: Event) -> None:
        match event:
            case StatusChanged(session=session, previous=previous, elapsed=elapsed):
                self._progress.status(session, elapsed)
                self._call_hook("pytest_devicefarm_status", session=session, previous=previous)
            case Trouble(message=message, elapsed=elapsed) if message != self._trouble:
                self._trouble = message
                self._progress.line(f"{terminal.clock(elapsed)} {message}; trying again")
            case Ready(session=session, boot_seconds=boot_seconds):
                if boot_seconds is not None:
                    self._remember(session.device, boot_seconds)
                self._call_hook("pytest_devicefarm_ready", session=session)
                # boto3 is tens of thousands of objects that live to the end. Without this every full collection, of
                # which a run of many tests has many, walks through all of them.
                gc.freeze()
        self.workers.update()

    def describe(self, session: RemoteAccessSession) -> Properties:
        return case_properties(session, self._users_properties(session))

    def idle(self, elapsed: float) -> None:
        self._progress.tick(elapsed)

    def waiting(self) -> AbstractContextManager[None]:
        return self._progress.visible()

    # What pytest's hooks ask for, in the order of a run

    def saw_failure(self, report: pytest.TestReport) -> None:
        """Count the tests that broke because there is no session, which is no failure of theirs."""
        failure = self.controller.failure
        if failure is not None and str(report.longrepr) == str(failure):
            self._broken_by_us += 1

    def saw_crash(self, crashed: str, report: pytest.TestReport) -> None:
        """Give the report of a test whose worker crashed its properties; nobody else can."""
        grant = self.controller.grant
        if grant is not None and crashed in self.workers.needs:
            report.user_properties = list(grant.properties)
            junit.describe_crash(junit_xml(self._config), report)

    def end_loop(self) -> None:
        """After the last test: raise `pytest.UsageError` where the user must change something."""
        if self.controller.failure is not None and self.controller.needed:
            self.ended_by = self.controller.failure
        if isinstance(self.ended_by, ConfigurationError):
            self.told = True
            raise pytest.UsageError(str(self.ended_by))

    def finish(self, *, interrupted: bool) -> None:
        """Read the session again, tell it to hooks, and complete the JUnit XML."""
        controller = self.controller
        controller.stop_waiting()
        controller.deliver()
        session = controller.session
        if not interrupted:  # who interrupts does not want to wait for AWS
            try:
                session = controller.read_again()
            except DeviceFarmError as problem:
                self._progress.line(f"the session could not be read at the end: {problem}")
        if session is not None:
            self._call_hook("pytest_devicefarm_finished", session=session)
        xml = junit_xml(self._config)
        if xml is not None:
            suite = suite_properties(session, self._users_properties(session)) if session is not None else []
            error = str(self.ended_by) if self.ended_by else None
            junit.finish(xml, junit=self.settings.junit, suite=suite, error=error)

    def exit_code(self, tests_failed: int) -> int | None:
        """The run's exit code where it is not pytest's own: 69 only where nothing failed but what we broke."""
        if isinstance(self.ended_by, ConfigurationError) or (self.ended_by and tests_failed <= self._broken_by_us):
            return self.ended_by.exit_code
        return None

    def summary(self, stats: dict[str, Any]) -> list[str]:
        session = self.controller.session
        if session is None:
            return []
        driven = [figures.summary(each) for each in figures.by_session(stats).values()]
        return [*terminal.summary(session, terminal.outcomes(stats)), *driven]

    def close(self) -> None:
        if self._emulator is not None:
            self._emulator.stop()

    def _call_hook(self, name: str, **arguments: Any) -> list[Any]:
        """Call users' hooks; one that raises ends the run with its error, after the tests and with every report."""
        try:
            return list(getattr(self._config.hook, name)(config=self._config, **arguments))
        except Exception as error:
            text = f"the hook {name} raised {type(error).__name__}: {error}"
            self.ended_by = self.ended_by or ConfigurationError(" ".join(text.split()))
            return []

    def _users_properties(self, session: RemoteAccessSession) -> dict[str, Any]:
        answers = self._call_hook("pytest_devicefarm_properties", session=session)
        return {str(name): value for answer in answers for name, value in (answer or {}).items()}

    def _remember(self, device: Device | None, boot_seconds: float) -> None:
        cache = getattr(self._config, "cache", None)
        if cache is None or self.settings.emulated:  # an emulated boot says nothing about real ones
            return
        times = self._boot_seconds.get(_kind(device), [])
        self._boot_seconds[_kind(device)] = [*times, round(boot_seconds, 1)][-_REMEMBERED:]
        cache.set(_CACHE_KEY, self._boot_seconds)


def _kind(device: Device | None) -> str:
    """Devices that take about as long to boot: those of one model."""
    return " ".join(part for part in (device.platform, device.model_id or device.model) if part) if device else ""
