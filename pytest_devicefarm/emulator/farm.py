"""The sessions and projects that a scenario plays, and what each looks like at this moment."""

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import example
from .clock import Clock
from .model import Unchecked
from .scenario import Project, Scenario, Session, Step

_ON_DEVICE = ("PREPARING", "RUNNING")


@dataclass
class LiveSession:
    """A session of the scenario, while it is played."""

    plan: Session
    project: Project
    #: The unguessable part of the Appium endpoint's path: who knows it drives the device.
    token: str = field(repr=False)
    interactive_token: str = field(repr=False)
    #: When its timeline began, on the emulator's clock; None while it waits for its first read.
    began: float | None
    #: Requests that the Appium endpoint has answered while the session was RUNNING.
    endpoint_requests: int = 0
    #: When its Appium endpoint was last used, on the emulator's clock; None: not yet.
    touched: float | None = None
    #: Files on this machine, for Appium: the app, and those it replaced or that were installed beside it.
    app: str | None = None
    other_apps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Moment:
    """Where on its timeline a session is. Times are seconds since the timeline began; None: not yet."""

    step: Step
    on_device_at: float | None
    completed_at: float | None


class Farm:
    """All that the emulator knows, behind one lock where it changes."""

    def __init__(self, scenario: Scenario, clock: Clock, url: str) -> None:
        self.url = url
        self.page_size = scenario.page_size
        self._clock = clock
        self._opened = clock.now()
        self._opened_epoch = time.time()
        self._lock = threading.Lock()
        self.projects = {project.arn: project for project in scenario.projects}
        self.sessions = {plan.arn: self._admit(plan, scenario) for plan in scenario.sessions}
        self._by_token = {session.token: session for session in self.sessions.values()}

    def project(self, project: Project) -> dict[str, Any]:
        """A project as the API shows it."""
        shown = {"arn": project.arn, "name": project.name, "created": self._epoch(self._opened)}
        return merge(shown | example.PROJECT, project.fields)

    def sessions_of(self, project: Project) -> list[LiveSession]:
        """The project's sessions, in the scenario's order."""
        return [session for session in self.sessions.values() if session.project is project]

    def first_read(self, session: LiveSession) -> None:
        """Begin the timeline of a session that waits for its first read."""
        with self._lock:
            if session.began is None:
                session.began = self._clock.now()

    def session(self, session: LiveSession) -> dict[str, Any]:
        """A session as the API shows it now: every field of the reference page and of the newest model.

        Which of them a client sees is up to the client's own model: botocore drops what it does not know.
        """
        now = self._clock.now()
        began = now if session.began is None else session.began
        moment = moment_at(session.plan.steps, now - began)
        plan = session.plan
        shown: dict[str, Any] = {
            "arn": plan.arn,
            "name": plan.name,
            "created": self._epoch(self._opened),
            "status": moment.step.status,
            "result": "PASSED" if moment.step.status == "COMPLETED" else "PENDING",
            "endpoint": self._interactive_url(session),
            "endpoints": {
                "remoteDriverEndpoint": f"{self.url}/appium/{session.token}/wd/hub",
                "interactiveEndpoint": self._interactive_url(session),
            },
        }
        if moment.on_device_at is not None:
            shown["started"] = self._epoch(began + moment.on_device_at)
        if moment.completed_at is not None:
            shown["stopped"] = self._epoch(began + moment.completed_at)
        shown = merge(merge(example.SESSION | shown, plan.fields), moment.step.fields)
        if "deviceMinutes" not in shown:
            shown["deviceMinutes"] = _minutes(moment, now - began, shown.get("billingMethod") == "METERED")
        for path in plan.omit:
            _drop(shown, path.split("."))
        return Unchecked(shown) if plan.unchecked else shown

    def at_endpoint(self, token: str) -> LiveSession | None:
        """The session behind an Appium endpoint, if it is open: known and RUNNING."""
        session = self._by_token.get(token)
        return session if session is not None and self.is_running(session) else None

    def is_running(self, session: LiveSession) -> bool:
        """Whether a session's Appium endpoint is open."""
        return bool(self.session(session).get("status") == "RUNNING")

    def touch(self, session: LiveSession) -> None:
        """Note activity: a session that has none for a while ends.

        Whether Appium's `/status` counts is unknown (guide: appium-endpoint-interaction), so it does not.
        """
        session.touched = self._clock.now()

    def apps(self, session: LiveSession) -> tuple[str | None, tuple[str, ...]]:
        """The session's app and the others on its device, as files on this machine."""
        return session.app, session.other_apps

    def endpoint_is_warm(self, session: LiveSession) -> bool:
        """Count a request at a session's Appium endpoint; False for the first few after RUNNING."""
        with self._lock:
            session.endpoint_requests += 1
            return session.endpoint_requests > session.plan.endpoint_bad_answers

    def _admit(self, plan: Session, scenario: Scenario) -> LiveSession:
        began = None if plan.from_first_read else self._opened
        token, interactive = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        return LiveSession(plan, scenario.project_of(plan), token, interactive, began)

    def _epoch(self, clock_time: float) -> float:
        """A time of the clock in seconds since 1970, to the millisecond as AWS sends them."""
        return round(self._opened_epoch + clock_time - self._opened, 3)

    def _interactive_url(self, session: LiveSession) -> str:
        return f"wss://{self.url.removeprefix('http://')}/interactive/{session.interactive_token}"


def moment_at(steps: tuple[Step, ...], elapsed: float) -> Moment:
    """Where a timeline stands `elapsed` seconds after it began."""
    on_device_at = completed_at = None
    begins = 0.0
    for number, step in enumerate(steps, 1):
        if on_device_at is None and step.status in _ON_DEVICE:
            on_device_at = begins
        if completed_at is None and step.status == "COMPLETED":
            completed_at = begins
        if number == len(steps) or step.seconds is None or elapsed < begins + step.seconds:
            break
        begins += step.seconds
    return Moment(step, on_device_at, completed_at)


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid over `base`: structures member by member, everything else replaced. Neither is changed."""
    merged = dict(base)
    for name, value in over.items():
        below = merged.get(name)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            value = merge(below, value)
        merged[name] = value
    return merged


def _minutes(moment: Moment, elapsed: float, metered: bool) -> dict[str, float]:
    """Minutes on the device, set-up and tear-down included; they grow until COMPLETED."""
    total = 0.0
    if moment.on_device_at is not None:
        until = elapsed if moment.completed_at is None else moment.completed_at
        total = round((until - moment.on_device_at) / 60, 2)
    return {"total": total, "metered": total if metered else 0.0, "unmetered": 0.0 if metered else total}


def _drop(shown: dict[str, Any], path: list[str]) -> None:
    """Take out a nested member; the structures on the way are copied, as they may be shared."""
    name, *rest = path
    if not rest:
        shown.pop(name, None)
    elif isinstance(shown.get(name), Mapping):
        shown[name] = dict(shown[name])
        _drop(shown[name], rest)
