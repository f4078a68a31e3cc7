"""What type checkers see of the public names. Checked by mypy, never run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, assert_type

import pytest
from appium.webdriver.webdriver import WebDriver

from pytest_devicefarm import (
    ConfigurationError,
    Device,
    DeviceFarmError,
    DeviceFarmWarning,
    LiveDevice,
    LiveSession,
    RemoteAccessSession,
    SessionEnded,
    UnavailableError,
    Upload,
    WaitTimeout,
)
from pytest_devicefarm.emulator import Emulator, Scenario, Session, Step


def test_handles(devicefarm_session: LiveSession, devicefarm_device: LiveDevice) -> None:
    assert_type(devicefarm_session.arn, str | None)
    assert_type(devicefarm_session.created, datetime | None)
    assert_type(devicefarm_session.device, Device | None)
    assert_type(devicefarm_session.snapshot, RemoteAccessSession)
    assert_type(devicefarm_session.console_url, str | None)
    assert_type(devicefarm_device.os, str | None)
    assert_type(devicefarm_device.snapshot, Device)
    if devicefarm_device.resolution is not None:
        assert_type(devicefarm_device.resolution.width, int | None)


def test_drives(devicefarm_driver: WebDriver, devicefarm_install: Callable[[str], Upload]) -> None:
    assert_type(devicefarm_install("shop.apk").arn, str | None)
    assert_type(devicefarm_driver.page_source, str)


def pytest_devicefarm_properties(config: pytest.Config, session: RemoteAccessSession) -> Mapping[str, Any] | None:
    return {"device": session.device.name if session.device else None}


def errors(error: DeviceFarmError) -> int:
    assert_type(error.exit_code, int)
    if isinstance(error, SessionEnded):
        assert_type(error.session, RemoteAccessSession)
    if isinstance(error, WaitTimeout):
        assert_type(error.session, RemoteAccessSession | None)
    warning: type[UserWarning] = DeviceFarmWarning
    kinds: tuple[type[DeviceFarmError], ...] = (ConfigurationError, UnavailableError)
    return len(kinds) + len(warning.__name__)


def emulated() -> str:
    with Emulator(Scenario(sessions=(Session(steps=(Step("RUNNING"),)),))) as emulator:
        assert_type(emulator.url, str)
        return emulator.default_session_arn
