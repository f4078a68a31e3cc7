"""Running pytest in a process of its own, and how long that takes."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .environment import Environment

#: Without the plugin: what tests get is then up to their conftest file.
WITHOUT = ("-p", "no:devicefarm")
#: The plugins that are here only to have their start-up measured.
_PEERS = ("-p", "no:docker", "-p", "no:html", "-p", "no:metadata")


class RunFailed(Exception):
    """A measured run did not end as it should have; its time would mean nothing."""


@dataclass(frozen=True)
class Run:
    """A process that has ended well."""

    began: float  #: seconds since 1970
    seconds: float
    cpu_seconds: float  #: of the process and its children; wrong where other processes end meanwhile
    out: str


@dataclass(frozen=True)
class Pytest:
    """pytest of an environment."""

    environment: Environment

    def run(self, folder: Path, *arguments: str, env: Mapping[str, str] | None = None, peers: bool = False) -> Run:
        """Run the tests in a folder; raises `RunFailed` where they do not pass."""
        command = [str(self.environment.python), "-m", "pytest", *arguments, *(() if peers else _PEERS)]
        cpu, began, start = _children_cpu(), time.time(), time.perf_counter()
        done = subprocess.run(command, cwd=folder, env=clean_environ(env), capture_output=True, text=True)
        seconds = time.perf_counter() - start
        if done.returncode:
            raise RunFailed(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return Run(began, seconds, _children_cpu() - cpu, done.stdout)


def clean_environ(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without what would change a run: settings of pytest, of the plugin and of AWS."""
    ours = ("AWS_", "DEVICEFARM_", "DEVICE_FARM_", "PYTEST_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    files = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return kept | files | dict(more or {})


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
