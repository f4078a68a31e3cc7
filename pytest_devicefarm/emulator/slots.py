"""Who gets a device when: the account's quota, devices in use, the sessions that wait, and those whose time is up.

Nothing runs in the background. What becomes due by the clock waits in a heap, and is done, in its order and as of
its own time, when somebody next looks.
"""

import heapq
import math
from collections import Counter, defaultdict
from itertools import count

from . import example
from .devices import Devices
from .scenario import Scenario, Step
from .sessions import LiveSession
from .structures import merge

#: Guide, limits: "a 150-minute hard limit to the duration of a remote access session".
MOST_SECONDS = 150 * 60.0
#: Guide, appium-endpoint-interaction: "if there is no activity for more than 5 minutes ... the session times out".
IDLE_SECONDS = 5 * 60.0


class Slots:
    """The slots of the account. Not for two threads at once: `Farm` holds its lock around each call."""

    def __init__(self, scenario: Scenario) -> None:
        self.devices = Devices(scenario, self.occupied)
        #: When `settle` has something to do next.
        self.next_due = math.inf
        self._scenario = scenario
        account = merge(example.ACCOUNT_SETTINGS, scenario.account)
        self._unmetered = account["unmeteredRemoteAccessDevices"]
        self._waiting: list[LiveSession] = []
        self._slots: Counter[str] = Counter()
        self._holders: defaultdict[str, set[str]] = defaultdict(set)
        self._due: list[tuple[float, int, LiveSession]] = []
        self._number = count()

    def occupied(self, instance: str) -> bool:
        """Whether a session has this instance of a private device."""
        return bool(self._holders.get(instance))

    def hold(self, session: LiveSession, instance: str) -> None:
        """Give a session of the scenario its instance: it asks for no slot."""
        session.instance = instance
        self._holders[instance].add(session.arn)

    def watch(self, session: LiveSession) -> None:
        """Note when a session's time will be up; what touches it later only moves that back."""
        self._push(self._end_of(session), session)

    def join(self, session: LiveSession, at: float) -> None:
        """A new session asks for a slot and a device."""
        session.waiting = True
        self._waiting.append(session)
        self._admit(at)

    def stop(self, session: LiveSession, at: float, message: str | None = None) -> None:
        """End a session: STOPPING, then COMPLETED. One that ends already goes on as it does."""
        if session.timeline.at(at).step.status in ("STOPPING", "COMPLETED"):
            return
        if session.waiting:
            self._leave(session)
        final = {"result": "STOPPED"} | ({"message": message} if message else {})
        stopping = Step("STOPPING", self._scenario.stop_seconds)
        session.timeline.turn(at, (stopping, Step("COMPLETED", fields=final)))
        self.watch(session)

    def settle(self, now: float) -> None:
        """Do all that has become due by `now`."""
        while self._due and self._due[0][0] <= now:
            at, _, session = heapq.heappop(self._due)
            if session.waiting:
                self._admit(at)
            elif (end := self._end_of(session)) > at:
                self._push(end, session)
            elif session.timeline.first("COMPLETED") <= at:
                self._release(session)
                self._admit(at)
            else:
                self.stop(session, at, self._why(session, at))
        self.next_due = self._due[0][0] if self._due else math.inf

    def _admit(self, at: float) -> None:
        """Let those in for whom there is room, first come first served; the others wait for what they lack."""
        for session in list(self._waiting):
            if not session.slot and not self._take_slot(session, at):
                self._wait(session, "PENDING_CONCURRENCY", at)
            elif not self._take_device(session, at):
                self._wait(session, "PENDING_DEVICE", at)
            else:
                self._leave(session)
                session.timeline.turn(at, self._scenario.boot)
                self.watch(session)

    def _take_slot(self, session: LiveSession, at: float) -> bool:
        if session.base["billingMethod"] == "METERED":
            kind, most = "METERED", self._scenario.metered_slots
        else:
            kind = session.base["device"]["platform"]
            most = self._unmetered.get(kind, 0)
        if self._slots[kind] >= most:
            return False
        self._slots[kind] += 1
        session.slot, session.slot_at = kind, at
        return True

    def _take_device(self, session: LiveSession, at: float) -> bool:
        device = session.base["device"]
        if device.get("instances"):
            wanted = session.base.get("instanceArn")
            for instance in device["instances"]:
                fits = wanted in (None, instance["arn"]) and instance["status"] == "AVAILABLE"
                if fits and not self.occupied(instance["arn"]):
                    self.hold(session, instance["arn"])
                    session.base |= {"deviceUdid": instance["udid"], "device": self.devices.now(device)}
                    return True
            return False
        if device.get("availability") not in ("BUSY", "TEMPORARY_NOT_AVAILABLE"):
            return True
        # In use by other accounts: for how long only the scenario knows.
        free_at = session.slot_at + self._scenario.busy_seconds
        if at < free_at:
            self._push(free_at, session)
        return at >= free_at

    def _wait(self, session: LiveSession, status: str, at: float) -> None:
        if not session.timeline.begun or session.timeline.at(at).step.status != status:
            session.timeline.turn(at, (Step(status),))

    def _leave(self, session: LiveSession) -> None:
        session.waiting = False
        self._waiting.remove(session)

    def _release(self, session: LiveSession) -> None:
        if session.slot:
            self._slots[session.slot] -= 1
            session.slot = None
        if session.instance:
            self._holders[session.instance].discard(session.arn)

    def _end_of(self, session: LiveSession) -> float:
        """When a session's time is up, unless somebody touches it."""
        timeline = session.timeline
        completed = timeline.first("COMPLETED")
        if not session.limited or timeline.first("STOPPING") < math.inf:
            return completed
        running = timeline.first("RUNNING")
        on_device = min(timeline.first("PREPARING"), running)
        idle = max(running, session.touched or 0.0)
        return min(completed, on_device + MOST_SECONDS, idle + IDLE_SECONDS)

    def _why(self, session: LiveSession, at: float) -> str:
        on_device = min(session.timeline.first("PREPARING"), session.timeline.first("RUNNING"))
        if at >= on_device + MOST_SECONDS:
            return "The session reached its limit of 150 minutes"
        return "The session timed out after 5 minutes without activity"

    def _push(self, at: float, session: LiveSession) -> None:
        if at < math.inf:
            heapq.heappush(self._due, (at, next(self._number), session))
            self.next_due = self._due[0][0]
