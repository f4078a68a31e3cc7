"""A real Appium server with its own stand-in for a phone, from the lock file beside this module."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

import pytest

# See tests/driver/conftest.py.
import pytest_devicefarm.emulator.app
import pytest_devicefarm.emulator.server  # noqa: F401
from pytest_devicefarm.emulator import Emulator, Scenario, Step

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples" / "appium"
#: In CI, where the environment is there for these tests, they must not be skipped.
REQUIRED = bool(os.environ.get("DEVICEFARM_TEST_APPIUM") and os.environ.get("CI"))


def lacking(reason: str) -> None:
    """There is no Appium."""
    if REQUIRED:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def appium_url() -> Iterator[str]:
    """Where Appium answers."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        lacking("the real Appium server needs node and npm")
    if not (HERE / "node_modules").exists():
        install(str(npm))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    script = str(HERE / "node_modules" / "appium" / "index.js")
    command = [str(node), script, "--address=127.0.0.1", f"--port={port}", "--use-drivers=fake", "--log-no-colors"]
    # Appium finds the drivers in the node project that it is started in.
    with subprocess.Popen(
        command,
        cwd=HERE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "APPIUM_HOME": str(HERE)},
    ) as server:
        try:
            assert server.stdout is not None
            said = ""
            for line in server.stdout:
                said += line
                if match := re.search(r"http://127\.0\.0\.1:\d+", line):
                    break
            else:
                pytest.fail("Appium did not start: " + said)
            # What it goes on to say must not fill the pipe.
            Thread(target=server.stdout.read, daemon=True).start()
            yield match[0]
        finally:
            server.terminate()


def install(npm: str) -> None:
    """``npm ci``, whole or not at all: another worker may do the same."""
    with tempfile.TemporaryDirectory(dir=HERE, prefix=".installing-", ignore_cleanup_errors=True) as making:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, making)
        command = [npm, "ci", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=making, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            lacking("npm could not install Appium: " + done.stderr[-300:])
        with suppress(OSError):
            (Path(making) / "node_modules").rename(HERE / "node_modules")


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
            scenario = Scenario(boot=(), **more) if False else Scenario(**more)
            scenario = Scenario(**{"boot": (Step("RUNNING"),), "upload_seconds": 0.1} | more)
            emulator = stack.enter_context(Emulator(scenario, appium_url=appium_url))
            client = serve.client(emulator)
            stack.callback(client.close)
            return emulator, serve.sessions(client, count, serve.upload(client) if app else None)

        yield start
