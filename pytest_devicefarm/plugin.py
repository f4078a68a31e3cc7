"""pytest's entry point: hooks only. What they call is in the other modules, imported once a run has a session."""

from __future__ import annotations

import sys
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

from . import hookspecs, options
from .driver.fixtures import devicefarm_capabilities, devicefarm_driver, devicefarm_install
from .errors import ConfigurationError, DeviceFarmError
from .fixtures import (
    FIXTURES,
    SESSION_FIXTURES,
    NoSession,
    devicefarm_client,
    devicefarm_device,
    devicefarm_emulator,
    devicefarm_session,
)
from .pytest_internals import fixtures_in_use
from .stash import BEGUN, DESCRIBED, PROVIDER, SETTINGS

if TYPE_CHECKING:
    from .conductor import Conductor
    from .run.provider import Provider
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

_MARK = pytest.mark.devicefarm
_MARKER = "devicefarm: the test uses AWS Device Farm (put on by itself where one of its fixtures is asked for)"

_CAPABILITIES_MARKER = (
    "devicefarm_capabilities({...}, name=value): capabilities of this test's devicefarm_driver, beside the fixture's"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    pluginmanager.add_hookspecs(hookspecs)


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    if not config.getoption("devicefarm_list") or config.option.help or config.option.version:
        return None
    from .access import supplied_client
    from .listing import table
    from .settings import resolve

    try:
        lines = table(resolve(config), supplied_client(config))
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from None
    except DeviceFarmError as error:
        sys.stderr.write(f"ERROR: {error}\n")
        return error.exit_code
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.writelines(line.encode(encoding, "backslashreplace").decode(encoding) + "\n" for line in lines)
    return 0


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    return 1 if _settings(config) is not None else None  # as many as there are sessions


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
        item.add_marker(_MARK)


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
    from .run.worker import Worker
    from .settings import ClientSettings

    worker = Worker(given["channel"], ClientSettings(**given["client"]))
    config.stash[PROVIDER] = worker
    config.pluginmanager.register(WorkerHooks(worker), "devicefarm-worker")
    config.pluginmanager.register(ItemHooks(worker), "devicefarm-items")


def _needs_session(item: pytest.Item) -> bool:
    """Whether a test asks for a session, by a fixture or by a marker that the user put on."""
    if not SESSION_FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
        return True
    return any(mark is not _MARK.mark for mark in item.iter_markers("devicefarm"))


def _xdist_group(item: pytest.Item) -> str:
    """A test's group, as xdist names it; xdist writes it into the test's ID, which pytest 9.2 does not let it do."""
    marks = item.iter_markers("xdist_group")
    return "_".join(sorted({str(mark.args[0] if mark.args else mark.kwargs.get("name", "default")) for mark in marks}))


class StartHooks:
    """Registered in the process that talks to AWS: the only one, or xdist's controller."""

    def __init__(self, resolved: Settings) -> None:
        self._settings = resolved

    def pytest_report_header(self) -> list[str]:
        from .report.terminal import header

        return header(self._settings)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Before xdist starts its workers, which have to be told where AWS, or the emulator, is."""
        from .conductor import Conductor
        from .run.signals import interrupt_on_signals

        config = session.config
        if config.getoption("collectonly", False) or config.getoption("setupplan", False):
            return
        try:
            conductor = Conductor(config, self._settings)
        except ConfigurationError as error:
            raise pytest.UsageError(str(error)) from None
        interrupt_on_signals()
        config.stash[PROVIDER] = conductor.controller
        config.pluginmanager.register(ControllerHooks(conductor), "devicefarm-controller")
        config.pluginmanager.register(ItemHooks(conductor.controller), "devicefarm-items")
        if config.pluginmanager.hasplugin("dsession"):
            config.pluginmanager.register(XdistHooks(conductor), "devicefarm-xdist")


class ControllerHooks:
    """The life of a run in the process that talks to AWS."""

    def __init__(self, conductor: Conductor) -> None:
        self._conductor = conductor
        self._controller = conductor.controller

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        self._controller.start()

    def pytest_collection_finish(self) -> None:
        self._controller.deliver()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """Around each test of a single process."""
        controller = self._controller
        controller.deliver()
        controller.testing = True
        try:
            return (yield)
        finally:
            controller.testing = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._conductor.saw_failure(report)

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
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = self._conductor.exit_code(session.testsfailed) or exitstatus

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        lines = self._conductor.summary(terminalreporter.stats)
        if lines and terminalreporter.config.get_verbosity() >= 0:
            terminalreporter.section("AWS Device Farm")
            for line in lines:
                terminalreporter.line(line)

    def pytest_unconfigure(self) -> None:
        """Last of all: what a `pytest.UsageError` says, pytest itself writes in this place."""
        self._conductor.close()
        if self._conductor.ended_by is not None and not self._conductor.told:
            sys.stderr.write(f"ERROR: {self._conductor.ended_by}\n")


class XdistHooks:
    """The controller's side of xdist; registered only in a run that xdist distributes."""

    def __init__(self, conductor: Conductor) -> None:
        self._conductor = conductor

    def pytest_configure_node(self, node: Any) -> None:
        self._conductor.workers.connect(node)

    def pytest_testnodedown(self, node: Any, error: object) -> None:
        self._conductor.workers.disconnect(node, crashed=bool(error))

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
        needs = (item.nodeid for item in session.items if _needs_session(item))
        groups = {item.nodeid: group for item in session.items if (group := _xdist_group(item))}
        self._worker.tell_collected(needs, groups)


class ItemHooks:
    """Registered where tests run: each test that used a session says so in its properties."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if any("devicefarm_driver" in getattr(item, "fixturenames", ()) for item in session.items):
            from .driver.hooks import prepare

            prepare(session.config)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """After skip marks were judged, before fixtures are made."""
        item.stash[BEGUN] = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> list[str] | None:
        """pytest compares texts character by character, also those that hide themselves."""
        from .model.secret import Secret

        return [f"{left!r} {op} {right!r}"] if isinstance(left, Secret) or isinstance(right, Secret) else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> None:
        """Before each of a test's reports copies its properties."""
        if DESCRIBED in item.stash or BEGUN not in item.stash or self._provider.grant is None:
            return
        if not SESSION_FIXTURES.isdisjoint(fixtures_in_use(item)):
            item.user_properties.extend(self._provider.grant.properties)
            item.stash[DESCRIBED] = True
