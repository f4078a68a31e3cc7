"""pytest's entry point: hooks only. What they call is in the other modules, imported once a run has a session."""

from __future__ import annotations

import sys
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

from . import hookspecs, options
from .driver.fixtures import devicefarm_capabilities, devicefarm_driver, devicefarm_install
from .errors import ConfigurationError, DeviceFarmError, tell
from .fixtures import (
    FIXTURES,
    MARK,
    NoSession,
    devicefarm_client,
    devicefarm_device,
    devicefarm_emulator,
    devicefarm_session,
)
from .pytest_internals import number_of_workers
from .stash import NEEDS, SETTINGS

if TYPE_CHECKING:
    from .conductor import Conductor
    from .run.worker import Worker
    from .settings import Settings

__all__ = [
    "devicefarm_capabilities",
    "devicefarm_client",
    "devicefarm_device",
    "devicefarm_driver",
    "devicefarm_emulator",
    "devicefarm_install",
    "devicefarm_session",
]

_MARKER = "devicefarm: the test uses AWS Device Farm (put on by itself where one of its fixtures is asked for)"
_CAPABILITIES_MARKER = (
    "devicefarm_capabilities({...}, name=value): capabilities of this test's devicefarm_driver, beside the fixture's"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    pluginmanager.add_hookspecs(hookspecs)


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    one_off = config.getoption("devicefarm_list") or config.getoption("devicefarm_sweep")
    if not one_off or config.option.help or config.option.version:
        return None
    from .access import supplied_client
    from .listing import table
    from .settings import resolve
    from .sweeping import swept

    command = table if config.getoption("devicefarm_list") else swept
    encoding = sys.stdout.encoding or "utf-8"
    try:
        for line in command(resolve(config), supplied_client(config)):
            sys.stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from None
    except DeviceFarmError as error:
        tell(error)
        return error.exit_code
    return 0


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    resolved = _settings(config)
    return resolved.count if resolved is not None else None  # as many as there are sessions


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARKER)
    config.addinivalue_line("markers", _CAPABILITIES_MARKER)
    workerinput = getattr(config, "workerinput", None)
    if workerinput is not None:
        if "devicefarm" in workerinput:
            _register_worker(config, workerinput["devicefarm"])
    elif not (config.option.help or config.option.version):
        resolved = _settings(config)
        if resolved is not None:
            config.pluginmanager.register(StartHooks(resolved), "devicefarm-start")


def pytest_itemcollected(item: pytest.Item) -> None:
    asked = getattr(item, "fixturenames", ())
    if not FIXTURES.isdisjoint(asked):
        item.add_marker(MARK)


def _settings(config: pytest.Config) -> Settings | None:
    """The settings of a run that has a session, None for any other run."""
    if SETTINGS not in config.stash:
        config.stash[SETTINGS] = _resolve(config) if options.given(config) else None
    return config.stash[SETTINGS]


def _resolve(config: pytest.Config) -> Settings | None:
    from .settings import resolve

    try:
        resolved = resolve(config)
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from None
    return resolved if resolved.active else None


def _register_worker(config: pytest.Config, given: dict[str, Any]) -> None:
    from .items import register
    from .reporting import register_in_tests
    from .run.worker import Worker
    from .settings import ClientSettings

    worker = Worker(given["channel"], ClientSettings(**given["client"]))
    config.pluginmanager.register(WorkerHooks(worker), "devicefarm-worker")
    register(config, worker)
    register_in_tests(config, every_device=given["every_device"])


def _xdist_group(item: pytest.Item) -> str:
    """A test's group, as xdist names it; xdist writes it into the test's ID, which pytest 9.2 does not let it do."""
    marks = item.iter_markers("xdist_group")
    return "_".join(sorted({str(mark.args[0] if mark.args else mark.kwargs.get("name", "default")) for mark in marks}))


class StartHooks:
    """Registered in the process that talks to AWS: the only one, or xdist's controller."""

    def __init__(self, resolved: Settings) -> None:
        self._settings = resolved

    def pytest_report_header(self, config: pytest.Config) -> list[str]:
        from .report.terminal import header

        return header(self._settings, number_of_workers(config) or 1)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Before xdist starts its workers, which have to be told where AWS, or the emulator, is."""
        from .conductor import Conductor
        from .items import register
        from .reporting import register_in_tests
        from .run.signals import interrupt_on_signals

        config = session.config
        if config.getoption("collectonly", False) or config.getoption("setupplan", False):
            return
        try:
            if config.getoption("dist", "no") == "each" and number_of_workers(config) > self._settings.count:
                raise ConfigurationError(
                    f"--dist each runs every test on every device: {number_of_workers(config)} workers for "
                    f"{self._settings.count} sessions are too many; give -n auto"
                )
            conductor = Conductor(config, self._settings)
        except ConfigurationError as error:
            raise pytest.UsageError(str(error)) from None
        interrupt_on_signals()
        config.pluginmanager.register(ControllerHooks(conductor), "devicefarm-controller")
        register(config, conductor.controller)
        register_in_tests(config, every_device=False)
        if config.pluginmanager.hasplugin("dsession"):
            config.pluginmanager.register(XdistHooks(conductor), "devicefarm-xdist")


class ControllerHooks:
    """The life of a run in the process that talks to AWS."""

    def __init__(self, conductor: Conductor) -> None:
        self._conductor = conductor
        self._pool = conductor.pool

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        self._conductor.begin()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Without items where xdist distributes them: its workers tell which tests there are."""
        from .items import note_needs

        try:
            if note_needs(session.items):
                self._pool.require()
        except ConfigurationError as error:
            raise pytest.UsageError(str(error)) from None
        self._pool.deliver()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """Around each test of a single process."""
        self._conductor.before_test()
        if self._pool.loss is not None:
            raise NoSession(str(self._pool.loss), returncode=self._pool.loss.exit_code)
        self._pool.testing = True
        try:
            return (yield)
        finally:
            self._pool.testing = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._conductor.saw_report(report)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        try:
            result = yield
        except NoSession:
            result = True
        self._conductor.end_loop()
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Before the reports are written."""
        self._conductor.finish(interrupted=exitstatus == pytest.ExitCode.INTERRUPTED)
        if self._conductor.still_running:
            session.exitstatus = self._conductor.still_running[0].exit_code
        elif exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = self._conductor.exit_code(session.testsfailed) or exitstatus

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        width = terminalreporter.config.get_terminal_writer().fullwidth
        lines = self._conductor.summary(terminalreporter.stats, width)
        if lines and terminalreporter.config.get_verbosity() >= 0:
            terminalreporter.section("AWS Device Farm")
            for line in lines:
                terminalreporter.line(line)
        for line in [*self._conductor.kept(), *self._conductor.reporting.annotations()]:
            terminalreporter.ensure_newline()
            terminalreporter.line(line)

    def pytest_unconfigure(self) -> None:
        """Last of all: what a `pytest.UsageError` says, pytest itself writes to stderr after this."""
        self._conductor.close()
        sys.stdout.flush()
        for error in self._conductor.untold():
            tell(error)


class XdistHooks:
    """The controller's side of xdist; registered only in a run that xdist distributes."""

    def __init__(self, conductor: Conductor) -> None:
        self._conductor = conductor

    def pytest_configure_node(self, node: Any) -> None:
        self._conductor.workers.connect(node)

    def pytest_testnodedown(self, node: Any, error: object | None) -> None:
        self._conductor.workers.disconnect(node, crashed=error is not None)

    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        from .run.scheduler import make_scheduler

        return make_scheduler(config, log, self._conductor.workers)

    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport) -> None:
        self._conductor.saw_crash(crashitem, report)


class WorkerHooks:
    """Registered in xdist's workers."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Before xdist tells the controller which tests there are."""
        from .items import note_needs

        problem = None
        try:
            note_needs(session.items)
        except ConfigurationError as error:
            problem = str(error)
        needs = {item.nodeid: str(item.stash[NEEDS]) for item in session.items if NEEDS in item.stash}
        groups = {item.nodeid: group for item in session.items if (group := _xdist_group(item))}
        self._worker.tell_collected(needs, groups, problem)
