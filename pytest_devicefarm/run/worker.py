"""A worker's end of its channel to the controller."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, DeviceFarmError, UnavailableError
from ..settings import ClientSettings
from .provider import Grant

if TYPE_CHECKING:
    from execnet import Channel

_POLL = 5.0  #: seconds between two looks at whether the controller is still there


class Worker:
    """Where a worker's tests get their session from; makes no AWS call."""

    ends_run = False

    def __init__(self, channel: Channel, client_settings: ClientSettings) -> None:
        self.client_settings = client_settings
        self.grant: Grant | None = None
        self._channel = channel  # execnet closes a channel that nobody holds
        self._failure: DeviceFarmError | None = None
        self._answered = Event()
        self._installing: dict[str, SimpleQueue[Mapping[str, Any]]] = {}
        channel.setcallback(self._receive, endmarker=None)
        channel.send({"kind": "hello"})

    def tell_collected(self, needs: Iterable[str], groups: Mapping[str, str]) -> None:
        """Say which tests, by ID, need a session or are in an ``xdist_group``; before xdist says which there are."""
        self._channel.send({"kind": "collected", "needs": list(needs), "groups": dict(groups)})

    def acquire(self) -> Grant:
        """The session; the controller hands out a test that needs one only once its worker has it.

        Only a test that asks for it by ``getfixturevalue``, without saying so before, ever waits here.
        """
        if self.grant is None and self._failure is None:
            self._answered.clear()
            self._channel.send({"kind": "want"})
            while self.grant is None and self._failure is None and not self._answered.wait(_POLL):
                pass
        if self.grant is None:
            raise self._failure or UnavailableError("the xdist controller is gone")
        return self.grant

    def install(self, app: str, session: str) -> dict[str, Any]:
        """Have the controller install an app; raise the `DeviceFarmError` that it met."""
        answers = self._installing[app] = SimpleQueue()
        self._channel.send({"kind": "install", "app": app, "session": session})
        while True:
            with suppress(Empty):
                answer = answers.get(timeout=_POLL)
                break
            if self._failure is not None:
                raise self._failure
        if "upload" in answer:
            return dict(answer["upload"])
        raise (ConfigurationError if answer["fixable"] else UnavailableError)(answer["message"])

    def _receive(self, message: Mapping[str, Any] | None) -> None:
        match message:
            case None:
                self._failure = UnavailableError("the xdist controller is gone")
            case {"kind": "session"}:
                self.grant = Grant.from_wire(dict(message))
            case {"kind": "failed"}:
                self._failure = UnavailableError(message["message"])
            case {"kind": "installed", "app": app}:
                self._installing.pop(app).put(message)
            case {"kind": "elsewhere"}:
                self._failure = ConfigurationError(
                    "this xdist worker drives no session: mark the test with @pytest.mark.devicefarm, or take "
                    "devicefarm_session as an argument, so that the test is sent to the worker that drives one"
                )
        self._answered.set()
