"""What the emulator plays: sessions, their statuses over time, devices, faults. Plain data, no server."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

ACCOUNT = "123456789101"
REGION = "us-west-2"
ARN_PREFIX = f"arn:aws:devicefarm:{REGION}:{ACCOUNT}"
USER_ARN = f"arn:aws:iam::{ACCOUNT}:user/emulator"

#: The example of the GetRemoteAccessSession reference page.
EXAMPLE_SESSION_ARN = f"{ARN_PREFIX}:session:EXAMPLE-GUID-123-456"
EXAMPLE_PROJECT_ARN = f"{ARN_PREFIX}:project:EXAMPLE-GUID-123-456"
EXAMPLE_APP_ARN = f"{ARN_PREFIX}:upload:EXAMPLE-GUID-123-456/EXAMPLE-APP-123-456"

FAULT_KINDS = (
    "throttling",
    "limit-exceeded",
    "argument",
    "not-found",
    "service-account",
    "access-denied",
    "expired-token",
    "invalid-token",
    "server-error",
    "bad-gateway",
    "unavailable",
    "drop",
    "lost-answer",
    "hang",
    "garbage",
    "empty",
    "slow",
)

#: Which calls of an operation a fault hits: their numbers from 1, all of them, or `{"every": n}`.
WhichCalls = Sequence[int] | Literal["all"] | Mapping[str, int]


class ScenarioError(ValueError):
    """A scenario that cannot be played. One line: where, which key, what is allowed."""


@dataclass(frozen=True)
class Step:
    """A stretch of a session's life.

    `seconds` is how long it lasts on the emulator's clock: None is for ever, and so is the last step,
    whatever it says. `fields`, in the API's own names, hold while the step does.
    """

    status: str
    seconds: float | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.seconds is not None and not (math.isfinite(self.seconds) and self.seconds >= 0):
            raise ScenarioError(f"step {self.status}: seconds must be 0 or more, not {self.seconds!r}")


#: How a session that a client creates comes up. Real devices take 60 to 180 s; nobody learns from that wait.
BOOT = (Step("PENDING", 0.2), Step("SCHEDULING", 0.2), Step("PREPARING", 1), Step("RUNNING"))


@dataclass(frozen=True)
class Session:
    """A remote access session: the reference page's complete iOS session, with `fields` merged over it.

    A field of None is sent as JSON null; `omit` names fields that are not sent at all, dotted where they are
    nested (`device.cpu`). `project` is the name or ARN of one of the scenario's projects, by default the
    first.

    The timeline of `steps` begins when the server starts or, with `from_first_read`, at the first
    GetRemoteAccessSession that names the session. `endpoint_bad_answers` is how many requests the Appium
    endpoint answers with 400 once the session is RUNNING. An `unchecked` session may break the service model,
    to play a broken server; of any other, a field that does not fit the model is answered with HTTP 500.

    A session of the scenario does what its steps say: it takes no part in the account's quota, and only with
    `limits` does it end after 5 idle minutes or 150 in all. Sessions that clients create obey all of that.
    """

    arn: str = EXAMPLE_SESSION_ARN
    name: str = "EXAMPLE session"
    fields: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Step, ...] = (Step("RUNNING"),)
    project: str | None = None
    omit: tuple[str, ...] = ()
    endpoint_bad_answers: int = 0
    from_first_read: bool = False
    unchecked: bool = False
    limits: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.steps:
            raise ScenarioError(f"session {self.arn}: needs at least one step")


@dataclass(frozen=True)
class Project:
    """A project; `fields`, in the API's own names, are merged over a complete one."""

    arn: str = EXAMPLE_PROJECT_ARN
    name: str = "Example project"
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Device:
    """A device beside the catalogue's, or one of them with other fields.

    `fields`, in the API's own names, are merged over the catalogue's device of that ARN, else over the
    reference page's iPhone.
    """

    arn: str
    name: str
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Upload:
    """An app that was uploaded and processed before; `project` as for a session, `fields` as in the API."""

    arn: str = EXAMPLE_APP_ARN
    name: str = "Example.ipa"
    type: str = "IOS_APP"
    project: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


#: What may be wrong with a file: HTTP 503; HTTP 404; it breaks off; it stops half-way for ever; it never ends.
ARTIFACT_FAULTS = ("unavailable", "missing", "cut", "hang", "endless")


@dataclass(frozen=True)
class Artifact:
    """Files that every session leaves behind beside its logs and its video: `count` of them, with numbers in the name.

    `category` is what ListArtifacts is asked for: FILE, LOG or SCREENSHOT; `type` any text, also one that the service
    model does not know. They are there `seconds` after the session's end, on the clock. A `png` is a small picture,
    anything else `size` bytes. `fault` is one of ARTIFACT_FAULTS.
    """

    name: str = "Screenshot"
    category: str = "SCREENSHOT"
    type: str = "SCREENSHOT"
    extension: str = "png"
    count: int = 1
    seconds: float = 0.0
    size: int = 1000
    fault: str | None = None

    def __post_init__(self) -> None:
        if self.category not in ("FILE", "LOG", "SCREENSHOT"):
            raise ScenarioError(
                f"artifact {self.name}: category must be FILE, LOG or SCREENSHOT, not {self.category!r}"
            )
        if self.fault is not None and self.fault not in ARTIFACT_FAULTS:
            raise ScenarioError(
                f"artifact {self.name}: fault must be one of {', '.join(ARTIFACT_FAULTS)}, not {self.fault!r}"
            )
        if self.count < 1 or self.size < 0 or not (math.isfinite(self.seconds) and self.seconds >= 0):
            raise ScenarioError(f"artifact {self.name}: count must be 1 or more, size and seconds 0 or more")


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong with some calls of an operation (`*`: of any).

    `seconds` is how long a `hang` or a `slow` body takes on the emulator's clock: by default a hang lasts
    until the server stops, a slow body takes 1 s. `message` replaces the error's own. Of `garbage`, a body that
    is not JSON, botocore makes an answer without members, as of `empty`.
    """

    operation: str
    kind: str
    calls: WhichCalls = "all"
    message: str | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in FAULT_KINDS:
            raise ScenarioError(f"fault kind {self.kind!r}: must be one of {', '.join(FAULT_KINDS)}")
        if not _valid_calls(self.calls):
            raise ScenarioError(
                f'fault {self.kind}: calls must be numbers from 1 such as [1, 2], "all", or {{"every": n}}, '
                f"not {self.calls!r}"
            )
        if self.seconds is not None and not (math.isfinite(self.seconds) and self.seconds >= 0):
            raise ScenarioError(f"fault {self.kind}: seconds must be 0 or more, not {self.seconds!r}")

    def hits(self, number: int) -> bool:
        """Whether the `number`-th call, counted from 1, is hit."""
        if isinstance(self.calls, Mapping):
            return number % self.calls["every"] == 0
        return self.calls == "all" or number in self.calls


@dataclass(frozen=True)
class Scenario:
    """Everything an emulator plays. `page_size` is that of the lists; `speed` that of its clock.

    `devices` stand beside the shipped catalogue, unless `catalogue` is false. `boot` is what a created session
    goes through once it has a slot and a device. `account` is merged over the settings that GetAccountSettings
    shows; `metered_slots` is how many metered sessions may be on devices at once. All seconds are the clock's:
    of STOPPING, of an upload's PROCESSING, until a session's video is there (5 to 10 minutes at AWS), and until
    a BUSY public device is free.

    `rate_limits` are the guide's. They are on, as a run that is throttled here would be throttled there; on a
    clock that is stepped by hand no bucket fills up again before it is stepped.

    `iam` is the identity-based policy of the caller, in IAM's own JSON; without one everything is allowed.
    """

    sessions: tuple[Session, ...] = (Session(),)
    projects: tuple[Project, ...] = (Project(),)
    faults: tuple[Fault, ...] = ()
    page_size: int = 100
    speed: float = 1.0
    devices: tuple[Device, ...] = ()
    uploads: tuple[Upload, ...] = (Upload(),)
    artifacts: tuple[Artifact, ...] = ()
    catalogue: bool = True
    boot: tuple[Step, ...] = BOOT
    account: Mapping[str, Any] = field(default_factory=dict)
    metered_slots: int = 2
    rate_limits: bool = True
    stop_seconds: float = 2.0
    upload_seconds: float = 1.0
    video_seconds: float = 300.0
    busy_seconds: float = 60.0
    iam: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if not self.projects:
            raise ScenarioError("a scenario needs at least one project")
        if self.page_size < 1:
            raise ScenarioError(f"page_size must be 1 or more, not {self.page_size!r}")
        if not (math.isfinite(self.speed) and self.speed >= 0):
            raise ScenarioError(f"speed must be 0 (stepped by hand) or more, not {self.speed!r}")
        for name in ("stop_seconds", "upload_seconds", "video_seconds", "busy_seconds", "metered_slots"):
            if not (math.isfinite(value := getattr(self, name)) and value >= 0):
                raise ScenarioError(f"{name} must be 0 or more, not {value!r}")
        if not self.boot:
            raise ScenarioError("boot needs at least one step")
        owned: list[Session | Upload] = [*self.sessions, *self.uploads]
        named: list[Session | Upload | Project | Device] = [*owned, *self.projects, *self.devices]
        arns = [entry.arn for entry in named]
        if double := [arn for arn, times in Counter(arns).items() if times > 1]:
            raise ScenarioError(f"the arn {double[0]} is there more than once: give each its own")
        for entry in owned:
            self.project_of(entry)

    def project_of(self, entry: Session | Upload) -> Project:
        """The project that a session or an upload belongs to.

        Raises ScenarioError where it names none of the scenario's.
        """
        if entry.project is None:
            return self.projects[0]
        for project in self.projects:
            if entry.project in (project.arn, project.name):
                return project
        known = ", ".join(project.name for project in self.projects)
        kind = type(entry).__name__.lower()
        raise ScenarioError(f"{kind} {entry.arn}: there is no project {entry.project!r}, only: {known}")


def _valid_calls(calls: object) -> bool:
    if isinstance(calls, Mapping):
        return list(calls) == ["every"] and _count(calls["every"])
    if isinstance(calls, str):
        return calls == "all"
    return isinstance(calls, Sequence) and all(_count(number) for number in calls)


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
