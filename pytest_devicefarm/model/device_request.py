"""``--devicefarm-device``: the devices on which a run creates its sessions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import ConfigurationError
from .arn import parse_arn
from .condition import Condition, parse_conditions, quoted

MOST = 100  #: sessions that one text may ask for
_EXPECTED = "expected a filter such as platform=IOS,os>=17, a device's ARN, or instance=ARN, after N* for N sessions"


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """A device for one session, one that meets all ``conditions``. ``text`` is what the user wrote, without ``N*``."""

    text: str
    conditions: tuple[Condition, ...]

    @property
    def device_arn(self) -> str | None:
        """The device's ARN, where nothing else was asked for."""
        return self._only("arn")

    @property
    def instance_arn(self) -> str | None:
        """The ARN of a private device's instance, where nothing else was asked for."""
        return self._only("instance_arn")

    def _only(self, attribute: str) -> str | None:
        match self.conditions:
            case (Condition(found, "=", (value,)),) if found == attribute:
                return value
        return None


def parse_device_request(text: str) -> tuple[DeviceRequest, ...]:
    """Parse a filter, a device's ARN or ``instance=ARN``, each perhaps after ``N*``; raise `ConfigurationError`.

    There is one request for each session.
    """
    count, wanted = _count(text.strip())
    if not wanted:
        raise ConfigurationError(f"{quoted(text)} asks for no device: {_EXPECTED}")
    request = DeviceRequest(wanted, parse_conditions(f"arn={wanted}" if wanted.startswith("arn:") else wanted))
    if request.device_arn:
        parse_arn(request.device_arn, "device")
    if request.instance_arn:
        parse_arn(request.instance_arn, "deviceinstance")
        if count > 1:
            raise ConfigurationError(
                f"{quoted(text)} asks for {count} sessions on one instance, which has one at a time"
            )
    return (request,) * count


def _count(text: str) -> tuple[int, str]:
    """What stands before ``*``, 1 where there is none, and what stands after it."""
    head, star, rest = (part.strip() for part in text.partition("*"))
    if not star or re.search("[=<>]", head):  # an asterisk inside a value
        return 1, text
    if not re.fullmatch("[0-9]{1,3}", head) or not 1 <= int(head) <= MOST:
        raise ConfigurationError(
            f"{quoted(text)} asks for {quoted(head)} sessions: expected 1 to {MOST} before *, as in 3*platform=IOS"
        )
    return int(head), rest
