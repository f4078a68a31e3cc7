"""How a run reaches Device Farm: AWS itself, or an emulator that the run starts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .errors import ConfigurationError
from .settings import ClientSettings, Settings

if TYPE_CHECKING:
    import pytest

    from .emulator import Emulator
    from .farm.service import Service
    from .model.arn import SessionReference


def supplied_client(config: pytest.Config) -> Any | None:
    """The client that a user's hook makes, None without one; raise `ConfigurationError` where the hook fails."""
    try:
        return config.hook.pytest_devicefarm_client(config=config)
    except Exception as error:
        raise ConfigurationError(f"the hook pytest_devicefarm_client raised {type(error).__name__}: {error}") from error


def start_emulator(settings: Settings) -> Emulator | None:
    """Start the emulator where the settings ask for it; raise `ConfigurationError` where it cannot be."""
    if not settings.emulated:
        return None
    from .emulator import Emulator, ScenarioError

    try:
        emulator = Emulator(settings.scenario or "ready")
        emulator.start()
    except ScenarioError as error:
        source = settings.sources.get("scenario")
        raise ConfigurationError(f"{source.name}: {error}" if source else str(error)) from None
    except ImportError as error:
        raise ConfigurationError(str(error)) from None
    return emulator


def references(settings: Settings, emulator: Emulator | None) -> list[SessionReference]:
    """The sessions that are there already; where none is named, and none is to be created, the emulator's own."""
    from .model.arn import parse_session

    if settings.session or settings.device:
        return list(settings.session)
    assert emulator is not None  # else the run would not be active
    return [parse_session(emulator.default_session_arn)]


def client_settings(settings: Settings, emulator: Emulator | None) -> ClientSettings:
    """What a client needs to know to reach AWS, or the emulator."""
    if emulator is not None:
        return ClientSettings(endpoint_url=emulator.url, emulated=True)
    return ClientSettings(profile=settings.profile, endpoint_url=settings.endpoint_url)


@contextmanager
def service_for(settings: Settings, supplied: Any | None) -> Iterator[Service]:
    """Device Farm for a command that runs no tests, or the emulator, which runs meanwhile."""
    from .farm.service import Service

    emulator = start_emulator(settings)
    try:
        yield Service(client_settings(settings, emulator), supplied)
    finally:
        if emulator is not None:
            emulator.stop()
