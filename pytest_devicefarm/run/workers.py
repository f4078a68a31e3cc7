"""The controller's end of the channels to the workers: who drives the session, and who was told what.

A worker speaks first and the controller answers: execnet silently drops what is sent on a channel that the other side
does not know yet. All state is touched in the main thread only; messages are posted to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, DeviceFarmError
from .controller import Controller

if TYPE_CHECKING:
    from execnet import Channel
    from xdist.workermanage import WorkerController

#: Where the channel and the client's settings are in a worker's ``workerinput``.
WORKERINPUT_KEY = "devicefarm"


@dataclass
class _Line:
    """One worker, as the controller knows it."""

    channel: Channel
    greeted: bool = False
    wants: bool = False  #: a test of it has asked for the session
    told: bool = False  #: it has the session

    def send(self, message: dict[str, Any]) -> None:
        with suppress(OSError):  # it has just crashed, which xdist is about to notice
            self.channel.send(message)


@dataclass
class Workers:
    """With one session, one worker drives it: the first that was configured, or the one that replaces it."""

    controller: Controller
    needs: set[str] = field(default_factory=set)  #: IDs of the tests that need a session
    groups: dict[str, str] = field(default_factory=dict)  #: by the ID of a test, its ``xdist_group``
    driver: WorkerController | None = None
    _lines: dict[WorkerController, _Line] = field(default_factory=dict)

    def connect(self, node: WorkerController) -> None:
        """Give a worker that is about to start its channel; a replacement for the driver inherits the session."""
        channel = node.gateway.newchannel()
        self._lines[node] = _Line(channel)
        if self.driver is None:
            self.driver = node
        self.controller.wake = lambda: node.notify_inproc("unscheduled", node=node, indices=[])
        channel.setcallback(lambda message: self.controller.post(lambda: self._receive(node, message)))
        node.workerinput[WORKERINPUT_KEY] = {"channel": channel, "client": asdict(self.controller.client_settings)}

    def disconnect(self, node: WorkerController, crashed: bool) -> None:
        """A worker is gone."""
        self._lines.pop(node, None)
        if crashed and node is self.driver:
            self.driver = None

    def serves(self, node: WorkerController) -> bool:
        """Whether the worker has the session, so that tests that need one can run on it."""
        line = self._lines.get(node)
        return line is not None and line.told

    def update(self) -> None:
        """Tell each worker what it has to know by now."""
        for node, line in self._lines.items():
            if not line.greeted or line.told:
                continue
            if node is self.driver and self.controller.grant is not None:
                line.told = True
                line.send({"kind": "session", **self.controller.grant.to_wire()})
            elif line.wants and self.controller.failure is not None:
                line.wants = False
                line.send({"kind": "failed", "message": str(self.controller.failure)})
            elif line.wants and node is not self.driver:
                line.wants = False
                line.send({"kind": "elsewhere"})

    def _receive(self, node: WorkerController, message: Mapping[str, Any]) -> None:
        line = self._lines.get(node)
        if line is None:  # it crashed after sending
            return
        match message["kind"]:
            case "hello":
                line.greeted = True
            case "collected":
                self.needs.update(message["needs"])
                self.groups.update(message["groups"])
            case "want":
                line.wants = self.controller.needed = True
            case "install":
                Thread(target=self._install, args=(line, message["app"], message["session"]), daemon=True).start()
        self.update()

    def _install(self, line: _Line, app: str, session: str) -> None:
        """In a thread of its own: a file may take minutes, and xdist must go on."""
        answer: dict[str, Any] = {"kind": "installed", "app": app}
        try:
            answer["upload"] = self.controller.install(app, session)
        except DeviceFarmError as error:
            answer |= {"message": str(error), "fixable": isinstance(error, ConfigurationError)}
        except Exception as error:  # a client of the user's may raise anything, and the worker waits
            answer |= {"message": f"installing {app}: {type(error).__name__}", "fixable": False}
        self.controller.post(lambda: line.send(answer))
