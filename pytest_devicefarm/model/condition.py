"""Conditions on a device, such as ``platform=IOS,os>=17,form_factor=PHONE``.

Attributes are those of ``DeviceFilterAttribute`` (service model) in snake_case, and ``name`` and ``model_id``, which
the service cannot filter by. A value holds neither a comma, which separates conditions, nor ``|``, which separates
alternatives.
"""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import ConfigurationError
from .session import Availability, Device, FormFactor, Platform

Version = tuple[int, ...]

_FORM = re.compile(r"(?P<attribute>[^=!<>]*)(?P<operator>!=|<=|>=|=|<|>)(?P<value>.*)")
_VERSION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})*")
_COMPARISONS: Mapping[str, Callable[[Version, Version], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_BOOLEANS = ("true", "false")
#: What a condition may ask for, where not everything goes.
_CHOICES: Mapping[str, Sequence[str]] = {
    "platform": [*Platform],
    "form_factor": [*FormFactor],
    "availability": [*Availability],
    "fleet_type": ["PUBLIC", "PRIVATE"],
    "remote_access_enabled": _BOOLEANS,
    "remote_debug_enabled": _BOOLEANS,
}
_SYNONYMS = {"os_version": "os", "instance": "instance_arn"}
_ATTRIBUTES = sorted(
    {*_CHOICES, *_SYNONYMS, "arn", "instance_arn", "instance_labels", "manufacturer", "model", "model_id", "name", "os"}
)


@dataclass(frozen=True, slots=True)
class Condition:
    """``attribute operator values``; with several values ``=`` asks for any of them, ``!=`` for none of them."""

    attribute: str
    operator: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.attribute}{self.operator}{'|'.join(self.values)}"

    def holds(self, device: Device) -> bool:
        """Whether the device meets it. What the device does not say meets nothing but ``!=``."""
        found = values_of(device, self.attribute)
        if self.operator in _COMPARISONS:
            compare = _COMPARISONS[self.operator]
            return any(compare(*_alike(has, wanted)) for has in found for wanted in self.values if version(has))
        equal = _same_version if self.attribute == "os" else _same_text
        return any(equal(has, wanted) for has in found for wanted in self.values) is (self.operator == "=")


def parse_conditions(text: str) -> tuple[Condition, ...]:
    """Parse conditions between commas; raise `ConfigurationError` for what is none."""
    return tuple(_parse_condition(part.strip()) for part in text.split(","))


def values_of(device: Device, attribute: str) -> list[str]:
    """What the device says of an attribute: one text, none where it is absent, several for those of its instances."""
    if attribute == "instance_arn":
        return [instance.arn for instance in device.instances if instance.arn]
    if attribute == "instance_labels":
        return [label for instance in device.instances for label in instance.labels]
    value: Any = getattr(device, attribute)
    return [] if value is None else [str(value)]


def version(text: str) -> Version:
    """The numbers that an OS version begins with: ``17.5 beta`` is 17 and 5; empty where there are none."""
    found = _VERSION.match(text)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def quoted(text: str) -> str:
    """``text`` in quotes, on one line and not too long, for an error."""
    return repr(text if len(text) <= 200 else f"{text[:200]}...")


def _same_text(has: str, wanted: str) -> bool:
    return has.casefold() == wanted.casefold()


def _same_version(has: str, wanted: str) -> bool:
    numbers, asked = _alike(has, wanted)
    return bool(version(has)) and numbers == asked


def _alike(has: str, wanted: str) -> tuple[Version, Version]:
    """Both versions with as many numbers as are wanted: 17 says nothing of what comes after it."""
    asked = version(wanted)
    numbers = version(has)[: len(asked)]
    return numbers + (0,) * (len(asked) - len(numbers)), asked


def _parse_condition(text: str) -> Condition:
    if not text:
        raise ConfigurationError("a condition is empty: expected ATTRIBUTE=VALUE between commas, such as platform=IOS")
    if not text.isprintable():
        raise ConfigurationError(f"the condition {quoted(text)} has unprintable characters")
    form = _FORM.fullmatch(text)
    if form is None:
        raise ConfigurationError(
            f"the condition {quoted(text)} has no operator: expected = != < <= > or >=, as in platform=IOS"
        )
    attribute = _attribute(form["attribute"].strip(), text)
    values = [value.strip() for value in form["value"].split("|")]
    sign = form["operator"]
    if sign in _COMPARISONS and attribute != "os":
        raise ConfigurationError(f"the condition {quoted(text)} compares: {sign} is for os only, others take = and !=")
    if sign in _COMPARISONS and len(values) > 1:
        raise ConfigurationError(f"the condition {quoted(text)} has alternatives: they are for = and != only")
    return Condition(attribute, sign, tuple(dict.fromkeys(_value(attribute, value, text) for value in values)))


def _attribute(name: str, text: str) -> str:
    attribute = name.lower()
    if attribute in _ATTRIBUTES:
        return _SYNONYMS.get(attribute, attribute)
    near = difflib.get_close_matches(attribute, _ATTRIBUTES, n=1)
    hint = f"did you mean {near[0]}? known are" if near else "known are"
    raise ConfigurationError(
        f"the condition {quoted(text)} has an unknown attribute {quoted(name)}: {hint} {', '.join(_ATTRIBUTES)}"
    )


def _value(attribute: str, value: str, text: str) -> str:
    if not value:
        raise ConfigurationError(f"the condition {quoted(text)} has an empty value")
    if value[0] in "=!<>":
        raise ConfigurationError(
            f"the condition {quoted(text)} has an operator too many: expected one of = != < <= > >= before its values"
        )
    if attribute == "os" and not _VERSION.fullmatch(value):
        raise ConfigurationError(
            f"the condition {quoted(text)} has no OS version: {quoted(value)} is no number such as 17 or 17.5.1"
        )
    if attribute not in _CHOICES:
        return value
    for choice in _CHOICES[attribute]:
        if _same_text(choice, value):
            return str(choice)
    raise ConfigurationError(
        f"the condition {quoted(text)} has an unknown value {quoted(value)}: "
        f"{attribute} is one of {', '.join(_CHOICES[attribute])}"
    )
