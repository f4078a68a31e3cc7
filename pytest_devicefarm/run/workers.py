"""The controller's end of the channels to the workers: who drives which session, and who was told what.

A worker speaks first and the controller answers: execnet silently drops what is sent on a channel that the other side
does not know yet. All state is touched in the main thread only; messages are posted to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError
from ..model.requirement import Requirement
from .pool import Pool, Slot
from .provider import Grant, Loss, Skip

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
    wants: bool = False  #: a test of it has asked for a session, and waits
    over: bool = False  #: it knows that the loss of a session ends the run
    told: Grant | None = None  #: the session that it knows
    slot: Slot | None = None  #: which it drives, from when its session is ready to the worker's end

    def send(self, message: dict[str, Any]) -> None:
        with suppress(OSError):  # it has just crashed, which xdist is about to notice
            self.channel.send(message)


@dataclass
class Workers:
    """Each worker drives one session at most: of those that are ready, the first that nobody drives.

    A session whose worker has crashed comes before those that nobody drove yet, so that the replacement inherits it.
    """

    pool: Pool
    every_device: bool = False  #: ``--dist each``: each worker was sent every test when it started
    needs: dict[str, Requirement] = field(default_factory=dict)  #: by the IDs of tests that need a session
    groups: dict[str, str] = field(default_factory=dict)  #: by the ID of a test, its ``xdist_group``
    _lines: dict[WorkerController, _Line] = field(default_factory=dict)
    _left: list[Slot] = field(default_factory=list)  #: whose worker has crashed
    _drove: dict[WorkerController, Slot] = field(default_factory=dict)
    _read: dict[str, Requirement] = field(default_factory=dict)

    def connect(self, node: WorkerController) -> None:
        """Give a worker that is about to start its channel."""
        channel = node.gateway.newchannel()
        self._lines[node] = _Line(channel)
        self.pool.wake = lambda: node.notify_inproc("unscheduled", node=node, indices=[])
        channel.setcallback(lambda message: self.pool.post(partial(self._receive, node, message)))
        node.workerinput[WORKERINPUT_KEY] = {"channel": channel, "client": asdict(self.pool.service.settings)}

    def disconnect(self, node: WorkerController) -> None:
        """A worker is gone."""
        line = self._lines.pop(node, None)
        if line is not None and line.slot is not None:
            self._left.append(line.slot)

    def drove(self, node: WorkerController | None) -> Slot | None:
        """The slot of a worker, also of one that is gone."""
        return self._drove.get(node) if node is not None else None

    def slot(self, node: WorkerController) -> Slot | None:
        """The slot that a worker drives, None as long as it has none."""
        line = self._lines.get(node)
        return line.slot if line else None

    def serves(self, node: WorkerController) -> bool:
        """Whether the worker has a session, so that tests that need one can run on it now."""
        line = self._lines.get(node)
        return bool(line and line.told and line.slot and line.slot.grant is line.told)

    def hopes(self) -> list[WorkerController]:
        """The workers without a session that will get one as soon as it is ready."""
        coming = sum(not slot.settled for slot in self._undriven())
        return self._spare()[:coming]

    def usable(self) -> list[Slot]:
        """The slots that are driven or will be, as far as there are workers."""
        driven = [line.slot for line in self._lines.values() if line.slot is not None]
        return driven + (self._undriven() if self._spare() else [])

    def skip(self, node: WorkerController, tests: Sequence[str], skip: Skip) -> None:
        """Have a worker skip tests, which it is sent afterwards."""
        self._lines[node].send({"kind": "skip", "tests": list(tests), "reason": skip.reason, "lost": skip.lost})

    def update(self) -> None:
        """Give the sessions that are ready to workers, and tell each worker what it has to know by now."""
        for node, line in self._lines.items():
            if not line.greeted:
                continue
            if self.pool.loss is not None and not line.over:
                line.over = True
                line.send({"kind": "over", "reason": str(self.pool.loss)})
            if node in self._spare():
                line.slot = next((slot for slot in self._undriven() if slot.grant is not None), None)
                if line.slot is not None:
                    self._drove[node] = line.slot
            if line.slot is not None and line.slot.grant is not None and line.slot.grant is not line.told:
                line.told, line.wants = line.slot.grant, False
                line.send({"kind": "session", **line.told.to_wire()})
            elif line.slot is not None and line.slot.failure is not None and line.wants:
                line.wants = False
                line.send({"kind": "failed", "message": str(line.slot.failure)})
            elif line.slot is None and line.wants and self.pool.failure is not None:
                line.wants = False
                line.send({"kind": "failed", "message": str(self.pool.failure)})
            elif line.slot is None and line.wants and node not in self.hopes():
                line.wants = False
                line.send({"kind": "elsewhere"})

    def _spare(self) -> list[WorkerController]:
        """The workers without a session that can still be sent tests, or were sent all at the start."""
        return [
            node
            for node, line in self._lines.items()
            if line.slot is None and (self.every_device or not node.shutting_down)
        ]

    def _undriven(self) -> list[Slot]:
        driven = {id(line.slot) for line in self._lines.values()}
        candidates = dict.fromkeys([*self._left, *self.pool.slots])
        return [slot for slot in candidates if id(slot) not in driven and slot.failure is None]

    def _receive(self, node: WorkerController, message: Mapping[str, Any]) -> None:
        line = self._lines.get(node)
        if line is None:  # it crashed after sending
            return
        match message:
            case {"kind": "hello"}:
                line.greeted = True
            case {"kind": "collected"}:
                self._collected(message)
            case {"kind": "want"}:
                line.wants = self.pool.needed = True
                self.pool.require()
            case {"kind": "broke", "arn": arn} if line.slot is not None:
                self.pool.look(line.slot, arn, partial(self._looked, line))
        self.update()

    def _collected(self, message: Mapping[str, Any]) -> None:
        if message["error"] and self.pool.failure is None:
            self.pool.failure = ConfigurationError(message["error"])
        for nodeid, text in message["needs"].items():
            requirement = self._read.get(text)
            if requirement is None:
                requirement = self._read[text] = Requirement.parse(text)
            self.needs[nodeid] = requirement
        self.groups.update(message["groups"])
        if self.needs:
            self.pool.require()

    def _looked(self, line: _Line, loss: Loss | None) -> None:
        line.wants = bool(loss and loss.again)
        line.send({"kind": "looked", "lost": loss and loss.message, "again": bool(loss and loss.again)})
