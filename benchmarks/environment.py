"""Where the measured processes run: a virtual environment that holds the project as users install it, from its wheel.

An editable install imports more slowly, and a developer's environment has plugins that nobody asked for.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
_REQUIREMENTS = ROOT / "benchmarks" / "requirements.txt"


@dataclass(frozen=True)
class Environment:
    """A virtual environment, by its Python."""

    python: Path

    def versions(self) -> dict[str, str]:
        """What is installed."""
        listed = _run(self.python, "-m", "pip", "list", "--format=json", "--disable-pip-version-check")
        return {each["name"]: each["version"] for each in json.loads(listed)}


def make_environment(*, fresh: bool) -> Environment:
    """The environment of earlier runs, brought up to date with the sources; ``fresh`` makes it from nothing."""
    folder = RESULTS / ".environment"
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    python = folder / "bin" / "python"
    stamp = folder / "made-from"
    fingerprint = _fingerprint()
    if not stamp.exists() or stamp.read_text() != fingerprint:
        if not python.exists():
            _run(sys.executable, "-m", "venv", folder)
        with tempfile.TemporaryDirectory() as built:
            pip = (python, "-m", "pip", "--quiet", "--disable-pip-version-check")
            _run(*pip, "wheel", "--no-deps", "--wheel-dir", built, ROOT)
            wheel = next(Path(built).glob("*.whl"))
            _run(*pip, "install", f"{wheel}[emulator,appium]", "-r", _REQUIREMENTS)
            _run(*pip, "install", "--no-deps", "--force-reinstall", wheel)  # its version stays, its contents do not
        stamp.write_text(fingerprint)
    return Environment(python)


def _fingerprint() -> str:
    digest = hashlib.sha256(platform.python_version().encode())
    for path in sorted(_sources()):
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    yield from (ROOT / "pyproject.toml", _REQUIREMENTS)
    for path in (ROOT / "pytest_devicefarm").rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            yield path


def _run(*command: str | Path) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\nfailed:\n{done.stdout}{done.stderr}")
    return done.stdout
