"""Which worker gets which test: xdist's own scheduling, but tests that need a session go to workers that have one."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, is_
from typing import TYPE_CHECKING

from xdist.scheduler import EachScheduling, WorkStealingScheduling

from ..errors import ConfigurationError
from ..model.requirement import Requirement
from .slot import Slot
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


@dataclass(frozen=True)
class _Unit:
    """Tests that are handed out together, by their indices in the collection."""

    tests: tuple[int, ...]
    requirement: Requirement | None  #: None: it needs no session


class _Fits:
    """Which requirement fits which slot: asked for many times a test, so the answers are kept while they hold."""

    def __init__(self) -> None:
        self._states: dict[Slot, tuple[object, ...]] = {}
        self._known: dict[Slot, dict[Requirement, bool]] = {}

    def __call__(self, slot: Slot, requirement: Requirement) -> bool:
        state = (slot.session, slot.grant, slot.failure)
        if not all(map(is_, state, self._states.get(slot, (self,)))):
            self._states[slot], self._known[slot] = state, {}
        known = self._known[slot]
        if requirement not in known:
            known[requirement] = slot.may_fit(requirement)
        return known[requirement]

    def among(self, slots: Sequence[Slot], requirement: Requirement) -> list[Slot]:
        """The slots that fit."""
        return [slot for slot in slots if self(slot, requirement)]


class SessionScheduling(WorkStealingScheduling):
    """Queues of units (a test, or a group of them): one for each requirement, and one for what needs no session.

    A worker that has a session takes units that fit it, those that fit the fewest sessions first, then units that need
    none; the other workers take only those. Of the base class this keeps the nodes, their collections and what each of
    them was handed.
    """

    def __init__(self, config: pytest.Config, log: Producer, workers: Workers) -> None:
        super().__init__(config, log)
        self._dist: str = config.getoption("dist")
        self._workers = workers
        self._pool = workers.pool
        self._fits = _Fits()
        self._session_units: dict[Requirement, deque[_Unit]] = {}
        self._parts: dict[Requirement, dict[Requirement, None]] = {}  #: what the tests of such units need, each
        self._free_units: deque[_Unit] = deque()
        workers.busy = lambda: not self.collection_is_completed or any(self.node2pending.values())

    @property
    def tests_finished(self) -> bool:
        if not self.collection_is_completed or self._session_units or self._free_units:
            return False
        return all(len(pending) < _HANDED_OUT for pending in self.node2pending.values())

    @property
    def has_pending(self) -> bool:
        return bool(self._session_units or self._free_units or any(self.node2pending.values()))

    def schedule(self) -> None:
        self._pool.deliver()
        first = self.collection is None
        super().schedule()
        if first and self.collection:
            self.pending.clear()
            self._queue(range(len(self.collection)))
            self.check_schedule()

    def remove_pending_tests_from_node(self, node: WorkerController, indices: Sequence[int]) -> None:
        """Nothing is ever stolen: this is how the controller wakes xdist's loop when something has happened."""
        self._pool.deliver()
        self.check_schedule()

    def remove_node(self, node: WorkerController) -> str | None:
        """Take back what a crashed worker was handed; return the test that it was running."""
        pending = self.node2pending.pop(node)
        crashed = self.collection[pending.pop(0)] if pending and self.collection else None
        if pending:
            self._queue(pending, front=True)
        self.check_schedule()
        return crashed

    def mark_test_pending(self, item: str) -> None:
        """Have a test run once more: pytest-rerunfailures asks for it where the test's worker has crashed."""
        assert self.collection is not None
        self._queue([self.collection.index(item)], front=True)
        self.check_schedule()

    def check_schedule(self) -> None:
        """Hand out what can run now; shut down the workers that will get nothing more."""
        if self.collection is None or self.pending:  # not all is collected, or not yet queued
            return
        if self._ends():
            self._pool.needed = True
            self._session_units.clear()
            self._free_units.clear()
        self._place_what_fits_nowhere()
        hopes = self._workers.hopes() if self._session_units else []
        for node, pending in sorted(self.node2pending.items(), key=lambda each: each[0] in hopes):
            if node.shutting_down or node not in self.node2collection:
                continue
            while len(pending) < _HANDED_OUT and (unit := self._next_unit(node, node in hopes)):
                if not self._send(node, unit):
                    break
            if len(pending) < _HANDED_OUT and not self._waits(node, hopes):
                node.shutdown()

    def _ends(self) -> bool:
        """Whether nothing more is to be handed out: tests cannot run, or the user must change something."""
        if isinstance(self._pool.failure, ConfigurationError):
            return bool(self._workers.needs) or self._pool.needed
        return self._pool.failure is not None and bool(self._session_units or self._pool.loss)

    def _waits(self, node: WorkerController, hopes: Sequence[WorkerController]) -> bool:
        """Whether a worker may have tests to come: once its session is ready, or of a group that is taken apart."""
        slot = self._workers.slot(node)
        if slot is None:
            return node in hopes
        return any(
            self._fits(slot, part)
            for requirement in self._session_units
            if slot.grant is None or self._may_come_apart(requirement)
            for part in self._parts[requirement]
        )

    def _may_come_apart(self, requirement: Requirement) -> bool:
        """Whether a group stays whole only because a device that is not known yet may fit all of it."""
        return not any(slot.settled for slot in self._fits.among(self._workers.usable(), requirement))

    def _next_unit(self, node: WorkerController, hopes: bool) -> _Unit | None:
        slot = self._workers.slot(node)
        if self._session_units and self._workers.serves(node):
            assert slot is not None
            fitting = [each for each in self._session_units if self._fits(slot, each)]
            if fitting:
                usable = self._workers.usable()
                # What a phone is may not be known yet: then whatever asks for more is the more restricted.
                restricted = min(fitting, key=lambda each: (len(self._fits.among(usable, each)), -len(each.conditions)))
                return self._take(restricted)
        waits = hopes or (
            slot is not None and slot.grant is None and slot.failure is None and bool(self._session_units)
        )
        if waits and len(self._free_units) <= _HANDED_OUT * self._others(node):
            return None  # the last one that it took would be stuck in it until the session is ready
        return self._free_units.popleft() if self._free_units else None

    def _take(self, requirement: Requirement) -> _Unit:
        queue = self._session_units[requirement]
        unit = queue.popleft()
        if not queue:
            del self._session_units[requirement]
        return unit

    def _send(self, node: WorkerController, unit: _Unit) -> bool:
        try:
            node.send_runtest_some(unit.tests)
        except OSError:  # it has just crashed, which xdist is about to notice
            self._put(unit, front=True)
            return False
        self.node2pending[node].extend(unit.tests)
        return True

    def _place_what_fits_nowhere(self) -> None:
        """Take groups apart that no session fits as a whole; have the tests skipped that none fits."""
        assert self.collection is not None
        usable = self._workers.usable()
        while nowhere := [each for each in self._session_units if not self._fits.among(usable, each)]:
            node = next((each for each in self.nodes if each in self.node2collection and not each.shutting_down), None)
            if node is None:
                return
            for requirement in nowhere:
                idle = [slot for slot in self._fits.among(self._pool.slots, requirement) if slot not in usable]
                skip = self._pool.misfit(requirement, idle)
                while requirement in self._session_units:
                    unit = self._take(requirement)
                    parts = self._apart(unit)
                    if len(parts) > 1:
                        for part in parts:
                            self._put(part)
                        continue
                    self._workers.skip(node, [self.collection[each] for each in unit.tests], skip)
                    if not self._send(node, unit):
                        return

    def _others(self, node: WorkerController) -> int:
        return sum(each is not node and not each.shutting_down for each in self.node2pending)

    def _queue(self, indices: Sequence[int], *, front: bool = False) -> None:
        """Put tests into the queues, those of a group together."""
        assert self.collection is not None
        groups: dict[str, list[int]] = {}
        for index in indices:
            groups.setdefault(_group(self._dist, self.collection[index], self._workers), []).append(index)
        for group in reversed(groups.values()) if front else groups.values():
            stated = dict.fromkeys(each for index in group if (each := self._needs(index)) is not None)
            together = reduce(and_, stated) if stated else None
            if together is not None:
                self._parts.setdefault(together, {}).update(stated)
            self._put(_Unit(tuple(group), together), front=front)

    def _apart(self, unit: _Unit) -> list[_Unit]:
        """The tests of a unit by what each of them needs."""
        parts: dict[Requirement | None, list[int]] = {}
        for index in unit.tests:
            parts.setdefault(self._needs(index), []).append(index)
        return [_Unit(tuple(tests), requirement) for requirement, tests in parts.items()]

    def _needs(self, index: int) -> Requirement | None:
        assert self.collection is not None
        return self._workers.needs.get(self.collection[index])

    def _put(self, unit: _Unit, *, front: bool = False) -> None:
        if unit.requirement is None:
            queue = self._free_units
        else:
            queue = self._session_units.setdefault(unit.requirement, deque())
            self._parts.setdefault(unit.requirement, {unit.requirement: None})
        (queue.appendleft if front else queue.append)(unit)


class EachTest(EachScheduling):
    """``--dist each``: every worker runs every test; nothing is to be handed out, only to be listened to."""

    def __init__(self, config: pytest.Config, log: Producer, workers: Workers) -> None:
        super().__init__(config, log)
        self._pool = workers.pool

    def remove_pending_tests_from_node(self, node: WorkerController, indices: Sequence[int]) -> None:
        self._pool.deliver()
