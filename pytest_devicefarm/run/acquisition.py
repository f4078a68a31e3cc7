"""Getting a session ready in the background, while tests are collected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Thread, Timer
from typing import Any

from ..errors import DeviceFarmError, UnavailableError, WaitTimeout, XCUITestRefused
from ..farm.client import CONNECT_TIMEOUT, READ_TIMEOUT, TransientError
from ..farm.clock import Clock
from ..farm.endpoint import endpoint_answer
from ..farm.resolve import resolve_session
from ..farm.retry import persist
from ..farm.service import Service
from ..farm.wait import Limit, Wait
from ..model.arn import SessionReference
from ..model.session import Device, RemoteAccessSession
from ..model.xcuitest import Verdict, explain, judge
from ..settings import Settings

_GRACE = CONNECT_TIMEOUT + READ_TIMEOUT  #: seconds that a hung request may outlast the deadline


@dataclass(frozen=True)
class StatusChanged:
    """A reading with another status than the one before, ``elapsed`` seconds after the start."""

    session: RemoteAccessSession
    previous: RemoteAccessSession | None
    elapsed: float


@dataclass(frozen=True)
class Trouble:
    """A call failed and is tried again."""

    message: str
    elapsed: float


@dataclass(frozen=True)
class Ready:
    """The session is RUNNING and checked; ``warning`` is what the XCUITest rule says of it."""

    session: RemoteAccessSession
    warning: str | None
    boot_seconds: float | None
    elapsed: float


@dataclass(frozen=True)
class Failed:
    """There will be no session. ``session`` is the last reading."""

    error: DeviceFarmError
    session: RemoteAccessSession | None


Step = StatusChanged | Trouble | Ready | Failed


@dataclass(kw_only=True)
class Acquisition:
    """Resolve, check and wait for one session in a thread; each step is posted, `Ready` or `Failed` last.

    ``disturbed`` tells whether a test is running in this process that does not wait for the session: it may have frozen
    the clock or mocked boto3, so that a failure seen meanwhile means nothing and is looked at again.
    """

    settings: Settings
    reference: SessionReference
    service: Service
    post: Callable[[Step], None]
    history: Callable[[Device | None], Sequence[float]]
    disturbed: Callable[[], bool]
    clock: Clock = field(default_factory=Clock)
    _last: RemoteAccessSession | None = field(default=None, init=False)

    def start(self) -> None:
        self.started = self.clock.monotonic()
        # A client of the user's may have no time-outs, and a server may drip its answer.
        self._watchdog = Timer(self.timeout.seconds + _GRACE, self._give_up)
        self._watchdog.daemon = True
        self._watchdog.start()
        Thread(target=self._run, name="devicefarm-wait", daemon=True).start()

    @property
    def timeout(self) -> Limit:
        """The longest wait for RUNNING."""
        return Limit(self.settings.timeout, self.settings.source("timeout"))

    def _run(self) -> None:
        try:
            step: Step = self._acquire()
        except DeviceFarmError as error:
            step = Failed(error, self._last)
        except BaseException as error:  # whatever a user's client may raise: the run must not wait for ever
            step = Failed(UnavailableError(f"waiting for the session broke off: {type(error).__name__}"), self._last)
        self._watchdog.cancel()
        self.post(step)

    def _give_up(self) -> None:
        message = f"Device Farm has not answered within {self.timeout}; try again later"
        self.post(Failed(WaitTimeout(message, self._last), self._last))

    def _acquire(self) -> Ready:
        clock, started = self.clock, self.started
        self.service.connect()
        arn = persist(
            self._undisturbed(self._resolve),
            f"looking up session {self.reference}",
            deadline=started + self.settings.timeout,
            clock=clock,
            trouble=self._trouble,
        )
        queue = self.settings.queue_timeout
        wait = Wait(
            name=arn,
            started=started,
            timeout=self.timeout,
            queue_timeout=Limit(queue, self.settings.source("queue_timeout")) if queue is not None else self.timeout,
            clock=clock,
            read=self._undisturbed(lambda: self.service.read(arn, clock)),
            observe=self._observe,
            trouble=self._trouble,
            history=self.history,
            endpoint_answer=endpoint_answer,
        )
        session = wait.run()
        verdict = self._judge(session)
        warning = explain(session, verdict) if verdict is Verdict.WARNS else None
        return Ready(session, warning, wait.boot_seconds, clock.monotonic() - started)

    def _resolve(self) -> str:
        service = self.service
        return resolve_session(self.reference, self.settings.project, client=service.connect(), account=service.account)

    def _observe(self, session: RemoteAccessSession) -> None:
        previous, self._last = self._last, session
        if previous is None or previous.status != session.status:
            self.post(StatusChanged(session, previous, self.clock.monotonic() - self.started))
        verdict = self._judge(session)
        if verdict is Verdict.REFUSED:
            raise XCUITestRefused(explain(session, verdict), session)

    def _judge(self, session: RemoteAccessSession) -> Verdict:
        platform = session.device.platform if session.device else None
        return judge(platform, session.interaction_mode, self.settings.xcuitest)

    def _trouble(self, message: str) -> None:
        self.post(Trouble(message, self.clock.monotonic() - self.started))

    def _undisturbed(self, call: Callable[[], Any]) -> Callable[[], Any]:
        def guarded() -> Any:
            try:
                return call()
            except Exception as error:
                if self.disturbed():
                    raise TransientError(f"{type(error).__name__} while a test was running") from error
                raise

        return guarded
