"""Shared by the tests of the driver: an emulator whose sessions have an Appium, a stand-in or the real one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from pytest_devicefarm.emulator import Emulator, Scenario

from .standin import StandIn


@pytest.fixture
def appium() -> Iterator[StandIn]:
    """What answers in place of Appium, and notes what it was asked."""
    with StandIn() as stand_in:
        yield stand_in


@pytest.fixture
def farm(appium: StandIn) -> Iterator[Callable[..., Emulator]]:
    """Starts emulators with the stand-in behind their sessions' endpoints."""
    with ExitStack() as stack:

        def start(scenario: Scenario | None = None, **more: Any) -> Emulator:
            return stack.enter_context(Emulator(scenario or Scenario(), appium_url=appium.url, **more))

        yield start


@pytest.fixture
def tests(pytester: pytest.Pytester) -> Callable[..., None]:
    """Writes the test module, and a conftest file if one is given."""

    def write(source: str, conftest: str = "") -> None:
        pytester.makepyfile(test_it=source)
        if conftest:
            pytester.makeconftest(conftest)

    return write
