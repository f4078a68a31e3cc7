"""The example's sessions, with a real Appium server behind them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pytest_devicefarm.emulator import Emulator, Scenario, Step

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples" / "appium"


@pytest.fixture(scope="session")
def serve() -> ModuleType:
    """The example's own module that makes its sessions."""
    spec = importlib.util.spec_from_file_location("serve", EXAMPLE / "serve.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def farm(appium_url: str, serve: ModuleType) -> Iterator[Callable[..., tuple[Emulator, list[str]]]]:
    """Starts an emulator in front of Appium, with sessions on Android phones; returns it and their ARNs."""
    with ExitStack() as stack:

        def start(count: int = 1, *, app: bool = True, **more: Any) -> tuple[Emulator, list[str]]:
            scenario = Scenario(**{"boot": (Step("RUNNING"),), "upload_seconds": 0.1} | more)
            emulator = stack.enter_context(Emulator(scenario, appium_url=appium_url))
            client = serve.client(emulator)
            stack.callback(client.close)
            return emulator, serve.sessions(client, count, serve.upload(client) if app else None)

        yield start
