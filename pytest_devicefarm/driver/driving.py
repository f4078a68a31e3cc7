"""The driver of this process: made for tests, kept alive, asked for evidence, and made anew on another session."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..farm.clock import Clock
from ..model.text import show_duration
from .activity import KEEP_ALIVE, Activity
from .evidence import Piece, gather
from .keepalive import KeepAlive

if TYPE_CHECKING:
    from appium.webdriver.webdriver import WebDriver

    from ..model.session import RemoteAccessSession

#: Seconds that a fresh endpoint may take to answer; the wait for RUNNING has seen it answer before.
READINESS = 60.0

Scope = Literal["function", "session"]


@dataclass(frozen=True, kw_only=True)
class DriverSettings:
    """What the user asked for; durations are in seconds."""

    scope: Scope
    keep_alive: float  #: without a command after which one is sent; 0 is never
    keep_alive_limit: float  #: of one test
    artifacts_dir: Path
    patience: float  #: with an endpoint that does not answer yet


@dataclass
class Driving:
    """At most one driver at a time. ``session`` returns the session in use now."""

    settings: DriverSettings
    session: Callable[[], RemoteAccessSession]
    clock: Clock = field(default_factory=Clock)
    driver: WebDriver | None = field(default=None, init=False)
    _keep_alive: KeepAlive | None = field(default=None, init=False)
    _opened_on: str | None = field(default=None, init=False)  #: the ARN of the last driver's session

    def __post_init__(self) -> None:
        self.activity = Activity(self.clock.now)

    def begin_test(self) -> None:
        """Count and log anew."""
        self.activity.begin()
        if self._keep_alive is not None:
            self._keep_alive.begin()

    def open(self, capabilities: Mapping[str, Any]) -> WebDriver:
        """Start a driver on the session in use now; raise `DeviceFarmError` where that fails."""
        from .opening import open_driver

        session = self.session()
        if session.arn != self._opened_on:  # within a test, when its session is replaced
            self.activity.count_anew()
            self._opened_on = session.arn
        driver = open_driver(session, capabilities, self.activity, self.clock, self.settings.patience)
        self._has(driver)
        return driver

    def close(self) -> None:
        """Quit the driver, dead or alive."""
        from .opening import close_driver

        driver, self.driver = self.driver, None
        self._stop_keeping_alive()
        if driver is not None:
            close_driver(driver)

    def evidence(self) -> Iterator[Piece]:
        """What can be gathered from the open driver; a driver that is dead does not raise."""
        driver = self.driver
        if driver is None:  # nor is there an `appium`, maybe
            return
        from .connection import COMMAND_TIMEOUT, SHORT_TIMEOUT

        log, figures = self.activity.log(), replace(self.activity.figures)
        connection: Any = driver.command_executor
        connection.limit(SHORT_TIMEOUT)
        try:
            yield from gather(lambda: driver.page_source, driver.get_screenshot_as_base64, log)
        finally:
            connection.limit(COMMAND_TIMEOUT)
            self.activity.figures = figures  # these commands are not the test's

    def _has(self, driver: WebDriver) -> None:
        self.driver = driver
        connection: Any = driver.command_executor
        self._keep_alive = KeepAlive(
            self.settings.keep_alive,
            self.settings.keep_alive_limit,
            last=lambda: float(connection.ended),
            send=lambda: bool(connection.keep_alive(driver.session_id)),
            give_up=lambda: self.activity.remark(
                f"{KEEP_ALIVE} ends: the test is older than devicefarm_keep_alive_limit "
                f"({show_duration(self.settings.keep_alive_limit)})"
            ),
        )
        self._keep_alive.start()

    def _stop_keeping_alive(self) -> None:
        if self._keep_alive is not None:
            self._keep_alive.stop()
            self._keep_alive = None
