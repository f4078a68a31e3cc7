"""What `devicefarm_driver` costs over a bare `webdriver.Remote`, against a WebDriver server that answers at once.

*A command*: one test has both drivers and sends commands through each in turn, in blocks; a ratio is made of the two
blocks of one round. It is the harshest form: a command of a real phone takes a hundred times as long.

*A test*: whole runs of few and of many tests, each test with a driver of its own: the plugin's, or one made and quit by
a fixture of the suite's. Both have new session and quit, so what is left is the plugin's own; the lines are those of
`cost.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial

from ..bench import Bench
from ..emulator import Phone, serve
from ..figure import Figure, median
from ..rounds import interleave
from ..webdriver import serve_webdriver

_CONFTEST = """
import pytest
from appium.options.common.base import AppiumOptions
from appium.webdriver.client_config import AppiumClientConfig
from appium.webdriver.webdriver import WebDriver

@pytest.fixture
def bare(devicefarm_session):
    url = str(devicefarm_session.endpoints.remote_driver_endpoint)
    options = AppiumOptions().load_capabilities({"platformName": "iOS", "appium:automationName": "XCUITest"})
    driver = WebDriver(url, options=options, client_config=AppiumClientConfig(url))
    yield driver
    driver.quit()
"""
_COMMANDS = """
import json, pathlib, time

def block(driver, count):
    start = time.perf_counter()
    for _ in range(count):
        driver.execute("getTitle")
    return (time.perf_counter() - start) / count

def test_commands(devicefarm_driver, bare):
    rounds = []
    for number in range({rounds} + 1):
        pairs = [("plugin", devicefarm_driver), ("bare", bare)][:: -1 if number % 2 else 1]
        rounds.append({{name: block(driver, 100) for name, driver in pairs}})
    pathlib.Path("rounds.json").write_text(json.dumps(rounds[1:]))
"""


def measure(bench: Bench) -> Iterator[Figure]:
    """The ratio of a command, and milliseconds a test."""
    rounds = 5 if bench.quick else 51
    few, many = (5, 25) if bench.quick else (10, 110)
    with serve_webdriver() as url, serve(bench.environment, [Phone(appium=url)], bench.folder / "emulator") as server:
        folder = bench.folder / "commands"
        folder.mkdir(parents=True)
        (folder / "pytest.ini").write_text("[pytest]\n")
        (folder / "conftest.py").write_text(_CONFTEST)
        (folder / "test_commands.py").write_text(_COMMANDS.format(rounds=rounds))
        bench.pytest.run(folder, "-q", env=server.env())
        measured = json.loads((folder / "rounds.json").read_text())

        def run(fixture: str, count: int) -> float:
            suite = bench.folder / f"{fixture}-{count}"
            if not suite.exists():
                suite.mkdir()
                (suite / "pytest.ini").write_text("[pytest]\n")
                (suite / "conftest.py").write_text(_CONFTEST)
                tests = [f"def test_{number}({fixture}): pass\n" for number in range(count)]
                (suite / "test_it.py").write_text("".join(tests))
            return bench.pytest.run(suite, "-q", env=server.env()).seconds

        arms: dict[tuple[str, int], Callable[[], float]] = {
            (fixture, count): partial(run, fixture, count)
            for fixture in ("devicefarm_driver", "bare")
            for count in (few, many)
        }
        seconds = interleave(arms, 1 if bench.quick else 9)

    yield median("a command, over a bare driver's", (each["plugin"] / each["bare"] for each in measured), at_most=1.10)
    yield median("a bare driver's command", (each["bare"] * 1e6 for each in measured), unit="us")
    a_test = {
        fixture: [
            (long - short) / (many - few) * 1e3
            for short, long in zip(seconds[fixture, few], seconds[fixture, many], strict=True)
        ]
        for fixture in ("devicefarm_driver", "bare")
    }
    more = [a - b for a, b in zip(a_test["devicefarm_driver"], a_test["bare"], strict=True)]
    yield median("more a test", more, unit="ms", at_most=5)
    yield median("a test with a bare driver", a_test["bare"], unit="ms")
