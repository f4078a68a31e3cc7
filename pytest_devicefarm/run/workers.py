"""The controller's end of the channels to the workers: who drives which session, and who was told what.

A worker speaks first and the controller answers: execnet silently drops what is sent on a channel that the other side
does not know yet. All state is touched in the main thread only; messages are posted to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, DeviceFarmError
from ..model.requirement import Requirement
from .pool import Pool
from .provider import Grant, Loss, Skip
from .slot import Slot

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

    The replacement for a crashed worker inherits what that one drove.
    """

    pool: Pool
    every_device: bool = False  #: ``--dist each``: each worker was sent every test when it started
    needs: dict[str, Requirement] = field(default_factory=dict)  #: by the IDs of tests that need a session
    busy: Callable[[], bool] = lambda: True  #: whether tests are handed out; as long as nobody knows, they may be
    groups: dict[str, str] = field(default_factory=dict)  #: by the ID of a test, its ``xdist_group``
    _lines: dict[WorkerController, _Line] = field(default_factory=dict)
    _inherited: list[Slot | None] = field(default_factory=list)  #: from crashed workers, for those that replace them
    _done: list[Slot] = field(default_factory=list)  #: with nothing left to run on them
    _drove: dict[WorkerController, Slot] = field(default_factory=dict)
    _read: dict[str, Requirement] = field(default_factory=dict)

    def connect(self, node: WorkerController) -> None:
        """Give a worker that is about to start its channel."""
        channel = node.gateway.newchannel()
        line = self._lines[node] = _Line(channel)
        if self._inherited:
            self._drive(node, line, self._inherited.pop(0))
        self.pool.wake = lambda: node.notify_inproc("unscheduled", node=node, indices=[])
        channel.setcallback(lambda message: self.pool.post(partial(self._receive, node, message)))
        node.workerinput[WORKERINPUT_KEY] = {
            "channel": channel,
            "client": asdict(self.pool.service.settings),
            "every_device": self.every_device,
        }

    def disconnect(self, node: WorkerController, *, crashed: bool) -> None:
        """A worker is gone; xdist replaces one that crashed."""
        line = self._lines.pop(node, None)
        if line is not None and crashed:
            self._inherited.append(line.slot)
        elif line is not None and line.slot is not None:
            self._done.append(line.slot)
            self.pool.release(line.slot)

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
        coming = sum(not slot.settled and self._is_of_use(slot) for slot in self._undriven())
        return self._spare()[:coming]

    def usable(self) -> list[Slot]:
        """The slots that are driven or will be, as far as there are workers."""
        driven = [slot for slot in self._driven() if slot is not None]
        return driven + (self._undriven() if self._spare() or None in self._inherited else [])

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
                ready = (slot for slot in self._undriven() if slot.grant is not None and self._is_of_use(slot))
                self._drive(node, line, next(ready, None))
            self._tell(node, line)

    def _tell(self, node: WorkerController, line: _Line) -> None:
        """Tell a worker what has become of its session, once it has to know."""
        slot = line.slot
        if slot is not None and slot.grant is not None and slot.grant is not line.told:
            line.told, line.wants = slot.grant, False
            line.send({"kind": "session", **line.told.to_wire()})
            return
        if not line.wants:
            return
        failure = self.pool.failure if slot is None else slot.failure
        if failure is not None:
            line.wants = False
            line.send({"kind": "failed", "message": str(failure)})
        elif slot is None and node not in self.hopes():
            line.wants = False
            if self.every_device:
                missing = "; ".join(str(each.failure) for each in self.pool.slots if each.failure is not None)
                self.skip(node, list(self.needs), Skip(f"no device came for this worker: {missing}"))
                line.send({"kind": "failed", "message": missing})
            else:
                line.send({"kind": "elsewhere"})

    def _drive(self, node: WorkerController, line: _Line, slot: Slot | None) -> None:
        line.slot = slot
        if slot is not None:
            self._drove[node] = slot

    def _is_of_use(self, slot: Slot) -> bool:
        """Whether tests may run there, by what is collected so far; one that just asks for a session takes any."""
        if self.every_device or any(line.wants for line in self._lines.values()):
            return True
        return any(slot.may_fit(requirement) for requirement in self._read.values())

    def _spare(self) -> list[WorkerController]:
        """The workers without a session that have a test which waits for one, or may be sent such tests."""
        return [
            node
            for node, line in self._lines.items()
            if line.slot is None and (self.every_device or line.wants or not node.shutting_down)
        ]

    def _driven(self) -> list[Slot | None]:
        return [*(line.slot for line in self._lines.values()), *self._inherited]

    def _undriven(self) -> list[Slot]:
        driven = self._driven()
        return [slot for slot in self.pool.slots if slot not in [*driven, *self._done] and slot.failure is None]

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
            case {"kind": "install"}:
                Thread(target=self._install, args=(line, message["app"], message["session"]), daemon=True).start()
        self.update()

    def _install(self, line: _Line, app: str, session: str) -> None:
        """In a thread of its own: a file may take minutes, and xdist must go on."""
        answer: dict[str, Any] = {"kind": "installed", "app": app}
        try:
            answer["upload"] = self.pool.install(app, session)
        except DeviceFarmError as error:
            answer |= {"message": str(error), "fixable": isinstance(error, ConfigurationError)}
        except Exception as error:  # a client of the user's may raise anything, and the worker waits
            answer |= {"message": f"installing {app}: {type(error).__name__}", "fixable": False}
        self.pool.post(lambda: line.send(answer))

    def _collected(self, message: Mapping[str, Any]) -> None:
        if message["error"] and self.pool.failure is None:
            self.pool.failure = ConfigurationError(message["error"])
            self.pool.needed = True
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
