"""A session while it is played, and what it looks like at a moment."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .model import Unchecked
from .scenario import Session
from .structures import drop, merge
from .timeline import Moment, Timeline

#: Lines of its Appium server's log that a session keeps.
_LOG_LINES = 10_000


@dataclass
class LiveSession:
    """A session of the scenario or of a client, while it is played. Times are those of the emulator's clock."""

    plan: Session
    project: str
    #: All that does not change with time.
    base: dict[str, Any]
    created: float
    #: The unguessable part of the Appium endpoint's path: who knows it drives the device.
    token: str = field(repr=False)
    interactive_token: str = field(repr=False)
    #: Not begun while it waits for its first read.
    timeline: Timeline = field(default_factory=Timeline)
    #: Whether idling and lasting too long end it.
    limited: bool = False
    #: The slot and the instance that it has, and whether it waits for either.
    slot: str | None = None
    slot_at: float = 0.0
    instance: str | None = None
    waiting: bool = False
    #: Requests that the Appium endpoint has answered while the session was RUNNING.
    endpoint_requests: int = 0
    #: When it was last used; None: not yet.
    touched: float | None = None
    #: ARNs of uploads: the app, and those it replaced or that were installed beside it.
    app: str | None = None
    other_apps: tuple[str, ...] = ()
    #: With the times at which they were written.
    appium_log: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=_LOG_LINES), repr=False)

    @property
    def arn(self) -> str:
        """Its ARN."""
        return self.plan.arn

    def moment(self, now: float) -> Moment:
        """Where it stands; before its first read at the first of its steps."""
        if self.timeline.begun:
            return self.timeline.at(now)
        preview = Timeline()
        preview.turn(now, self.plan.steps)
        return preview.at(now)


def show(session: LiveSession, now: float, epoch: Callable[[float], float], url: str) -> dict[str, Any]:
    """A session as the API shows it at `now`: every field of the reference page and of the newest model.

    Which of them a client sees is up to the client's own model: botocore drops what it does not know.
    """
    plan, moment = session.plan, session.moment(now)
    completed = moment.step.status == "COMPLETED"
    interactive = f"wss://{url.removeprefix('http://')}/interactive/{session.interactive_token}"
    shown = session.base | {
        "arn": plan.arn,
        "name": plan.name,
        "created": epoch(session.created),
        "status": moment.step.status,
        "result": "PASSED" if completed else "PENDING",
        "endpoint": interactive,
        "endpoints": {
            "remoteDriverEndpoint": f"{url}/appium/{session.token}/wd/hub",
            "interactiveEndpoint": interactive,
        },
    }
    if "message" in shown and (device := shown["device"].get("name")):
        shown["message"] = f"Session on {device}"
    if session.app:
        shown["appUpload"] = session.app
    if session.instance:
        shown["instanceArn"] = session.instance
    if moment.on_device_at is not None:
        shown["started"] = epoch(moment.on_device_at)
    if moment.completed_at is not None:
        shown["stopped"] = epoch(moment.completed_at)
    shown = merge(merge(shown, plan.fields), moment.step.fields)
    if "deviceMinutes" not in shown:
        shown["deviceMinutes"] = _minutes(moment, now, shown.get("billingMethod") == "METERED")
    for path in plan.omit:
        drop(shown, path.split("."))
    return Unchecked(shown) if plan.unchecked else shown


def _minutes(moment: Moment, now: float, metered: bool) -> dict[str, float]:
    """Minutes on the device, set-up and tear-down included; they grow until COMPLETED."""
    total = 0.0
    if moment.on_device_at is not None:
        until = now if moment.completed_at is None else moment.completed_at
        total = round((until - moment.on_device_at) / 60, 2)
    return {"total": total, "metered": total if metered else 0.0, "unmetered": 0.0 if metered else total}
