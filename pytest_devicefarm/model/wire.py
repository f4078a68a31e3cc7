"""Between parsed responses, models, and plain data for other processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from math import isfinite
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from .secret import Secret, hide

T = TypeVar("T")


def read(model: type[T], response: Mapping[str, Any]) -> T:
    """Make ``model``, a dataclass, of a mapping with camelCase names.

    A value that is null or of another type than the field's is None: a broken answer must not break the run.
    """
    values: dict[str, Any] = {}
    for name, (camel, kind) in _fields(model).items():  # type: ignore[arg-type]  # classes are hashable
        if response.get(camel) is not None:
            values[name] = _value(kind, response[camel])
    return model(raw=hide(response), **values)  # type: ignore[call-arg]  # every model has raw


def plain(value: Any) -> Any:
    """Reduce a parsed response to str, int, float, bool, None, list and dict; times become epoch seconds."""
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        time = _time(value)
        return time.timestamp() if time else None
    if isinstance(value, int) and value < -(2**31):
        return None  # no field is negative, and execnet cannot send it
    if value is None or isinstance(value, bool | int | float):
        return value
    # Exactly str, not a subclass, and no lone surrogates: execnet refuses both.
    return str.__str__(value if isinstance(value, str) else str(value)).encode("utf-8", "backslashreplace").decode()


@cache
def _fields(model: type) -> dict[str, tuple[str, Any]]:
    """Of each field of a model: its name in the API, and its type without ``| None``."""
    hints = get_type_hints(model)
    return {
        field.name: (_camel(field.name), _required(hints[field.name])) for field in fields(model) if field.name != "raw"
    }


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _required(hint: Any) -> Any:
    options = [option for option in get_args(hint) if option is not NoneType]
    return options[0] if NoneType in get_args(hint) else hint


def _value(kind: Any, value: Any) -> Any:
    if get_origin(kind) is tuple:
        (item,) = (option for option in get_args(kind) if option is not Ellipsis)
        values = (_value(item, each) for each in value) if isinstance(value, list | tuple) else ()
        return tuple(each for each in values if each is not None)
    if hasattr(kind, "from_response"):
        return kind.from_response(value) if isinstance(value, Mapping) else None
    if kind is datetime:
        return _time(value)
    if kind is bool:
        return value if isinstance(value, bool) else None
    if kind in (int, float):
        return _number(kind, value)
    if not isinstance(value, str):
        return None
    return kind(value) if kind is Secret or issubclass(kind, StrEnum) else value


def _number(kind: type[int] | type[float], value: Any) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = kind(value)
    except (OverflowError, ValueError):  # a whole number of nan or inf, a float of 400 digits
        return None
    return number if kind is int or isfinite(number) else None


def _time(value: Any) -> datetime | None:
    """botocore parses a timestamp to an aware datetime in the local zone; on the wire it is epoch seconds."""
    if isinstance(value, bool):
        return None
    try:
        return value.astimezone(UTC) if isinstance(value, datetime) else datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, TypeError, ValueError):
        return None
