"""The emulator in a process of its own, as `python -m pytest_devicefarm.emulator` serves it, and the reads it had."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .environment import Environment
from .process import clean_environ

#: How the plugin calls the emulator's phone in its history of boots.
DEVICE_KIND = "IOS A3102"


@dataclass(frozen=True)
class Phone:
    """A phone that is RUNNING after so many seconds, counted from the server's start or from the first read."""

    boot: float = 0.0
    from_first_read: bool = False
    appium: str = ""  #: the URL of its Appium endpoint; by default the emulator's own

    def toml(self, arn: str) -> str:
        """Its session, as the emulator reads it."""
        lines = ["[[session]]", f'arn = "{arn}"', f"from_first_read = {str(self.from_first_read).lower()}"]
        if self.appium:
            lines.append(f'fields = {{ endpoints = {{ remoteDriverEndpoint = "{self.appium}" }} }}')
        if self.boot:
            lines += ["[[session.step]]", 'status = "PREPARING"', f"seconds = {self.boot}"]
        return "\n".join([*lines, "[[session.step]]", 'status = "RUNNING"', ""])


class Server:
    """An emulator that serves a few phones, told apart by their numbers."""

    def __init__(self, greeting: str, log: Path) -> None:
        # It greets with the shell commands that point an AWS client at it.
        exports = (line.removeprefix("export ") for line in greeting.splitlines() if line.startswith("export "))
        self._env = {name: value for name, _, value in (line.partition("=") for line in exports)}
        self._log = log

    def env(self, phone: int = 0) -> dict[str, str]:
        """What points boto3, the plugin and the conftest made by hand at a phone."""
        return self._env | {"DEVICE_FARM_SESSION_ARN": _arn(phone)}

    def arn(self, phone: int) -> str:
        """A phone's session."""
        return _arn(phone)

    def reads(self, phone: int = 0) -> int:
        """How often a phone's session was read so far: the emulator logs each call."""
        return self._log.read_text().count(f' GetRemoteAccessSession "{_arn(phone)}" ')


@contextmanager
def serve(environment: Environment, phones: Sequence[Phone], folder: Path) -> Iterator[Server]:
    """Serve some phones; ``folder`` takes the scenario and the log."""
    folder.mkdir(parents=True)
    scenario, log, said = folder / "scenario.toml", folder / "log", folder / "greeting"
    scenario.write_text("".join(phone.toml(_arn(number)) for number, phone in enumerate(phones)))
    command = [str(environment.python), "-m", "pytest_devicefarm.emulator", "--scenario", str(scenario)]
    with log.open("w") as stderr, said.open("w") as stdout:
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr, env=clean_environ())
    try:
        while not (greeting := said.read_text()).endswith("\n"):  # it is written as a whole
            if process.poll() is not None:
                raise RuntimeError(f"the emulator ended: {log.read_text()}")
            time.sleep(0.02)
        yield Server(greeting, log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _arn(phone: int) -> str:
    return f"arn:aws:devicefarm:us-west-2:123456789101:session:EXAMPLE-GUID-123-456/EXAMPLE-GUID-{phone}/00000"
