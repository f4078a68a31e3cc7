"""The filters of ListDevices: which operators each attribute has is written in the model, at DeviceFilter."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .errors import ApiError

Device = Mapping[str, Any]
Version = tuple[int, ...]

_ONE = frozenset({"EQUALS"})
_SET = _ONE | {"IN", "NOT_IN"}
_ORDER = frozenset({"LESS_THAN", "LESS_THAN_OR_EQUALS", "GREATER_THAN", "GREATER_THAN_OR_EQUALS"})

_OPERATORS = {
    "ARN": _SET,
    "PLATFORM": _ONE,
    "OS_VERSION": _SET | _ORDER,
    "MODEL": _SET | {"CONTAINS"},
    "AVAILABILITY": _ONE,
    "FORM_FACTOR": _ONE,
    "MANUFACTURER": _SET,
    "REMOTE_ACCESS_ENABLED": _ONE,
    "REMOTE_DEBUG_ENABLED": _ONE,
    "INSTANCE_ARN": _SET,
    "INSTANCE_LABELS": frozenset({"CONTAINS"}),
    "FLEET_TYPE": _ONE,
}

#: What a filter may ask for, where not everything goes.
_VALUES = {
    "PLATFORM": ("ANDROID", "IOS"),
    "AVAILABILITY": ("AVAILABLE", "HIGHLY_AVAILABLE", "BUSY", "TEMPORARY_NOT_AVAILABLE"),
    "FORM_FACTOR": ("PHONE", "TABLET"),
    "REMOTE_ACCESS_ENABLED": ("TRUE", "FALSE"),
    "REMOTE_DEBUG_ENABLED": ("TRUE", "FALSE"),
    "FLEET_TYPE": ("PUBLIC", "PRIVATE"),
}

_FIELDS = {
    "ARN": "arn",
    "PLATFORM": "platform",
    "MODEL": "model",
    "AVAILABILITY": "availability",
    "FORM_FACTOR": "formFactor",
    "MANUFACTURER": "manufacturer",
    "FLEET_TYPE": "fleetType",
}


def chosen(devices: Sequence[dict[str, Any]], filters: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Those of `devices` that all `filters` let through.

    Raises ApiError for a filter that the service does not take.
    """
    tests = [_test(each["attribute"], each["operator"], each["values"]) for each in filters]
    return [device for device in devices if all(test(device) for test in tests)]


def version(text: str) -> Version:
    """An OS version as numbers, without zeros at the end: 17.0 is 17. Raises ValueError for what is none."""
    if not text.isascii():
        raise ValueError(text)
    numbers = [int(part) for part in text.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _test(attribute: str, operator: str, values: Sequence[str]) -> Callable[[Device], bool]:
    if operator not in _OPERATORS[attribute]:
        allowed = ", ".join(sorted(_OPERATORS[attribute]))
        raise ApiError("ArgumentException", f"The filter {attribute} takes {allowed}, not {operator}")
    if not values or (len(values) > 1 and operator not in ("IN", "NOT_IN")):
        raise ApiError("ArgumentException", f"The filter {attribute} {operator} takes one value, not {len(values)}")
    if attribute in _VALUES and values[0].upper() not in _VALUES[attribute]:
        allowed = ", ".join(_VALUES[attribute])
        raise ApiError("ArgumentException", f"The filter {attribute} takes {allowed}, not {values[0]!r}")
    if attribute == "REMOTE_DEBUG_ENABLED":
        # Model: "Because remote debugging is no longer supported, this attribute is ignored."
        return lambda device: True
    if attribute == "OS_VERSION":
        return _version_test(operator, values)
    return lambda device: _fits(_values_of(device, attribute), operator, values)


def _version_test(operator: str, values: Sequence[str]) -> Callable[[Device], bool]:
    try:
        wanted = [version(value) for value in values]
    except ValueError:
        raise ApiError("ArgumentException", f"{values[0]!r} is no OS version such as 10.3.2") from None

    def test(device: Device) -> bool:
        has = version(device["os"])
        return {
            "EQUALS": has == wanted[0],
            "IN": has in wanted,
            "NOT_IN": has not in wanted,
            "LESS_THAN": has < wanted[0],
            "LESS_THAN_OR_EQUALS": has <= wanted[0],
            "GREATER_THAN": has > wanted[0],
            "GREATER_THAN_OR_EQUALS": has >= wanted[0],
        }[operator]

    return test


def _values_of(device: Device, attribute: str) -> list[str]:
    instances = device.get("instances", ())
    if attribute == "INSTANCE_ARN":
        return [instance["arn"] for instance in instances]
    if attribute == "INSTANCE_LABELS":
        return [label for instance in instances for label in instance.get("labels", ())]
    if attribute == "REMOTE_ACCESS_ENABLED":
        return ["TRUE" if device.get("remoteAccessEnabled") else "FALSE"]
    return [str(device.get(_FIELDS[attribute], ""))]


def _fits(has: Sequence[str], operator: str, values: Sequence[str]) -> bool:
    if operator == "CONTAINS":
        return any(values[0] in value for value in has)
    if operator == "EQUALS":
        values = [values[0], values[0].upper()]
    found = any(value in values for value in has)
    return not found if operator == "NOT_IN" else found
