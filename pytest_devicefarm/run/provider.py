"""Where a test's process gets its session from: the controller in a single process, a channel in a worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, Self

from ..model.session import RemoteAccessSession
from ..settings import ClientSettings


@dataclass(frozen=True)
class Grant:
    """A session that is RUNNING and checked, as the process that drives it needs to know it."""

    session: RemoteAccessSession
    properties: list[tuple[str, str]]  #: what each test that uses it reports
    warning: str | None  #: of the XCUITest rule, for the first test that uses it

    def to_wire(self) -> dict[str, Any]:
        return {
            "session": self.session.to_wire(),
            "properties": [list(each) for each in self.properties],
            "warning": self.warning,
        }

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> Self:
        properties = [(name, value) for name, value in wire["properties"]]
        return cls(RemoteAccessSession.from_response(wire["session"]), properties, wire["warning"])


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

    def install(self, app: str, session: str) -> dict[str, Any]:
        """Install an app, an ARN or the controller's file, into the session with this ARN; see `farm.install`."""
