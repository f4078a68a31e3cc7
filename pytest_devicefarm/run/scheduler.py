"""Which worker gets which test: xdist's own scheduling, with the tests that need a session kept for its worker."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from xdist.scheduler import EachScheduling, WorkStealingScheduling

from .workers import Workers

if TYPE_CHECKING:
    import pytest
    from xdist.remote import Producer
    from xdist.workermanage import WorkerController

# A worker runs a test only when it knows the next one, and gives back none that it was sent: two is the least that
# keeps it busy and the most that may be handed out before it is known who is free.
_HANDED_OUT = 2


def _group(dist: str, nodeid: str, workers: Workers) -> str:
    """What keeps tests together under ``--dist``: tests of one group are handed out as a whole."""
    match dist:
        case "loadscope":
            return nodeid.rsplit("::", 1)[0]
        case "loadfile":
            return nodeid.split("::", 1)[0]
        case "loadgroup":
            return workers.groups.get(nodeid, nodeid)
        case _:
            return nodeid


def make_scheduler(config: pytest.Config, log: Producer, workers: Workers) -> SessionScheduling | EachTest:
    """The scheduler that keeps to what the user asked of ``--dist``."""
    if config.getoption("dist") == "each":
        return EachTest(config, log, workers)
    return SessionScheduling(config, log, workers)


class SessionScheduling(WorkStealingScheduling):
    """Two queues of units (a test, or a group of them): those that need the session, and all others.

    Only the worker that has the session takes units of the first queue, and it takes those first. Everybody takes units
    of the second. Of the base class this keeps the nodes, their collections and what each of them was handed.
    """

    def __init__(self, config: pytest.Config, log: Producer, workers: Workers) -> None:
        super().__init__(config, log)
        self._dist: str = config.getoption("dist")
        self._workers = workers
        self._session_units: deque[list[int]] = deque()
        self._free_units: deque[list[int]] = deque()

    @property
    def tests_finished(self) -> bool:
        if not self.collection_is_completed or self._session_units or self._free_units:
            return False
        return all(len(pending) < _HANDED_OUT for pending in self.node2pending.values())

    @property
    def has_pending(self) -> bool:
        return bool(self._session_units or self._free_units or any(self.node2pending.values()))

    def schedule(self) -> None:
        self._workers.controller.deliver()
        first = self.collection is None
        super().schedule()
        if first and self.collection:
            self.pending.clear()
            self._queue(range(len(self.collection)))
            self.check_schedule()

    def remove_pending_tests_from_node(self, node: WorkerController, indices: Sequence[int]) -> None:
        """Nothing is ever stolen: this is how the controller wakes xdist's loop when something has happened."""
        self._workers.controller.deliver()
        self.check_schedule()

    def remove_node(self, node: WorkerController) -> str | None:
        """Take back what a crashed worker was handed; return the test that it was running."""
        pending = self.node2pending.pop(node)
        crashed = self.collection[pending.pop(0)] if pending and self.collection else None
        if pending:
            self._queue(pending, front=True)
        self.check_schedule()
        return crashed

    def check_schedule(self) -> None:
        """Hand out what can run now; shut down the workers that will get nothing more."""
        controller = self._workers.controller
        if self.collection is None or self.pending:  # not all is collected, or not yet queued
            return
        if controller.failure is not None and self._session_units:
            controller.needed = True
            self._session_units.clear()
            self._free_units.clear()  # the run ends here
        for node, pending in sorted(self.node2pending.items(), key=lambda each: self._waits(each[0])):
            if node.shutting_down or node not in self.node2collection:
                continue
            while len(pending) < _HANDED_OUT and (unit := self._next_unit(node)):
                try:
                    node.send_runtest_some(unit)
                except OSError:  # it has just crashed, which xdist is about to notice
                    self._queue(unit, front=True)
                    break
                pending.extend(unit)
            if len(pending) < _HANDED_OUT and not self._waits(node):
                node.shutdown()

    def _waits(self, node: WorkerController) -> bool:
        """Whether a worker has tests to come, as soon as its session is ready."""
        return bool(self._session_units) and node is self._workers.driver

    def _next_unit(self, node: WorkerController) -> list[int] | None:
        if self._session_units and self._workers.serves(node):
            return self._session_units.popleft()
        if self._waits(node) and len(self._free_units) <= _HANDED_OUT * self._others(node):
            return None  # the last one that it took would be stuck in it until the session is ready
        return self._free_units.popleft() if self._free_units else None

    def _others(self, node: WorkerController) -> int:
        return sum(each is not node and not each.shutting_down for each in self.node2pending)

    def _queue(self, indices: Sequence[int], *, front: bool = False) -> None:
        """Put tests into the queues, those of a group together."""
        assert self.collection is not None
        units: dict[str, list[int]] = {}
        for index in indices:
            units.setdefault(_group(self._dist, self.collection[index], self._workers), []).append(index)
        for unit in reversed(units.values()) if front else units.values():
            needed = any(self.collection[index] in self._workers.needs for index in unit)
            queue = self._session_units if needed else self._free_units
            (queue.appendleft if front else queue.append)(unit)


class EachTest(EachScheduling):
    """``--dist each``: every worker runs every test; nothing is to be handed out, only to be listened to."""

    def __init__(self, config: pytest.Config, log: Producer, workers: Workers) -> None:
        super().__init__(config, log)
        self._workers = workers

    def remove_pending_tests_from_node(self, node: WorkerController, indices: Sequence[int]) -> None:
        self._workers.controller.deliver()
