"""Waiting until a session is RUNNING and its Appium endpoint answers.

STOPPING and COMPLETED end the wait; every other status, unknown ones too, is waited on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..errors import SessionEnded, UnavailableError, WaitTimeout
from ..model.session import Device, RemoteAccessSession, SessionStatus
from ..model.text import printable, show_duration, show_number
from .client import TransientError
from .clock import Clock
from .pace import ENDPOINT_PAUSE, boot_pause, jittered, queue_pause
from .retry import attempt, backoff

_PLAUSIBLE_BOOT = 3600.0  #: seconds; an older session was queued before this wait began, or clocks disagree


@dataclass(frozen=True)
class Limit:
    """A longest time in seconds, and the option that set it, for the error."""

    seconds: float
    source: str

    def __str__(self) -> str:
        return f"{show_duration(self.seconds)} ({self.source})"


@dataclass(kw_only=True)
class Wait:
    """One wait for one session, known to messages by its ``name``.

    ``read`` makes one GetRemoteAccessSession. ``observe`` gets each reading before anything is decided on it, and ends
    the wait by raising. ``trouble`` gets a line for each failure that is tried again. ``history`` are the seconds that
    devices like the given one took to boot. ``endpoint_answer`` asks an Appium endpoint for its status, None for ready.
    """

    name: str
    started: float  #: of ``clock.monotonic``; the time-out counts from here
    timeout: Limit
    queue_timeout: Limit
    clock: Clock
    read: Callable[[], RemoteAccessSession]
    observe: Callable[[RemoteAccessSession], None]
    trouble: Callable[[str], None]
    history: Callable[[Device | None], Sequence[float]]
    endpoint_answer: Callable[[str], str | None]
    last: RemoteAccessSession | None = field(default=None, init=False)  #: the last reading
    boot_seconds: float | None = field(default=None, init=False)  #: how long the boot took, if the wait saw it
    _queued_since: float | None = field(default=None, init=False)
    _booting_since: float | None = field(default=None, init=False)
    _slow_status: SessionStatus | None = field(default=None, init=False)
    _slow_readings: int = field(default=0, init=False)

    def run(self) -> RemoteAccessSession:
        """Return the reading that is RUNNING; raise `SessionEnded`, `WaitTimeout`, or what cannot heal."""
        deadline = self.started + self.timeout.seconds
        failures, problem = 0, ""
        while True:
            try:
                session = attempt(self.read, f"reading session {self.name}")
            except TransientError as error:
                failures, problem = failures + 1, str(error)
                self.trouble(problem)
                pause = backoff(failures)
            else:
                failures, problem = 0, self._missing(session)
                if session.status is SessionStatus.RUNNING and not problem:
                    return session
                pause = self._pause(session)
            now = self.clock.monotonic()
            left = deadline - now
            if self._queued_since is not None:
                left_in_queue = self._queued_since + self.queue_timeout.seconds - now
                if left_in_queue <= 0:
                    raise self._too_late(self.queue_timeout, problem)
                left = min(left, left_in_queue)
            if left <= 0:
                raise self._too_late(self.timeout, problem)
            self.clock.sleep(min(pause, left))
            if self.clock.cancelled:
                raise UnavailableError(f"the run ended before session {self.name} was ready")

    def _missing(self, session: RemoteAccessSession) -> str:
        """Take note of a reading; return what a RUNNING session still lacks."""
        previous, self.last = self.last, session
        self.observe(session)
        if session.status is not None and session.status.ended:
            raise SessionEnded(f"session {self.name} ended before it was RUNNING: {describe_end(session)}", session)
        self._track(session, previous)
        url = session.endpoints.remote_driver_endpoint if session.endpoints else None
        if session.status is not SessionStatus.RUNNING or not (url or "").startswith(("https:", "http:")):
            return ""
        answer = self.endpoint_answer(str(url))
        return f"its Appium endpoint does not answer yet ({answer})" if answer else ""

    def _track(self, session: RemoteAccessSession, previous: RemoteAccessSession | None) -> None:
        now = self.clock.monotonic()
        if session.status is not None and session.status.queued:
            self._queued_since = self._queued_since if self._queued_since is not None else now
            return
        was_queued, self._queued_since = self._queued_since is not None, None
        if self._booting_since is None and session.status is not None and session.status.booting:
            age = (self.clock.now() - session.created).total_seconds() if session.created else -1.0
            known = previous is None and 0 <= age <= _PLAUSIBLE_BOOT and not was_queued
            self._booting_since = now - age if known else now
        if session.status is SessionStatus.RUNNING and self.boot_seconds is None and self._booting_since is not None:
            self.boot_seconds = now - self._booting_since

    def _pause(self, session: RemoteAccessSession) -> float:
        status = session.status
        if status is SessionStatus.RUNNING:
            return ENDPOINT_PAUSE
        if status is not None and status.booting and self._booting_since is not None:
            booting = self.clock.monotonic() - self._booting_since
            return jittered(boot_pause(booting, self.history(session.device)))
        self._slow_readings = self._slow_readings + 1 if status == self._slow_status else 1
        self._slow_status = status
        return jittered(queue_pause(self._slow_readings))

    def _too_late(self, limit: Limit, problem: str) -> WaitTimeout:
        if self.last is None:
            state = "could not be read once"
        elif problem:
            state = f"is {self.last.status or 'without a status'}"
        else:
            state = f"is still {self.last.status or 'without a status'}"
        reason = f": {problem}" if problem else ""
        return WaitTimeout(
            f"session {self.name} {state} after {limit}{reason}; try again later or allow more time{_page(self.last)}",
            self.last,
        )


def describe_end(session: RemoteAccessSession) -> str:
    """How a session ended: status, result, message, minutes and console page, as far as the reading knows them."""
    parts = [f"status {session.status}"]
    if session.result:
        parts.append(f"result {session.result}")
    if session.message:
        parts.append(f"message '{printable(session.conceal(session.message))}'")
    if session.device_minutes and session.device_minutes.total is not None:
        parts.append(f"{show_number(session.device_minutes.total)} device minutes")
    return ", ".join(parts) + _page(session)


def _page(session: RemoteAccessSession | None) -> str:
    return f"; see {session.console_url}" if session and session.console_url else ""
