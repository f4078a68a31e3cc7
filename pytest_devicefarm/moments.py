"""When a test ran, on its session's clock: what leads from a report to the second of a video or a log."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from .farm.clock import Clock
from .model.artifact import TEST_ENDED, TEST_STARTED
from .model.text import show_number
from .stash import STARTED

if TYPE_CHECKING:
    from .model.session import RemoteAccessSession

_CLOCK = Clock()  # one that no library of a test freezes


def begin(item: pytest.Item) -> None:
    """The test begins now, or begins anew: on another session, or when it had to wait for its first."""
    item.stash[STARTED] = _CLOCK.now()


def note(item: pytest.Item, call: pytest.CallInfo[Any], session: RemoteAccessSession, ahead: float) -> None:
    """Have the test's reports say when it began and ended, in seconds since its session started.

    ``ahead`` is how far AWS's clock is ahead of this one, in seconds. The test's tear-down is not part of it, unless
    that is what broke.
    """
    begun = item.stash.get(STARTED, None)
    if session.started is None or begun is None or (call.when == "teardown" and call.excinfo is None):
        return
    started = session.started - timedelta(seconds=ahead)
    times = {TEST_STARTED: _since(started, begun), TEST_ENDED: _since(started, _CLOCK.now())}
    item.user_properties[:] = [each for each in item.user_properties if each[0] not in times]
    item.user_properties.extend(times.items())


def _since(started: datetime, moment: datetime) -> str:
    return show_number(round(max((moment - started).total_seconds(), 0.0), 2))
