"""A place in the pool."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import DeviceFarmError
from ..model.arn import SessionReference
from ..model.device_request import DeviceRequest
from ..model.requirement import Requirement, describe
from ..model.session import RemoteAccessSession
from .acquisition import Acquisition
from .provider import Grant


@dataclass(eq=False)
class Slot:
    """A place in the pool, filled by one session at a time: an attached one, or created ones after each other."""

    number: int  #: from 1, in the order in which the user named them
    reference: SessionReference | None = None
    request: DeviceRequest | None = None
    acquisition: Acquisition | None = None
    grant: Grant | None = None  #: None while the session is not ready, and once it is lost
    failure: DeviceFarmError | None = None  #: why there will be no session (any more)
    session: RemoteAccessSession | None = None  #: the last reading
    lost: list[RemoteAccessSession] = field(default_factory=list)  #: those that ended while tests ran
    looked_at: float = float("-inf")  #: of the monotonic clock, after a failure

    @property
    def settled(self) -> bool:
        return self.grant is not None or self.failure is not None

    @property
    def sessions(self) -> list[RemoteAccessSession]:
        """Those that filled this place, the last one as it was read last."""
        last = self.session
        return [*(each for each in self.lost if last is None or each.arn != last.arn), *([last] if last else [])]

    @property
    def replaced(self) -> list[RemoteAccessSession]:
        """Those that were lost, and another one took their place."""
        return self.sessions[:-1]

    def may_fit(self, requirement: Requirement) -> bool:
        """Whether a test could run here, now or once the session is ready."""
        if self.failure is not None:
            return False
        known = self.grant is not None or (self.session is not None and self.session.device is not None)
        return not known or self.session is None or requirement.fits(self.session)

    @property
    def device_name(self) -> str:
        device = self.session.device if self.session else None
        return (device and (device.name or device.model)) or f"session {self.number}"

    def __str__(self) -> str:
        if self.session is not None:
            return describe(self.session)
        return self.request.text if self.request else str(self.reference)
