"""pytest on the real phones of AWS Device Farm remote access sessions.

The names below are for annotations in tests and conftest files; they are imported when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import (
        ConfigurationError,
        DeviceFarmError,
        DeviceFarmWarning,
        SessionEnded,
        UnavailableError,
        WaitTimeout,
    )
    from .model.app import Upload
    from .model.live import LiveDevice, LiveSession
    from .model.session import Device, RemoteAccessSession

__all__ = [
    "ConfigurationError",
    "Device",
    "DeviceFarmError",
    "DeviceFarmWarning",
    "LiveDevice",
    "LiveSession",
    "RemoteAccessSession",
    "SessionEnded",
    "UnavailableError",
    "Upload",
    "WaitTimeout",
]

_HOMES = {
    "Device": "model.session",
    "LiveDevice": "model.live",
    "LiveSession": "model.live",
    "RemoteAccessSession": "model.session",
    "Upload": "model.app",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)
