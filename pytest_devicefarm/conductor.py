"""One pytest run with sessions: puts farm, run and report together."""

from __future__ import annotations

import gc
from contextlib import AbstractContextManager
from threading import Thread, Timer
from typing import TYPE_CHECKING, Any

import pytest

from .access import client_settings, references, start_emulator, supplied_client
from .driver import figures
from .errors import ConfigurationError, DeviceFarmError, SessionEnded, stop_command
from .farm.account import on_trial
from .farm.clock import Clock
from .farm.service import Service
from .model.artifact import Artifact
from .model.session import Device, RemoteAccessSession
from .pytest_internals import junit_xml
from .report import junit, terminal
from .report.properties import Properties
from .reporting import Reporting
from .run.acquisition import Failed, Ready, StatusChanged, Step, Trouble
from .run.controller import Controller
from .run.downloads import download
from .run.owner import Owner
from .run.pool import Pool
from .run.signals import Interrupts
from .run.slot import Slot
from .run.workers import Workers
from .stash import LOST

if TYPE_CHECKING:
    from .settings import Settings

_CACHE_KEY = "devicefarm/boot_seconds"
_REMEMBERED = 10
_LONGEST = 150 * 60.0  #: seconds that a session lasts at most (guide: limits)
_NOTICE = 10 * 60.0  #: seconds before that at which the user is told


class Conductor:
    """What the process that talks to AWS does, from the start of the run to its end."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self.settings = settings
        self.ended_by: DeviceFarmError | None = None  #: why the run ended before its tests did
        self.told = False  #: whether pytest itself says why
        self.still_running: list[DeviceFarmError] = []  #: sessions that could not be stopped
        self.artifacts: tuple[Artifact, ...] = ()  #: what was downloaded, once the run is finished
        self._failed_on: set[object] = set()  #: ARNs of the sessions on which a test failed
        self._config = config
        client = supplied_client(config)
        self._emulator = start_emulator(settings)
        cache = getattr(config, "cache", None)
        self._boot_seconds: dict[str, list[float]] = (cache.get(_CACHE_KEY, None) if cache else None) or {}
        self._broken_by_us = 0
        self._left_unrun = False  #: whether a test was broken or skipped because its session was lost
        self._trouble = ""  #: the last that was shown
        service = Service(client_settings(settings, self._emulator), client)
        self.owner = Owner(service, keep=settings.keep, trouble=lambda text: self.pool.post(lambda: self.say(text)))
        self.pool = Pool(
            settings,
            references(settings, self._emulator),
            service,
            self.owner,
            listener=self,
            history=lambda device: self._boot_seconds.get(_kind(device), []),
        )
        self.controller = Controller(self.pool)
        self.interrupts = Interrupts(self.pool.interrupt)
        self._distributed = config.pluginmanager.hasplugin("dsession")
        self._every_device = self._distributed and config.getoption("dist") == "each"
        self.workers = Workers(self.pool, self._every_device)
        self.reporting = Reporting(
            config,
            settings,
            users_properties=self._users_properties,
            say=self.say,
            every_device=self._every_device,
        )
        self._progress = terminal.Progress(config, numbered=len(self.pool.slots) > 1)

    # What the pool tells: see run.pool.Listener

    def happened(self, slot: Slot, step: Step) -> None:
        self._progress.end_live_line()
        match step:
            case StatusChanged(session=session, previous=previous, elapsed=elapsed):
                self._progress.status(slot.number, session, elapsed)
                self._call_hook("pytest_devicefarm_status", session=session, previous=previous)
            case Trouble(message=message, elapsed=elapsed) if message != self._trouble:
                self._trouble = message
                self._progress.line(f"{terminal.clock(elapsed)} {message}; trying again", slot.number)
            case Ready(session=session, boot_seconds=boot_seconds):
                if boot_seconds is not None:
                    self._remember(session.device, boot_seconds)
                self._call_hook("pytest_devicefarm_ready", session=session)
                self._give_notice(slot, session)
                # boto3 is tens of thousands of objects that live to the end. Without this every full collection, of
                # which a run of many tests has many, walks through all of them.
                gc.freeze()
            case Failed(error=error) if self.pool.failure is None and not self.interrupts.came:
                self._progress.line(f"{error}; the run goes on without it", slot.number)
        self.workers.update()

    def lost(self, slot: Slot, error: SessionEnded, then: str) -> None:
        done = {"stop": "the run ends", "skip": "what remains for it is skipped", "replace": "another is created"}[then]
        self._progress.line(f"{error}: {done}", slot.number)
        self.workers.update()

    def say(self, text: str) -> None:
        self._progress.line(text)

    def progress(self, text: str) -> None:
        self._progress.live(text)

    def describe(self, session: RemoteAccessSession) -> Properties:
        return self.reporting.describe(session)

    def idle(self) -> None:
        self._progress.tick()

    def waiting(self) -> AbstractContextManager[None]:
        return self._progress.visible()

    # What pytest's hooks ask for, in the order of a run

    def begin(self) -> None:
        """Before collection."""
        self.pool.start()
        if self.settings.device or self.settings.stop:
            self.interrupts.watch()
        if self._distributed and self._progress.is_live:
            Thread(target=self._tick, name="devicefarm-tick", daemon=True).start()

    def _tick(self) -> None:
        """Show that a wait goes on where xdist has the main thread, as long as no worker tests."""
        clock = Clock()
        while self.pool.waits:
            clock.sleep(1.0)
            self.pool.post(lambda: self._progress.tick() if self.pool.waits and not self.workers.busy() else None)

    def before_test(self) -> None:
        """Before each test of a single process; raise what ends the run."""
        self.pool.deliver()
        self._notice_interrupt()
        self.interrupts.watch_again()

    def _notice_interrupt(self) -> None:
        if self.interrupts.came:  # and the test that ran has swallowed it
            raise KeyboardInterrupt

    def saw_report(self, report: pytest.TestReport) -> None:
        """Take note of what broke, or did not run, because of its session; that is no failure of a test's own."""
        self.reporting.saw_report(report)
        if report.passed:
            return
        said, failure = dict(report.user_properties), self.pool.failure
        self._left_unrun |= LOST in said
        if report.failed:
            self._failed_on.add(said.get("devicefarm.session.arn"))
            self._broken_by_us += LOST in said or (failure is not None and str(report.longrepr) == str(failure))

    def saw_crash(self, crashed: str, report: pytest.TestReport) -> None:
        """Give the report of a test whose worker crashed its properties; nobody else can."""
        slot = self.workers.drove(getattr(report, "node", None))
        if slot is not None and slot.grant is not None and crashed in self.workers.needs:
            report.user_properties = list(slot.grant.properties)
            junit.describe_crash(junit_xml(self._config), report)

    def end_loop(self) -> None:
        """After the last test: raise `pytest.UsageError` where the user must change something."""
        self._notice_interrupt()
        pool = self.pool
        if pool.failure is not None and pool.needed:
            self.ended_by = pool.failure
        elif self._left_unrun:
            self.ended_by = next((slot.failure for slot in pool.slots if slot.lost and slot.failure), None)
        if isinstance(self.ended_by, ConfigurationError):
            self.told = True
            raise pytest.UsageError(str(self.ended_by))

    def finish(self, *, interrupted: bool) -> None:
        """Stop what must be stopped, read the sessions again, tell them to hooks, and complete the reports."""
        pool = self.pool
        with self.interrupts.held():
            pool.close()
            if not interrupted:  # who interrupts does not want to wait for AWS
                pool.read_again()
            self.still_running = list(self.owner.wait())
            pool.deliver()
            if interrupted:
                pool.take_answers()
            if not interrupted and not self.interrupts.came:
                self.artifacts = download(self.settings, pool, self._failed_on, self._config.invocation_params.dir)
        pool.deliver()
        for session in self._sessions():
            self._call_hook("pytest_devicefarm_finished", session=session)
        self.reporting.finish(
            pool.slots,
            artifacts=self.artifacts,
            trial=not interrupted and self._pays() and on_trial(pool.service),
            error="; ".join(map(str, [*([self.ended_by] if self.ended_by else []), *self.still_running])),
            slot_of=self.workers.drove,
        )

    def exit_code(self, tests_failed: int) -> int | None:
        """The run's exit code where it is not pytest's own: 69 only where nothing failed but what we broke."""
        if self.interrupts.came:  # too late for pytest to notice
            return int(pytest.ExitCode.INTERRUPTED)
        if isinstance(self.ended_by, ConfigurationError) or (self.ended_by and tests_failed <= self._broken_by_us):
            return self.ended_by.exit_code
        return None

    def summary(self, stats: dict[str, Any], width: int) -> list[str]:
        """What the terminal says of the sessions."""
        driven = figures.by_session(stats)
        rows = self.reporting.rows
        return self.reporting.summary(width) + [
            (f"{row.label} " if len(rows) > 1 else "") + figures.summary(driven[row.arn])
            for row in rows
            if row.arn in driven
        ]

    def kept(self) -> list[str]:
        """What goes on to cost money, as was asked for."""
        kept = [row for row in self.reporting.rows if self.settings.keep and row.arn in self.owner.created]
        return [f"{row.label} {row.device} is kept running; stop it with: {stop_command(row.arn)}" for row in kept]

    def untold(self) -> list[DeviceFarmError]:
        """The errors that nobody has shown yet."""
        ended_by = [self.ended_by] if self.ended_by is not None and not self.told else []
        return [*ended_by, *self.still_running]

    def close(self) -> None:
        """Stop what a run left that was cut short before `finish`."""
        with self.interrupts.held():
            self.pool.stop_all()
            self.still_running = list(self.owner.wait())
        self.interrupts.close()
        if self._emulator is not None:
            self._emulator.stop()

    def _sessions(self) -> list[RemoteAccessSession]:
        return [session for slot in self.pool.slots for session in slot.sessions]

    def _pays(self) -> bool:
        """Whether there are minutes that may cost something."""
        minutes = [session.device_minutes for session in self._sessions()]
        return bool(self.settings.price_per_minute) and any(each and each.metered for each in minutes)

    def _give_notice(self, slot: Slot, session: RemoteAccessSession) -> None:
        """Have the user told ten minutes before the service ends the session."""
        age = (self.pool.clock.now() - session.started).total_seconds() if session.started else 0.0
        left = _LONGEST - max(age, 0.0)

        def tell() -> None:
            if slot.grant is not None and slot.grant.session is session:
                minutes = max(min(_NOTICE, left), 0.0) / 60
                self.say(f"{slot} ends in {minutes:.0f} minutes: a session lasts 150 minutes at most")

        timer = Timer(max(left - _NOTICE, 0.0), lambda: self.pool.post(tell))
        timer.daemon = True
        timer.start()

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
