"""What happens around each test, in the process that runs it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from typing import Any

import pytest

from .errors import ConfigurationError, DeviceFarmError
from .fixtures import MARK, SESSION_FIXTURES, session_or_fail
from .model.requirement import Requirement
from .model.secret import Secret
from .moments import begin, note
from .pytest_internals import fixtures_in_use, kept_failures, set_up_again, skips, tear_down
from .run.provider import Provider
from .stash import BEGUN, DESCRIBED, LOSS, LOST, NEEDS, PROVIDER

_FAILURES = (Exception, pytest.fail.Exception)
_NO_FAILURES = (pytest.exit.Exception, pytest.xfail.Exception)

Phase = Generator[None, object, object]


def register(config: pytest.Config, provider: Provider) -> None:
    """Have the tests of this process get their session from ``provider``."""
    config.stash[PROVIDER] = provider
    config.pluginmanager.register(ItemHooks(provider), "devicefarm-items")
    config.pluginmanager.register(LossHooks(provider), "devicefarm-loss")


def note_needs(items: Iterable[pytest.Item]) -> bool:
    """Write down which tests need a session, by a fixture or by a marker that the user put on; False: none does.

    Raises `ConfigurationError`, which names the test, for a marker that states no requirement.
    """
    found = False
    for item in items:
        if item.get_closest_marker("skip") is not None:  # nobody pays for a device for its sake
            continue
        marks = [mark for mark in item.iter_markers("devicefarm") if mark is not MARK.mark]
        if marks or not SESSION_FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
            # The nearest marker comes first, and wins.
            stated = {name: value for mark in reversed(marks) for name, value in mark.kwargs.items()}
            nameless = [each for mark in marks for each in mark.args]
            try:
                item.stash[NEEDS] = Requirement.from_marker(nameless, stated)
            except ConfigurationError as error:
                raise ConfigurationError(f"{item.nodeid}: {error}") from None
            found = True
    return found


class ItemHooks:
    """Holds a test up until there is a session for it, and has its reports say which one it used."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if any("devicefarm_driver" in getattr(item, "fixturenames", ()) for item in session.items):
            from .driver.hooks import prepare

            prepare(session.config)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Phase:
        """Around everything that measures a test, or limits its time: a phone's boot is no part of it."""
        if NEEDS in item.stash and self._provider.grant is None and not skips(item):
            with suppress(DeviceFarmError):  # the test's set-up says it
                self._provider.reason_to_skip(item.nodeid, item.stash[NEEDS])
        return (yield)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """After skip marks were judged, before fixtures are made."""
        item.stash[BEGUN] = True
        if LOSS in item.stash:  # pytest-rerunfailures tries it again: it stays broken, not skipped
            pytest.fail(item.stash[LOSS], pytrace=False)
        begin(item)
        if NEEDS not in item.stash:
            return
        needs = item.stash[NEEDS]
        skip = session_or_fail(item.config, lambda provider: provider.reason_to_skip(item.nodeid, needs))
        begin(item)
        if skip is not None:
            del item.stash[BEGUN]  # it used no session
            if skip.lost:
                item.user_properties.append((LOST, skip.reason))
            raise pytest.skip.Exception(skip.reason, _use_item_location=True)

    @pytest.hookimpl(tryfirst=True)
    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> list[str] | None:
        """pytest compares texts character by character, also those that hide themselves."""
        return [f"{left!r} {op} {right!r}"] if isinstance(left, Secret) or isinstance(right, Secret) else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[Any]) -> None:
        """Before each of a test's reports copies its properties."""
        grant = self._provider.grant
        if grant is not None and BEGUN in item.stash and DESCRIBED not in item.stash and _uses_session(item):
            item.user_properties.extend(grant.properties)
            item.stash[DESCRIBED] = grant.properties
        if grant is not None and grant.ahead is not None and DESCRIBED in item.stash:
            note(item, call, grant.session, grant.ahead)


class LossHooks:
    """Where a test breaks because its session has ended: has it say so, or runs it again on another one."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Phase:
        return (yield from self._watch(item, again=lambda: None))

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Phase:
        return (yield from self._watch(item, again=item.runtest))

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Phase:
        try:
            return (yield from self._watch(item, again=None))
        finally:
            if LOSS in item.stash:  # what other tests share breaks here, too, and not in one that is not to blame
                tear_down(item)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.failed and LOSS in item.stash and item.stash[LOSS] not in str(report.longrepr):
            _blame(report, item.stash[LOSS])
        return report

    def _watch(self, item: pytest.Item, again: Callable[[], object] | None) -> Phase:
        """Around one phase; ``again`` is what to do of it after a new set-up, None where the test is over."""
        try:
            result = yield
            if not self._kept_is_moot(item, again):
                return result
        except _FAILURES as error:
            if not self._is_moot(item, error, again):
                raise
        while True:
            with suppress(*_FAILURES):  # what is torn down was made for the session that has ended
                tear_down(item)
            if again is None:
                return None
            begin(item)
            try:
                set_up_again(item)
                result = again()
                if not self._kept_is_moot(item, again):
                    return result
            except _FAILURES as error:
                if not self._is_moot(item, error, again):
                    raise

    def _kept_is_moot(self, item: pytest.Item, again: object) -> bool:
        kept = kept_failures(item)
        if not kept or not self._is_moot(item, kept[0].value, again):
            return False
        kept.clear()
        return True

    def _is_moot(self, item: pytest.Item, error: BaseException, again: object) -> bool:
        """Whether a failure says nothing, as its session has ended and there is another one."""
        if not isinstance(error, _FAILURES) or isinstance(error, _NO_FAILURES) or not _uses_session(item):
            return False
        loss = self._provider.broke()
        if loss is None:
            return False
        if loss.again:
            if again is not None:
                _forget_device(item)
            return True
        if LOSS not in item.stash:
            item.stash[LOSS] = loss.message
            item.user_properties.append((LOST, loss.message))
        return False


def _forget_device(item: pytest.Item) -> None:
    """Have the test say its device anew."""
    if DESCRIBED in item.stash:
        described = item.stash[DESCRIBED]
        item.user_properties[:] = [each for each in item.user_properties if each not in described]
        del item.stash[DESCRIBED]


def _blame(report: pytest.TestReport, loss: str) -> None:
    """Have a failure say that the session's end is behind it."""
    longrepr: Any = report.longrepr
    crash = getattr(longrepr, "reprcrash", None)
    if crash is None:
        report.longrepr = f"{loss}\n{longrepr}"
    else:
        crash.message = f"{loss}\n{crash.message}"  # the terminal's summary and JUnit's message
        longrepr.addsection("AWS Device Farm", loss)


def _uses_session(item: pytest.Item) -> bool:
    return not SESSION_FIXTURES.isdisjoint(fixtures_in_use(item))
