"""The process that talks to AWS: the only one, or xdist's controller."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from ..errors import DeviceFarmError
from ..farm.client import READ_TIMEOUT
from ..farm.clock import Clock
from ..farm.install import install_app
from ..farm.retry import persist
from ..model.session import RemoteAccessSession
from ..settings import ClientSettings
from .acquisition import Acquisition, Event, Failed, Ready, StatusChanged, Trouble
from .provider import Grant


class Listener(Protocol):
    """What the run's side does about events; always called in the main thread."""

    def happened(self, event: Event) -> None:
        """A step of the wait."""

    def describe(self, session: RemoteAccessSession) -> list[tuple[str, str]]:
        """The properties that tests on this session report."""

    def idle(self, elapsed: float) -> None:
        """Another second was spent waiting."""

    def waiting(self) -> AbstractContextManager[None]:
        """Around the time in which a test is held up."""


class Controller:
    """Has one session acquired, keeps what is known of it, and reads it again at the end."""

    ends_run = True

    def __init__(self, acquisition: Acquisition, listener: Listener) -> None:
        self.acquisition = acquisition
        self.listener = listener
        self.grant: Grant | None = None
        self.failure: DeviceFarmError | None = None
        self.session: RemoteAccessSession | None = None  #: the last reading
        self.needed = False  #: whether a test has asked for the session
        self.testing = False  #: whether a test runs in this process
        self.wake: Callable[[], None] = lambda: None
        self._events: SimpleQueue[Event | Callable[[], None]] = SimpleQueue()
        self._started = False

    @property
    def client_settings(self) -> ClientSettings:
        return self.acquisition.client_settings

    def start(self) -> None:
        """Begin to acquire the session in the background; a second call does nothing."""
        if not self._started:
            self._started = True
            self.acquisition.start()

    def post(self, event: Event | Callable[[], None]) -> None:
        """Have an event, or a call, delivered in the main thread; from any thread."""
        self._events.put(event)
        self.wake()

    def deliver(self, timeout: float = 0.0) -> bool:
        """Handle what was posted, waiting up to ``timeout`` seconds for the first; False when there was nothing."""
        delivered = False
        while timeout > 0 or not self._events.empty():
            try:
                event = self._events.get(block=timeout > 0, timeout=timeout or None)
            except Empty:
                return delivered
            delivered, timeout = True, 0.0
            self._handle(event)
        return delivered

    def acquire(self) -> Grant:
        """Wait for the session in the main thread; raise the error that ended the wait."""
        self.needed = True
        self.deliver()
        if self.grant is None and self.failure is None:
            self._wait()
        if self.failure is not None:
            raise self.failure
        assert self.grant is not None
        return self.grant

    def stop_waiting(self) -> None:
        """End a wait whose session nobody needs any more."""
        self.acquisition.clock.cancel()

    def read_again(self) -> RemoteAccessSession | None:
        """Read the session once more, after the last test; raise `DeviceFarmError` where that fails."""
        if self.grant is not None and self.session is not None and self.session.arn:
            arn = self.session.arn
            clock = Clock()  # not the wait's, which is cancelled by now
            self.session = persist(
                lambda: self.acquisition.read(arn),
                f"reading session {arn}",
                deadline=clock.monotonic() + READ_TIMEOUT,
                clock=clock,
                trouble=lambda message: None,
            )
        return self.session

    def install(self, app: str, session: str) -> dict[str, Any]:
        """Install an app; may be called from any thread. Raises `DeviceFarmError`."""
        acquisition = self.acquisition
        return install_app(
            app,
            session,
            client=acquisition.client,
            project=acquisition.settings.project,
            clock=Clock(),
            say=lambda message: None,
        )

    def _wait(self) -> None:
        self.start()
        testing, self.testing = self.testing, False
        try:
            with self.listener.waiting():
                while self.grant is None and self.failure is None:
                    if not self.deliver(timeout=1.0):
                        self.listener.idle(self.acquisition.clock.monotonic() - self.acquisition.started)
        finally:
            self.testing = testing

    def _handle(self, event: Event | Callable[[], None]) -> None:
        settled = self.grant is not None or self.failure is not None
        match event:
            case Ready() | Failed() if settled:  # a hung wait was given up, and came back
                return
            case StatusChanged(session=session):
                self.session = session
            case Ready(session=session, warning=warning):
                self.session = session
                self.grant = Grant(session, self.listener.describe(session), warning)
            case Failed(error=error, session=session):
                self.session = session or self.session
                self.failure = error
            case Trouble():
                pass
            case call:
                call()
                return
        self.listener.happened(event)
