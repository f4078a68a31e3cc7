"""The sessions that this run has to stop: those that it created, and attached ones with ``--devicefarm-stop``.

Stopping needs nothing of the main thread, which a test may hold: each Stop call has a thread of its own, that outlives
the main one if need be.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Condition, Event, Thread
from typing import Any

from ..errors import ConfigurationError, DeviceFarmError, StillRunning, UnavailableError
from ..farm import ownership
from ..farm.client import TransientError
from ..farm.clock import Clock
from ..farm.lifecycle import create, has_ended, left_behind, stop
from ..farm.ownership import RunName, may_tag, tag
from ..farm.retry import persist
from ..farm.service import Service
from ..model.arn import parse_arn
from ..model.session import RemoteAccessSession

_CREATE_INTERVAL = 1.0  #: seconds; the service's quota (guide: limits)
_TAGS_AT_ONCE = 10  #: the quota's burst
_PATIENCE = 30.0  #: seconds that a Stop call is tried again


class Owner:
    """Creates sessions, keeps their lease, and stops them; any thread may call it.

    ``trouble`` is told what the user should know. With ``keep`` nothing that was created is stopped.
    """

    def __init__(self, service: Service, *, keep: bool, trouble: Callable[[str], None]) -> None:
        self.name = RunName()
        self._service = service
        self._keep = keep
        self._trouble = trouble
        self._state = Condition()
        self._arns: dict[str, str | None] = {}  #: all that must be stopped, and why one could not be
        self._created: set[str] = set()
        self._stopping: dict[str, Thread] = {}
        self.stopped: dict[str, RemoteAccessSession] = {}  #: as AWS answered to Stop, by ARN
        self._creating = False
        self._uncertain = False  #: whether a Create broke off for good
        self._closing = Event()
        self._project: str | None = None
        self._last_create = float("-inf")
        self._clock = Clock()

    @property
    def created(self) -> frozenset[str]:
        """The ARNs of the sessions that this run created."""
        return frozenset(self._created)

    def stops(self, arn: str) -> bool:
        """Whether a session is being stopped, and Stop has not failed."""
        return arn in self._stopping and not self._arns.get(arn)

    def adopt(self, arn: str) -> None:
        """Have an attached session stopped at the end, too."""
        self._own(arn)

    def prepare(self, project: str) -> None:
        """Find out, before the first `create`, whether sessions of this project may be tagged."""
        if self._project is None:
            if not may_tag(self._service, project, self.name):
                self.name = RunName(self.name.run, self.name.host, tagged=False)
                self._trouble(
                    "sessions cannot be tagged (devicefarm:TagResource is denied): --devicefarm-sweep will not find "
                    "what a killed run leaves behind"
                )
            self._project = project

    def create(self, request: dict[str, Any], *, clock: Clock, deadline: float) -> RemoteAccessSession:
        """Create a session, at most one a second; raises as `farm.lifecycle.create` does. One thread at a time."""
        clock.sleep(self._last_create + _CREATE_INTERVAL - clock.monotonic())
        with self._state:
            if self._closing.is_set() or clock.cancelled:
                raise UnavailableError("the run ended before its session was created")
            self._creating = True
        self._last_create = clock.monotonic()
        try:
            session = create(self._service, request, known=lambda: self.created, clock=clock, deadline=deadline)
            self._own(str(session.arn), created=True)
        except ConfigurationError:
            raise
        except BaseException:
            self._uncertain = True
            raise
        finally:
            with self._state:
                self._creating = False
                self._state.notify_all()
        self._renew([str(session.arn)])
        return session

    def stop(self, arn: str) -> None:
        """Begin to stop one session."""
        with self._state:
            if arn not in self._stopping:
                self._stopping[arn] = Thread(target=self._stop, args=(arn,), name="devicefarm-stop")
                self._stopping[arn].start()

    def release(self, arn: str) -> None:
        """Begin to stop a session that this run created, unless created ones are kept."""
        if not self._keep:
            self.stop(arn)

    def stop_all(self) -> None:
        """Begin to stop every session, those that are still being created included; returns at once."""
        with self._state:
            self._closing.set()
            arns = [arn for arn in self._arns if not (self._keep and arn in self._created)]
        for arn in arns:
            self.stop(arn)

    def wait(self) -> list[StillRunning]:
        """Wait until AWS has accepted every Stop; return an error for each session that may still be running."""
        with self._state:
            self._uncertain |= not self._state.wait_for(lambda: not self._creating, timeout=_PATIENCE)
        self._stop_the_unknown()
        for thread in list(self._stopping.values()):
            thread.join()
        return [
            StillRunning(arn, problem, parse_arn(arn, "session").console_url)
            for arn, problem in self._arns.items()
            if problem
        ]

    def _own(self, arn: str, *, created: bool = False) -> None:
        with self._state:
            self._arns.setdefault(arn, None)
            if created:
                first = not self._created
                self._created.add(arn)
                if first:
                    Thread(target=self._keep_leases, name="devicefarm-lease", daemon=True).start()
            late = self._closing.is_set()
        if late and not (created and self._keep):
            self.stop(arn)

    def _stop(self, arn: str) -> None:
        clock = self._clock
        try:
            self.stopped[arn] = stop(self._service, arn, clock=clock, deadline=clock.monotonic() + _PATIENCE)
        except Exception as error:
            if not has_ended(self._service, arn, clock):
                self._arns[arn] = " ".join(str(error).split())

    def _stop_the_unknown(self) -> None:
        """A Create that broke off may have made a session that nobody knows."""
        if self._project is None or not self._uncertain:
            return
        self._uncertain = False
        project, clock = self._project, self._clock
        try:
            unknown = persist(
                lambda: left_behind(self._service, project, str(self.name), self.created),
                "looking for a session by its name",
                deadline=clock.monotonic() + _PATIENCE,
                clock=clock,
                trouble=lambda message: None,
            )
        except DeviceFarmError as error:
            self._trouble(
                f"a session called {self.name} may have been created and may cost money ({error}): look for it in the "
                "AWS console, or give --devicefarm-sweep later"
            )
            return
        for session in unknown:
            self._own(str(session.arn), created=True)

    def _keep_leases(self) -> None:
        while not self._closing.wait(ownership.RENEWAL):
            self._renew(sorted(self._created - set(self._stopping)))

    def _renew(self, arns: list[str]) -> None:
        for arn in arns if self.name.tagged else ():
            with suppress(DeviceFarmError, TransientError):  # the next renewal is in time, too
                tag(self._service, arn, self.name.tags(self._clock.now(), keep=self._keep))
            if len(arns) > _TAGS_AT_ONCE:
                self._closing.wait(1.0)
