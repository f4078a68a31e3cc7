"""A worker's end of its channel to the controller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Condition
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, DeviceFarmError, UnavailableError
from ..model.requirement import Requirement
from ..settings import ClientSettings
from .provider import Grant, Loss, Skip

if TYPE_CHECKING:
    from execnet import Channel

_GONE = "the xdist controller is gone"


class Worker:
    """Where a worker's tests get their session from; makes no AWS call."""

    ends_run = False

    def __init__(self, channel: Channel, client_settings: ClientSettings) -> None:
        self.client_settings = client_settings
        self.grant: Grant | None = None
        self._channel = channel  # execnet closes a channel that nobody holds
        self._failure: DeviceFarmError | None = None
        self._lost: str | None = None  #: why the session, which it had, is no more
        self._skips: dict[str, Skip] = {}
        self._installed: dict[str, list[Mapping[str, Any]]] = {}  #: by what was asked for, the answer to come
        self._looked: list[Loss | None] = []
        self._changed = Condition()
        channel.setcallback(self._receive, endmarker=None)
        channel.send({"kind": "hello"})

    def tell_collected(self, needs: Mapping[str, str], groups: Mapping[str, str], error: str | None) -> None:
        """Say which tests, by ID, need which session, and which are in an ``xdist_group``.

        To be said before xdist says which tests there are. ``error``: a marker that states no requirement.
        """
        self._channel.send({"kind": "collected", "needs": dict(needs), "groups": dict(groups), "error": error})

    def acquire(self) -> Grant:
        """The session; the controller hands out a test that needs one only once its worker has it.

        Only a test that asks for it by ``getfixturevalue``, without saying so before, ever waits here; and, under
        ``--dist each``, where every worker is sent every test when it starts, each.
        """
        self._ask(lambda: False)
        if self.grant is None:
            raise self._failure or UnavailableError(_GONE)
        return self.grant

    def _ask(self, done: Callable[[], bool]) -> None:
        """Ask for the session where there is none yet, and wait for it, for its failure, or until it is of no use."""
        if self.grant is None and self._failure is None and not done():
            self._channel.send({"kind": "want"})
            self._wait(lambda: self.grant is not None or done())

    def reason_to_skip(self, nodeid: str, requirement: Requirement) -> Skip | None:
        self._ask(lambda: nodeid in self._skips or self._lost is not None)
        if self._lost is not None:
            return Skip(self._lost, lost=True)
        return self._skips.get(nodeid) or self.acquire().misfit(requirement)

    def broke(self) -> Loss | None:
        if self.grant is None or self._failure is not None or self._lost is not None:
            return None
        arn = self.grant.session.arn
        self._looked.clear()
        self._channel.send({"kind": "broke", "arn": arn})
        self._wait(lambda: bool(self._looked))
        loss = self._looked[0] if self._looked else None
        if loss is None or not loss.again:
            self._lost = loss and loss.message
            return loss
        self._wait(lambda: self.grant is not None and self.grant.session.arn != arn)
        if self._failure is not None:
            self._lost = str(self._failure)
        return Loss(loss.message, again=self._lost is None)

    def install(self, app: str, session: str) -> dict[str, Any]:
        """Have the controller install an app; raise the `DeviceFarmError` that it met."""
        answers = self._installed[app] = []
        self._channel.send({"kind": "install", "app": app, "session": session})
        self._wait(lambda: bool(answers))
        if not answers:
            raise self._failure or UnavailableError(_GONE)
        (answer,) = answers
        if "upload" in answer:
            return dict(answer["upload"])
        raise (ConfigurationError if answer["fixable"] else UnavailableError)(answer["message"])

    def _wait(self, done: Callable[[], bool]) -> None:
        """Until something has come, or it is clear that it will not: the channel's end is told, too."""
        with self._changed:
            self._changed.wait_for(lambda: done() or self._failure is not None)

    def _receive(self, message: Mapping[str, Any] | None) -> None:
        with self._changed:
            match message:
                case None:
                    self._failure = UnavailableError(_GONE)
                case {"kind": "session"}:
                    self.grant = Grant.from_wire(dict(message))
                case {"kind": "failed"}:
                    self._failure = UnavailableError(message["message"])
                case {"kind": "looked", "lost": None}:
                    self._looked = [None]
                case {"kind": "looked"}:
                    self._looked = [Loss(message["lost"], message["again"])]
                case {"kind": "skip"}:
                    self._skips.update(dict.fromkeys(message["tests"], Skip(message["reason"], message["lost"])))
                case {"kind": "installed", "app": app}:
                    self._installed.pop(app).append(message)
                case {"kind": "over"}:
                    self._lost = self._lost or message["reason"]
                case {"kind": "elsewhere"}:
                    self._failure = ConfigurationError(
                        "this xdist worker drives no session: mark the test with @pytest.mark.devicefarm, or take "
                        "devicefarm_session as an argument, so that the test is sent to a worker that drives one"
                    )
            self._changed.notify_all()
