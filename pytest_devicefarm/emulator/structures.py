"""Nested structures of the API, as dictionaries."""

from collections.abc import Mapping
from typing import Any


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid over `base`: structures member by member, everything else replaced. Neither is changed."""
    merged = dict(base)
    for name, value in over.items():
        below = merged.get(name)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            value = merge(below, value)
        merged[name] = value
    return merged


def drop(shown: dict[str, Any], path: list[str]) -> None:
    """Take out a nested member; the structures on the way are copied, as they may be shared."""
    name, *rest = path
    if not rest:
        shown.pop(name, None)
    elif isinstance(shown.get(name), Mapping):
        shown[name] = dict(shown[name])
        drop(shown[name], rest)
