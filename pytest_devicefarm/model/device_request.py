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
    """One session's device: what ``conditions`` hold for.

    An ARN that was asked for is a condition too; ``device_arn`` or ``instance_arn`` is set where it is the only one.
    """

    text: str
    conditions: tuple[Condition, ...]
    device_arn: str | None = None
    instance_arn: str | None = None


def parse_device_request(text: str) -> tuple[DeviceRequest, ...]:
    """Parse a filter, a device's ARN or ``instance=ARN``, each perhaps after ``N*``; raise `ConfigurationError`.

    There is one request for each session.
    """
    count, wanted = _count(text.strip())
    if not wanted:
        raise ConfigurationError(f"{quoted(text)} asks for no device: {_EXPECTED}")
    request = _parse_one(wanted)
    if request.instance_arn and count > 1:
        raise ConfigurationError(
            f"{quoted(text)} asks for {count} sessions on one instance, which has one at a time: "
            f"give instance={request.instance_arn} once"
        )
    return (request,) * count


def _parse_one(text: str) -> DeviceRequest:
    name, sign, value = ("arn", "=", text) if text.startswith("arn:") else text.partition("=")
    name, value = name.strip().lower(), value.strip()
    if sign and "," not in value and "|" not in value:
        if name == "arn":
            arn = str(parse_arn(value, "device"))
            return DeviceRequest(text, (Condition("arn", "=", (arn,)),), device_arn=arn)
        if name in ("instance", "instance_arn"):
            arn = str(parse_arn(value, "deviceinstance"))
            return DeviceRequest(text, (Condition("instance_arn", "=", (arn,)),), instance_arn=arn)
    return DeviceRequest(text, parse_conditions(text))


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
