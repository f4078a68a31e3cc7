"""What a test needs of its session: ``@pytest.mark.devicefarm(platform="IOS", os=">=17", xcuitest=True)``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from ..errors import ConfigurationError
from .condition import Condition, parse_conditions, quoted
from .session import Device, DeviceInstance, InteractionMode, Platform, RemoteAccessSession
from .text import printable

_XCUITEST = "xcuitest=true"
_FORM = 'expected attributes by name, as in @pytest.mark.devicefarm(platform="IOS", os=">=17", xcuitest=True)'


@dataclass(frozen=True, slots=True)
class Requirement:
    """All of its conditions, and with ``xcuitest`` a session on which XCUITest runs. Its text crosses processes."""

    conditions: tuple[Condition, ...] = ()
    xcuitest: bool = False

    @classmethod
    def from_marker(cls, args: Sequence[object], kwargs: Mapping[str, object]) -> Self:
        """Read a marker's arguments; raise `ConfigurationError` for what states no requirement.

        A value is a text, a number, a bool, or a list, tuple or set of alternatives; None requires nothing. A text may
        begin with an operator, and that of ``os`` may hold several with commas: ``">=16,<18"``.
        """
        if args:
            raise ConfigurationError(f"@pytest.mark.devicefarm has the nameless argument {_shown(args[0])}: {_FORM}")
        xcuitest = kwargs.get("xcuitest")
        if not isinstance(xcuitest, bool | None):
            raise ConfigurationError(f"@pytest.mark.devicefarm: xcuitest is {_shown(xcuitest)}: expected True or False")
        given = {name: value for name, value in kwargs.items() if name != "xcuitest" and value is not None}
        try:
            conditions = [
                condition
                for name, value in given.items()
                for text in _conditions(name, value)
                for condition in parse_conditions(text)
            ]
        except ConfigurationError as error:
            raise ConfigurationError(f"@pytest.mark.devicefarm: {error}") from None
        return cls(tuple(dict.fromkeys(conditions)), bool(xcuitest))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what ``str()`` made."""
        parts = [part.strip() for part in text.split(",")] if text.strip() else []
        conditions = [part for part in parts if part != _XCUITEST]
        return cls(parse_conditions(",".join(conditions)) if conditions else (), _XCUITEST in parts)

    def __str__(self) -> str:
        return ",".join([*map(str, self.conditions), *([_XCUITEST] if self.xcuitest else [])])

    def __bool__(self) -> bool:
        return bool(self.conditions or self.xcuitest)

    def __and__(self, other: Requirement) -> Requirement:
        conditions = dict.fromkeys((*self.conditions, *other.conditions))
        return Requirement(tuple(conditions), self.xcuitest or other.xcuitest)

    def fits(self, session: RemoteAccessSession) -> bool:
        """Whether a test that needs this can run on the session, by what its reading knows."""
        device = _device_in_use(session)
        if self.xcuitest and not (
            device.platform is Platform.IOS and session.interaction_mode is not InteractionMode.INTERACTIVE
        ):
            return False
        return all(condition.holds(device) for condition in self.conditions)


def describe(session: RemoteAccessSession) -> str:
    """``Apple iPhone 15 Pro (iOS 17.5.1, PHONE, NO_VIDEO)``: a session in the words of requirements."""
    if session.device is None:
        return printable(session.label)
    return describe_device(session.device, session.interaction_mode)


def describe_device(device: Device, state: str | None) -> str:
    """``Apple iPhone 15 Pro (iOS 17.5.1, PHONE, AVAILABLE)``, without what is absent."""
    name = device.name or device.model or device.arn or "device"
    facts = ", ".join(fact for fact in (device.system, device.form_factor, state) if fact)
    return printable(f"{name} ({facts})" if facts else name)


def _device_in_use(session: RemoteAccessSession) -> Device:
    """The session's device with no instance but the session's own, where that is known."""
    device = session.device or Device()
    instance = session.instance or (DeviceInstance(arn=session.instance_arn) if session.instance_arn else None)
    return replace(device, instances=(instance,)) if instance else device


def _conditions(name: str, value: object) -> list[str]:
    """The conditions that one argument of the marker states."""
    if isinstance(value, str) and name in ("os", "os_version"):
        return [_condition(name, part.strip()) for part in value.split(",")]
    if isinstance(value, list | tuple | set | frozenset):
        # The order of a set differs from process to process.
        alternatives = [_plain(name, each) for each in value]
        ordered = sorted(alternatives) if isinstance(value, set | frozenset) else alternatives
        return [f"{name}={'|'.join(ordered)}"]
    return [_condition(name, _plain(name, value))]


def _condition(name: str, value: str) -> str:
    return f"{name}{value}" if value.startswith(("=", "!", "<", ">")) else f"{name}={value}"


def _plain(name: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        raise ConfigurationError(f"{name} is {_shown(value)}: expected a text, a number, a bool, or a list of them")
    text = str(value).strip()
    if "," in text:
        raise ConfigurationError(f"{name} is {_shown(value)}: no value has a comma; give alternatives as a list")
    return text


def _shown(value: Any) -> str:
    return quoted(value) if isinstance(value, str) else printable(repr(value))[:200]
