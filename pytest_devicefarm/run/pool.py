"""The sessions of a run: those that are ready, those on their way, and those that were lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Protocol

from ..errors import ConfigurationError, DeviceFarmError, SessionEnded, UnavailableError
from ..farm.clock import Clock
from ..farm.endpoint import endpoint_answer
from ..farm.install import install_app
from ..farm.lifecycle import last_reading
from ..farm.service import Service
from ..farm.wait import describe_end
from ..model.arn import SessionReference, parse_session
from ..model.requirement import Requirement
from ..model.session import Device, RemoteAccessSession
from ..settings import Settings
from .acquisition import Acquisition, Failed, Ready, StatusChanged, Step
from .creation import Creation
from .owner import Owner
from .provider import Grant, Loss, Skip
from .slot import Slot

_LOOK_INTERVAL = 5.0  #: seconds between two looks at one session after failures
_ENDING = 60.0  #: seconds to wait at the end for sessions to be COMPLETED
_READERS = 16  #: threads that do
_REPLACEMENTS = 3  #: of one session in a run: a device that keeps dying is not paid for for ever


class Listener(Protocol):
    """What the run's side does about events; always called in the main thread."""

    def happened(self, slot: Slot, step: Step) -> None:
        """A step of the wait for a session."""

    def lost(self, slot: Slot, error: SessionEnded, then: str) -> None:
        """A session ended while tests ran; ``then`` is what is done about it."""

    def say(self, text: str) -> None:
        """Something that the user should know."""

    def progress(self, text: str) -> None:
        """How far something that takes long has come."""

    def describe(self, session: RemoteAccessSession) -> list[tuple[str, str]]:
        """The properties that tests on this session report."""

    def idle(self) -> None:
        """Another second was spent waiting."""

    def waiting(self) -> AbstractContextManager[None]:
        """Around the time in which a test is held up."""


def _how(session: RemoteAccessSession) -> str:
    return f"Device Farm session ended: {describe_end(session)}"


def _answers(session: RemoteAccessSession) -> bool:
    """Whether the session's Appium endpoint answers, which costs no reading; True where it cannot be asked."""
    url = session.endpoints and session.endpoints.remote_driver_endpoint
    try:
        return not (url or "").startswith(("https:", "http:")) or endpoint_answer(str(url)) is None
    except Exception:  # a test allows no connections
        return True


class Pool:
    """Has sessions created and acquired in the background, and keeps what is known of them.

    All state is touched in the main thread only; other threads `post`.
    """

    def __init__(
        self,
        settings: Settings,
        references: Sequence[SessionReference],
        service: Service,
        owner: Owner,
        listener: Listener,
        history: Callable[[Device | None], Sequence[float]],
    ) -> None:
        self.settings = settings
        self.service = service
        self.owner = owner
        self.listener = listener
        self.slots = [Slot(0, reference=each) for each in references] + [
            Slot(0, request=each) for each in settings.device
        ]
        for number, slot in enumerate(self.slots, 1):
            slot.number = number
        self.failure: DeviceFarmError | None = None  #: why the run cannot go on
        self.loss: SessionEnded | None = None  #: which ends the run
        self.needed = False  #: whether a test has been held up for a session, or could not run without
        self.testing = False  #: whether a test runs in this process
        self.wake: Callable[[], None] = lambda: None
        self.clock = Clock()
        self._history = history
        self._posted: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._started = False
        self._created = False
        self._closed = False
        self._creation = Creation(
            settings, service, owner, post=self.post, say=listener.say, progress=listener.progress
        )

    # The main thread and the others

    def post(self, call: Callable[[], None]) -> None:
        """Have something called in the main thread; from any thread."""
        self._posted.put(call)
        self.wake()

    @property
    def waits(self) -> bool:
        """Whether a session may still come."""
        return not self._closed and not all(slot.settled for slot in self.slots)

    def deliver(self, timeout: float = 0.0) -> bool:
        """Call what was posted, waiting up to ``timeout`` seconds for the first; False when there was nothing."""
        delivered = False
        while timeout > 0 or not self._posted.empty():
            try:
                call = self._posted.get(block=timeout > 0, timeout=timeout or None)
            except Empty:
                return delivered
            delivered, timeout = True, 0.0
            call()
        return delivered

    def wait_until(self, done: Callable[[], bool]) -> None:
        """Hold a test up until something has happened."""
        self.deliver()
        if done():
            return
        testing, self.testing = self.testing, False
        try:
            with self.listener.waiting():
                while not done():
                    if not self.deliver(timeout=1.0):
                        self.listener.idle()
        finally:
            self.testing = testing

    # From the start of the run to the sessions

    def start(self) -> None:
        """Begin to wait for the sessions that are there already."""
        self._started = True
        for slot in self.slots:
            if slot.reference is not None and slot.acquisition is None:
                self._acquire(slot, slot.reference)

    def require(self) -> None:
        """A test will need a session: create those that are not there yet; a second call does nothing."""
        if self._started and not self._created:  # not started: nothing but a collection, for --fixtures and the like
            self._created = True
            self._create([slot for slot in self.slots if slot.request is not None])

    def fitting(self, requirement: Requirement) -> list[Slot]:
        """The slots on which a test can run, now or later."""
        return [slot for slot in self.slots if slot.may_fit(requirement)]

    def misfit(self, requirement: Requirement, idle: Sequence[Slot] = ()) -> Skip:
        """Why a test can run on none of the sessions; ``idle`` are those that it fits but no worker drives."""
        for slot in self.slots:
            if slot.lost and slot.failure is not None and requirement.fits(slot.lost[-1]):
                return Skip(str(slot.failure), lost=True)
        needed = f"needs a device with {requirement}" if requirement else "needs a device"
        there = [str(slot) for slot in self.slots if slot not in idle and slot.failure is None]
        there += [f"{slot}, which did not come" for slot in self.slots if slot.failure is not None and not slot.lost]
        reason = f"{needed}, there is {'; '.join(there) or 'none'}"
        return Skip(reason + (f"; no worker drives {'; '.join(map(str, idle))}: give -n auto" if idle else ""))

    def _create(self, slots: list[Slot], prefer: str | None = None) -> None:
        if not slots:
            return
        others = [each.session for each in self.slots if each.session and each.failure is None and each not in slots]
        taken = [str(session.instance_arn) for session in others if session.instance_arn]
        self._creation.start(
            slots,
            taken=taken,
            prefer=prefer,
            created=self._was_created,
            failed=self._not_created,
        )

    def _was_created(self, slot: Slot, session: RemoteAccessSession) -> None:
        slot.session = session
        if not self._closed:
            self._acquire(slot, parse_session(str(session.arn)))

    def _not_created(self, slot: Slot, error: DeviceFarmError) -> None:
        if not self._closed:
            self._fail(slot, error)
            self.listener.happened(slot, Failed(error, None))

    def _acquire(self, slot: Slot, reference: SessionReference) -> None:
        acquisition = Acquisition(
            settings=self.settings,
            reference=reference,
            service=self.service,
            post=lambda step: self.post(partial(self._handle, slot, acquisition, step)),
            history=self._history,
            disturbed=lambda: self.testing,
        )
        slot.acquisition = acquisition
        acquisition.start()

    def _handle(self, slot: Slot, acquisition: Acquisition, step: Step) -> None:
        given_up = acquisition is not slot.acquisition or slot.settled  # and came back after all
        if self._closed or given_up:
            return
        match step:
            case StatusChanged(session=session):
                slot.session = session
                self._refuse_a_double(slot)
                if self.settings.stop and slot.reference is not None and session.arn:
                    self.owner.adopt(session.arn)
            case Ready(session=session, warning=warning):
                slot.session = session
                slot.grant = Grant(session, self.listener.describe(session), warning, self._ahead())
            case Failed(error=error, session=session):
                slot.session = session or slot.session
                self._fail(slot, error)
        self.listener.happened(slot, step)

    def _ahead(self) -> float | None:
        return None if self.settings.artifacts == "off" else self.service.skew.seconds

    def _fail(self, slot: Slot, error: DeviceFarmError) -> None:
        """There will be no session: the run goes on with the others, if they are enough."""
        slot.failure = error
        count, missing = len(self.slots), sum(each.failure is not None and not each.lost for each in self.slots)
        if self.failure is not None:
            return
        if isinstance(error, ConfigurationError) or count == 1:
            self.failure = error
        elif count - missing < self.settings.min_sessions:
            must = self.settings.min_sessions
            self.failure = UnavailableError(f"{missing} of {count} sessions did not come, {must} must: {error}")

    def _refuse_a_double(self, slot: Slot) -> None:
        arn = slot.session and slot.session.arn
        if any(each is not slot and each.session and each.session.arn == arn for each in self.slots):
            error = ConfigurationError(
                f"{self.settings.source('session')}: {slot.reference} is named twice: a session has one worker"
            )
            self._fail(slot, error)

    # While tests run

    def look(self, slot: Slot, arn: str, answer: Callable[[Loss | None], None]) -> None:
        """After a failure on the session ``arn``: read it in a thread, act on its end as was asked for, and answer."""

        def settle(ended: SessionEnded | None) -> None:
            if ended is not None and slot.grant is not None and slot.grant.session.arn == arn:
                self._lose(slot, ended)
            answer(self._loss(slot, arn))

        interrupted = self.clock.cancelled  # and all that ends now, this run has stopped
        if interrupted or slot.grant is None or slot.grant.session.arn != arn:
            answer(self._loss(slot, arn))
            return
        session, now = slot.grant.session, self.clock.monotonic()
        early = slot.looked_at + _LOOK_INTERVAL - now

        def find_out() -> None:
            if early <= 0 or not _answers(session):
                slot.looked_at = now + max(early, 0.0)
                self.clock.sleep(early)
                self.post(partial(settle, self._ended(arn)))
            else:
                self.post(partial(settle, None))

        Thread(target=find_out, name="devicefarm-look", daemon=True).start()

    def _ended(self, arn: str) -> SessionEnded | None:
        """How a session ended; None where it lives or cannot be read, as when a test has mocked boto3."""
        try:
            session = self.service.read(arn, self.clock)
        except Exception:
            return None
        if session.status is None or not session.status.ended:
            return None
        return SessionEnded(_how(session), session)

    def _loss(self, slot: Slot, arn: str) -> Loss | None:
        ended = next((each for each in slot.lost if each.arn == arn), None)
        if ended is None:
            return None
        return Loss(_how(ended), again=slot.failure is None)

    def _lose(self, slot: Slot, ended: SessionEnded) -> None:
        slot.lost.append(ended.session)
        slot.grant = None
        slot.looked_at = float("-inf")
        then = self.settings.lost
        if then == "replace" and (slot.request is None or len(slot.lost) > _REPLACEMENTS):
            then = "stop"
        if then == "replace":
            device = ended.session.device
            self._create([slot], prefer=device.arn if device else None)
        else:
            slot.session = ended.session
            slot.failure = ended
            if then == "stop":
                self.loss = ended
                self.failure = self.failure or ended
        self.listener.lost(slot, ended, then)

    def install(self, app: str, session: str) -> dict[str, Any]:
        """Install an app into a session; from any thread. Raises `DeviceFarmError`."""
        return install_app(
            app,
            session,
            client=self.service.connect(),
            project=self.settings.project,
            clock=Clock(),
            say=lambda message: self.post(partial(self.listener.say, f"{message}; trying again")),
        )

    # At the end

    def release(self, slot: Slot) -> None:
        """Nothing is left to run on a session: if this run created it, stop it while the others go on."""
        if slot.session is not None and slot.session.arn in self.owner.created:
            self.owner.release(slot.session.arn)

    def close(self) -> None:
        """End the waits for sessions that nobody needs any more, and begin to stop what this run must stop."""
        self.deliver()
        self._closed = True
        self.stop_all()
        for slot in self.slots:
            if slot.acquisition is not None:
                slot.acquisition.clock.cancel()

    def interrupt(self) -> None:
        """A signal ends the run: wait for nothing any more at its end, and stop all; from any thread."""
        self.clock.cancel()
        self.stop_all()

    def stop_all(self) -> None:
        """Create nothing more, and begin to stop what this run must stop; from any thread."""
        self._creation.cancel()
        self.owner.stop_all()

    def read_again(self) -> None:
        """Read every session after the last test, those that are being stopped until they have ended."""
        deadline = self.clock.monotonic() + _ENDING
        sessions = [session for slot in self.slots if self.has_used(slot) for session in slot.sessions]
        used = [session.arn for session in sessions if session.arn]
        with ThreadPoolExecutor(_READERS, "devicefarm-end") as threads:
            last = dict(zip(used, threads.map(partial(self._read_again, deadline), used), strict=True))
        for slot in self.slots:
            slot.lost = [last.get(str(session.arn)) or session for session in slot.lost]
            if slot.session is not None:
                slot.session = last.get(str(slot.session.arn)) or slot.session

    def take_answers(self) -> None:
        """Know of the sessions that were stopped what AWS answered to that, where nothing is read again."""
        for slot in self.slots:
            if slot.session is not None:
                slot.session = self.owner.stopped.get(str(slot.session.arn), slot.session)

    def has_used(self, slot: Slot) -> bool:
        """Whether tests could run there, or this run pays for it."""
        created = slot.session is not None and slot.session.arn in self.owner.created
        return slot.grant is not None or bool(slot.lost) or created

    def _read_again(self, deadline: float, arn: str) -> RemoteAccessSession | None:
        stopping = partial(self.owner.stops, arn)
        try:
            return last_reading(self.service, arn, stopping=stopping, clock=self.clock, deadline=deadline)
        except DeviceFarmError as error:
            self.post(partial(self.listener.say, f"a session could not be read at the end: {error}"))
            return None
