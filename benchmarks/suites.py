"""The suites that are run: folders of test files, written for one row each."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Literal

#: How a suite gets its ``devicefarm_session``: from the plugin, from a loop made by hand, or as good as for nothing.
Kind = Literal["plugin", "by hand", "trivial"]

_BY_HAND = Path(__file__).parent / "by_hand" / "conftest.py"
_TRIVIAL = """
import pytest

@pytest.fixture(scope="session")
def devicefarm_session():
    return object()
"""
_TELL = """
import pathlib, time

def test_first(devicefarm_session):
    now = time.time()
    session = devicefarm_session
    started = session["started"] if isinstance(session, dict) else session.started
    pathlib.Path("first-test").write_text(f"{now} {started.timestamp()}")
"""


def write_suite(folder: Path, kind: Kind, **modules: str) -> Path:
    """Write test modules, each by its name and source, and the conftest file that the kind takes."""
    folder.mkdir(parents=True)
    (folder / "pytest.ini").write_text("[pytest]\n")
    if kind == "by hand":
        shutil.copy(_BY_HAND, folder)
    elif kind == "trivial":
        (folder / "conftest.py").write_text(_TRIVIAL)
    for name, source in modules.items():
        (folder / f"{name}.py").write_text(source)
    return folder


def empty_tests(count: int) -> dict[str, str]:
    """Modules of a hundred tests each that use a session and do nothing."""
    names = [f"def test_{number:04}(devicefarm_session): pass\n" for number in range(count)]
    return {f"test_{start:04}": "".join(names[start : start + 100]) for start in range(0, count, 100)}


def telling_test(collection_seconds: float = 0.0) -> dict[str, str]:
    """A module that takes so long to import, with a test that writes down when it began: see `first_test`."""
    return {"test_tell": f"import time\ntime.sleep({collection_seconds})\n{_TELL}"}


def first_test(folder: Path) -> tuple[float, float]:
    """When the test of `telling_test` began, and when its phone began to boot: seconds since 1970."""
    began, started = (folder / "first-test").read_text().split()
    return float(began), float(started)
