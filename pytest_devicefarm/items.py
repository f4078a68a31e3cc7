"""What happens around one test that uses a session, in the process that runs it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from .fixtures import SESSION_FIXTURES, session_or_fail
from .pytest_internals import fixtures_in_use, set_up_again, tear_down
from .stash import DESCRIBED, LOSS, LOST

if TYPE_CHECKING:
    from .model.requirement import Requirement
    from .run.provider import Grant, Provider, Skip

_FAILURES = (Exception, pytest.fail.Exception)
_NO_FAILURES = (pytest.exit.Exception, pytest.xfail.Exception)


def reason_to_skip(item: pytest.Item, requirement: Requirement) -> Skip | None:
    """Wait for a session that fits the test; why there is none, None where there is one."""
    return session_or_fail(item.config, lambda provider: provider.reason_to_skip(item.nodeid, requirement))


def attempt(
    item: pytest.Item, provider: Provider, again: Callable[[], object] | None
) -> Generator[None, object, object]:
    """Around one phase of a test: where it breaks because its session has ended, say so, or run it again on a new one.

    ``again`` is the phase without its hooks, after a new set-up; None where it cannot be repeated.
    """
    try:
        return (yield)
    except _FAILURES as error:
        if isinstance(error, _NO_FAILURES) or not _broke(item, provider, again):
            raise
    while True:
        with suppress(*_FAILURES):  # what is torn down was made for the session that has ended
            tear_down(item)
        try:
            set_up_again(item)
            return again() if again else None
        except _FAILURES as error:
            if isinstance(error, _NO_FAILURES) or not _broke(item, provider, again):
                raise


def describe(item: pytest.Item, grant: Grant) -> None:
    """Have the test's reports say the session that it used."""
    if DESCRIBED not in item.stash and _uses_session(item):
        item.user_properties.extend(grant.properties)
        item.stash[DESCRIBED] = grant.properties


def blame(report: pytest.TestReport, loss: str) -> None:
    """Have a failure say that the session's end is behind it."""
    longrepr: Any = report.longrepr
    crash = getattr(longrepr, "reprcrash", None)
    if crash is None:
        report.longrepr = f"{loss}\n{longrepr}"
    elif not crash.message.startswith(loss):
        crash.message = f"{loss}\n{crash.message}"  # the terminal's summary and JUnit's message
        longrepr.addsection("AWS Device Farm", loss)


def _broke(item: pytest.Item, provider: Provider, again: object) -> bool:
    """After a failure: whether the test is to run again."""
    if not _uses_session(item) or (loss := provider.broke()) is None:
        return False
    if loss.again and again is not None:
        described = item.stash.get(DESCRIBED, [])
        item.user_properties[:] = [each for each in item.user_properties if each not in described]
        if DESCRIBED in item.stash:
            del item.stash[DESCRIBED]
        return True
    if LOSS not in item.stash:
        item.stash[LOSS] = loss.message
        item.user_properties.append((LOST, loss.message))
    return False


def _uses_session(item: pytest.Item) -> bool:
    return not SESSION_FIXTURES.isdisjoint(fixtures_in_use(item))
