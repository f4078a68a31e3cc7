"""A real Appium server with its own stand-in for a phone, from the lock file in tests/appium."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import NoReturn

import pytest

HERE = Path(__file__).parent / "appium"
#: In CI, where the environment is there for these tests, they must not be skipped.
REQUIRED = bool(os.environ.get("DEVICEFARM_TEST_APPIUM") and os.environ.get("CI"))


def lacking(reason: str) -> NoReturn:
    """There is no Appium."""
    if REQUIRED:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@contextmanager
def serve_appium() -> Iterator[str]:
    """Where Appium answers meanwhile."""
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
