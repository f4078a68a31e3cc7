"""Where a test's process gets its session from: the controller in a single process, a channel in a worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, Self

from ..model.requirement import Requirement, describe
from ..model.session import RemoteAccessSession
from ..settings import ClientSettings


@dataclass(frozen=True)
class Grant:
    """A session that is RUNNING and checked, as the process that drives it needs to know it."""

    session: RemoteAccessSession
    properties: list[tuple[str, str]]  #: what each test that uses it reports
    warning: str | None  #: of the XCUITest rule, for the first test that uses it
    ahead: float | None = None  #: seconds that AWS's clock is ahead; None where no test reports when it ran

    def to_wire(self) -> dict[str, Any]:
        return {
            "session": self.session.to_wire(),
            "properties": [list(each) for each in self.properties],
            "warning": self.warning,
            "ahead": self.ahead,
        }

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> Self:
        properties = [(name, value) for name, value in wire["properties"]]
        return cls(RemoteAccessSession.from_response(wire["session"]), properties, wire["warning"], wire["ahead"])

    def misfit(self, requirement: Requirement) -> Skip | None:
        """Why a test cannot run on this session, None where it can."""
        if requirement.fits(self.session):
            return None
        return Skip(f"needs a device with {requirement}; this one is {describe(self.session)}")


class Skip(NamedTuple):
    """Why a test does not run. ``lost``: it could have, had its session not ended."""

    reason: str
    lost: bool = False


class Loss(NamedTuple):
    """How a session ended under a test. ``again``: there is another one now, and the test should run again."""

    message: str
    again: bool


class Provider(Protocol):
    """One for each process that runs tests."""

    @property
    def grant(self) -> Grant | None:
        """The session in use now, None as long as there is none."""

    @property
    def client_settings(self) -> ClientSettings:
        """How this run reaches AWS."""

    @property
    def ends_run(self) -> bool:
        """Whether a failed `acquire` ends the run in this process; else the controller ends it."""

    def acquire(self) -> Grant:
        """Wait for the session; raise `DeviceFarmError` where there will be none."""

    def reason_to_skip(self, nodeid: str, requirement: Requirement) -> Skip | None:
        """Why a test that needs a session cannot run, None where it can; waits for the session. Raises as `acquire`."""

    def broke(self) -> Loss | None:
        """A test that used the session has failed: find out whether the session is to blame, None where it lives."""

    def install(self, app: str, session: str) -> dict[str, Any]:
        """Install an app, an ARN or the controller's file, into the session with this ARN; see `farm.install`."""
