"""Runs in the background, for tests that do something to them while they go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from conftest import plain, properties_of

from pytest_devicefarm.emulator import Emulator, Scenario, Step
from pytest_devicefarm.farm.client import make_client
from pytest_devicefarm.settings import ClientSettings

#: Sessions come up and end at once; as many as are asked for.
QUICK: dict[str, Any] = {
    "boot": (Step("PREPARING", 0.1), Step("RUNNING")),
    "stop_seconds": 0.1,
    "upload_seconds": 0.1,
    "metered_slots": 50,
}


def until(condition: Callable[[], object], seconds: float = 30.0) -> bool:
    """Wait for something to be so; False when it is not after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


class Background:
    """A pytest run in a process group of its own; its whole output is in ``output``."""

    def __init__(self, args: list[str], cwd: Path, server: Farm, terminal: int | None = None) -> None:
        self.cwd = cwd
        self.report = cwd / "report.xml"
        self._server = server
        self._output = cwd / "output.txt"
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "pytest", *plain(f"--junitxml={self.report}", *args)],
                cwd=cwd,
                stdout=output if terminal is None else terminal,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_default_signals,
            )

    @property
    def output(self) -> str:
        return self._output.read_text(errors="replace")

    @property
    def junit(self) -> ET.Element:
        suite = ET.parse(self.report).getroot().find("testsuite")
        assert suite is not None
        return suite

    @property
    def properties(self) -> dict[str, str]:
        return properties_of(self.junit)

    @property
    def testcases(self) -> dict[str, ET.Element]:
        return {each.attrib["name"]: each for each in self.junit.iter("testcase")}

    @property
    def outcomes(self) -> list[str]:
        """How each test ended, by JUnit; the plugin's own testcase left out."""
        kinds = {"failure": "failed", "error": "error", "skipped": "skipped"}
        cases = [case for case in self.junit.iter("testcase") if case.attrib["name"] != "devicefarm"]
        return [next((kinds[each.tag] for each in case if each.tag in kinds), "passed") for case in cases]

    def wait_for(self, name: str) -> None:
        """Until a test of the run has made a file of this name."""
        assert until(lambda: (self.cwd / name).exists() or self.process.poll() is not None), self.output
        assert (self.cwd / name).exists(), self.output

    def send(self, number: int, *, group: bool = False) -> float:
        """Send a signal to the process, or to its group; return when, on the emulator's clock."""
        sent = self._server.clock.now()
        if group:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        return sent

    def end(self, seconds: float = 60.0) -> int:
        """Wait for its end; return the exit code."""
        return self.process.wait(seconds)

    def kill(self) -> None:
        """Leave nothing of it, xdist's workers included."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _default_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)  # under nohup, or in a shell's background, they would be ignored


@pytest.fixture
def background(
    pytester: pytest.Pytester, environment: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Background]]:
    """Start runs against an emulator, on the files that the test made; they are killed at its end."""
    started: list[Background] = []

    def start(*args: str, against: Farm, terminal: int | None = None) -> Background:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DEVICE_FARM", against.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "emulator")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "emulator")
        started.append(Background(list(args), pytester.path, against, terminal))
        return started[-1]

    yield start
    for each in started:
        each.kill()


@pytest.fixture
def farm(emulator: Callable[[Scenario], Emulator]) -> Callable[..., Farm]:
    """Start an emulator whose sessions come and end at once."""
    return lambda **more: Farm(emulator(Scenario(**(QUICK | more))))


class Farm:
    """What a test asks an emulator about the sessions that a run has created."""

    def __init__(self, server: Emulator) -> None:
        self.server = server
        self.url = server.url
        self.clock = server.clock
        self.attached = server.default_session_arn

    @property
    def created(self) -> list[dict[str, Any]]:
        return self.server.sessions[len(self.server.scenario.sessions) :]

    @property
    def running(self) -> list[str]:
        """The ARNs of created sessions that have not been stopped."""
        return [each["arn"] for each in self.created if each["status"] not in ("STOPPING", "COMPLETED")]

    def stop(self, arn: str) -> None:
        """End a session as somebody else would."""
        settings = ClientSettings(endpoint_url=self.url, emulated=True)
        make_client(settings).stop_remote_access_session(arn=arn)
        assert until(lambda: arn not in self.running)

    def calls(self, operation: str) -> list[Any]:
        return [call for call in self.server.calls if call.operation == operation]

    @property
    def stopped(self) -> dict[str, float]:
        """By ARN, when the first Stop call came that was accepted."""
        times: dict[str, float] = {}
        for call in self.calls("StopRemoteAccessSession"):
            if call.error is None:
                times.setdefault(call.params["arn"], call.at)
        return times
