"""Making a driver: asking a session's Appium for one until it answers, and leaving it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from appium.options.common.base import AppiumOptions
from appium.webdriver.webdriver import WebDriver
from selenium.common.exceptions import InvalidSessionIdException, WebDriverException

from ..errors import ConfigurationError, DeviceFarmError, UnavailableError
from ..farm.clock import Clock
from ..model.session import RemoteAccessSession
from ..model.text import printable, show_duration
from .activity import Activity
from .connection import SHORT_TIMEOUT, Answer, Connection
from .endpoint import endpoint_of, place

_PAUSE = 1.0  #: seconds

#: Of WebDriver's errors, those that the request is to blame for.
_REFUSALS = frozenset({"invalid argument", "session not created", "unsupported operation", "unknown command"})
_NOT_READY = frozenset({400, 502, 503, 504})

T = TypeVar("T")
log = logging.getLogger("pytest_devicefarm")


def open_driver(
    session: RemoteAccessSession, capabilities: Mapping[str, Any], activity: Activity, clock: Clock, patience: float
) -> WebDriver:
    """Start a driver on a session's device; raise `DeviceFarmError`, which names the session and its console page.

    An endpoint may answer 400 for a moment after the session turned RUNNING (public code's comments): asked again for
    ``patience`` seconds.
    """
    connection = connect(session, activity, clock)
    options = AppiumOptions().load_capabilities(dict(capabilities))
    return _persist(lambda: WebDriver(connection, options=options), session, connection, clock, patience)


def connect(session: RemoteAccessSession, activity: Activity, clock: Clock) -> Connection:
    """A connection to a session's Appium; raise `ConfigurationError` where it has none. Sends nothing."""
    return Connection(endpoint_of(session), place(session), activity, clock)


def close_driver(driver: WebDriver) -> None:
    """Quit; a driver or a session that is gone already is no error."""
    connection: Any = driver.command_executor  # ours, as made above
    connection.limit(SHORT_TIMEOUT)
    try:
        if driver.session_id is not None:  # it could not be made anew
            driver.quit()
    except InvalidSessionIdException:
        pass  # the test has quit, or Device Farm has
    except WebDriverException as error:
        log.warning("the driver could not be quit: %s", error.msg)
    finally:
        connection.close()


def _persist(
    start: Callable[[], T], session: RemoteAccessSession, connection: Connection, clock: Clock, patience: float
) -> T:
    began = clock.monotonic()
    while True:
        try:
            return start()
        except WebDriverException as error:
            text = connection.last.message or error.msg or type(error).__name__
        waited = clock.monotonic() - began
        if not _may_heal(connection.last) or waited >= patience:
            connection.close()  # type: ignore[no-untyped-call]
            raise _explain(session, connection.last, text, waited)
        clock.sleep(min(_PAUSE, patience - waited))


def _may_heal(answer: Answer) -> bool:
    if answer.status is None:
        return "TimeoutError" not in (answer.error or "")  # a new session was given its whole time
    return answer.status in _NOT_READY and answer.error not in _REFUSALS


def _explain(session: RemoteAccessSession, answer: Answer, text: str, waited: float) -> DeviceFarmError:
    where = place(session)
    said = printable(" ".join(text.split())).replace(f" of {where}", "")
    if answer.status is not None:
        said = f"HTTP {answer.status}, {answer.error}: {said}" if answer.error else f"HTTP {answer.status}"
    asked = f", asked for {show_duration(waited)}" if waited >= _PAUSE else ""
    line = f"no driver: {said}{asked}; {where}"
    return ConfigurationError(line) if answer.error in _REFUSALS else UnavailableError(line)
