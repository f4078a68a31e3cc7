"""driver/keepalive: when a command is sent for a test that sends none, on a clock that only the test moves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_devicefarm.driver.keepalive import KeepAlive

from .conftest import FakeClock


class Line:
    """A connection that takes no time; ``busy`` while a command is under way."""

    def __init__(self, clock: FakeClock, until: float) -> None:
        self.clock = clock
        self.until = until  #: seconds after which the driver is closed
        self.ended = clock.monotonic()
        self.sent: list[float] = []
        self.given_up: list[float] = []
        self.busy: Callable[[], bool] = lambda: False
        self.fails = False
        clock.cancel_at = until

    def send(self) -> bool:
        if self.busy():
            return False
        self.sent.append(self.clock.elapsed)
        self.ended = self.clock.monotonic()
        if self.fails:
            raise ConnectionError("gone")
        return True

    def give_up(self) -> None:
        self.given_up.append(self.clock.elapsed)


def keep(line: Line, interval: float = 240.0, limit: float = 1200.0) -> KeepAlive:
    return KeepAlive(interval, limit, lambda: line.ended, line.send, line.give_up, clock=line.clock)  # type: ignore[arg-type]


def test_a_command_every_four_minutes_for_twenty(clock: FakeClock) -> None:
    """Sent after each interval without a command, as long as the test is younger than the limit; then said, once."""
    line = Line(clock, until=3600)
    keep(line).run()
    assert line.sent == [240, 480, 720, 960]
    assert line.given_up == [1200]


def test_a_tests_own_commands_count(clock: FakeClock) -> None:
    """The interval begins when the last command has ended."""
    line = Line(clock, until=500)
    line.ended += 100
    keep(line).run()
    assert line.sent == [340]


def test_nothing_is_sent_while_a_command_is_under_way(clock: FakeClock) -> None:
    """One that takes long is waited for, and the interval begins anew."""
    line = Line(clock, until=1000)

    def busy() -> bool:
        if clock.elapsed < 400:
            line.ended = 1000.0 + 400  # it is going to end then
            return True
        return False

    line.busy = busy
    keep(line).run()
    assert line.sent == [640, 880]


def test_the_limit_is_a_tests(clock: FakeClock) -> None:
    """Another test begins the limit anew."""
    line = Line(clock, until=1300)
    alive = keep(line, limit=300)
    original = clock.sleep

    def sleep(seconds: float) -> None:
        original(seconds)
        if clock.elapsed == 720:
            alive.begin()

    clock.sleep = sleep  # type: ignore[method-assign]
    alive.run()
    assert line.sent == [240, 720, 960]
    assert line.given_up == [480, 1200]


def test_a_session_that_is_gone_does_not_end_the_thread(clock: FakeClock) -> None:
    """A command that fails is tried again after the next interval: the test itself says what happened."""
    line = Line(clock, until=600)
    line.fails = True
    keep(line).run()
    assert line.sent == [240, 480]


def test_off(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an interval there is no thread."""
    line = Line(clock, until=600)
    alive = keep(line, interval=0)
    monkeypatch.setattr(alive, "run", lambda: pytest.fail("it runs"))
    alive.start()
    assert line.sent == []
