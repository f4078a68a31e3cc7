"""What a failed test leaves: report sections and files, from a driver that lives, and from one that does not."""

from __future__ import annotations

import re

import pytest
from conftest import DISTRIBUTIONS, EXAMPLE_ARN, needs_endpoints, needs_xdist

from pytest_devicefarm.emulator import Scenario, Session

from .standin import PNG, SOURCE, error

pytestmark = needs_endpoints

FAILS = """
    from appium.webdriver.common.appiumby import AppiumBy

    def test_fails(devicefarm_driver):
        devicefarm_driver.find_element(AppiumBy.ACCESSIBILITY_ID, "login").send_keys("hunter2")
        devicefarm_driver.find_element(AppiumBy.ACCESSIBILITY_ID, "none")
"""


def files(path):
    """All files below, by their path from there."""
    return {each.relative_to(path).as_posix(): each.read_bytes() for each in path.rglob("*") if each.is_file()}


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("options", [(), ("--devicefarm-artifacts-dir=mine",), ("-o", "devicefarm_artifacts_dir=mine")])
def test_a_failure(run, farm, appium, tests, pytester, dist, options):
    """Screen, source and log as files in a folder of the test's, and named in sections; what was typed is in none."""
    tests(FAILS + "\n    def test_passes(devicefarm_driver): pass")
    result = run(*dist, *options, against=farm())
    assert result.code == 1
    folder = pytester.path / ("mine" if options else "devicefarm-artifacts")
    (test,) = folder.iterdir()
    assert re.fullmatch(r"test_it\.py_test_fails-[0-9a-f]{8}", test.name)
    found = files(test)
    assert found["screenshot.png"] == PNG
    assert found["source.xml"].decode() == SOURCE
    log = found["driver.log"].decode().splitlines()
    assert [line.split()[1] for line in log] == ["newSession", "findElement", "sendKeysToElement", "findElement"]
    assert log[-1].endswith("-> no such element")
    assert "accessibility id='none'" in log[-1]
    assert b"hunter2" not in b"".join(found.values())
    assert "Captured devicefarm driver log call" in result.out
    assert "Captured devicefarm screenshot call" in result.out
    assert str(test / "screenshot.png") in result.out
    assert 'text="Grüezi"' in result.out


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("scope", ["function", "session"])
def test_the_log_is_of_one_test(run, farm, tests, pytester, dist, scope):
    """Of a driver for the run too: each failure's log begins with its own test."""
    tests(
        """
        def test_a(devicefarm_driver):
            devicefarm_driver.page_source
        def test_b(devicefarm_driver):
            devicefarm_driver.orientation
            assert 0
        """
    )
    result = run(*dist, "-o", f"devicefarm_driver_scope={scope}", against=farm())
    assert result.code == 1
    (log,) = (pytester.path / "devicefarm-artifacts").rglob("driver.log")
    commands = [line.split()[1] for line in log.read_text().splitlines()]
    assert commands == (["newSession"] if scope == "function" else []) + ["getScreenOrientation"]


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_dead_driver_hides_nothing(run, farm, appium, tests, pytester, dist):
    """The test's own failure is the failure, the log is there, and the sections say what was not to be had."""
    appium.answers["screenshot"] = appium.answers["quit"] = lambda asked: (404, error("invalid session id", "gone"))
    tests("def test_fails(devicefarm_driver): assert 'mine' == 'yours'")
    result = run(*dist, against=farm())
    case = result.testcases["test_fails"]
    assert "'mine' == 'yours'" in case.find("failure").attrib["message"]
    assert case.find("error") is None
    assert "not available: for the same reason" in result.out
    assert "not available: InvalidSessionIdException: gone (HTTP 404); the driver is gone: session" in result.out
    assert [each.name for each in (pytester.path / "devicefarm-artifacts").rglob("*.*") if each.is_file()] == [
        "driver.log"
    ]
    assert "source" not in appium.commands(), "a dead driver is asked once"


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_screen_that_cannot_be_taken(run, farm, appium, tests, dist):
    """One piece that fails (a protected screen, say) does not keep the others away."""
    appium.answers["screenshot"] = lambda asked: (500, error("unknown error", "FLAG_SECURE"))
    tests("def test_fails(devicefarm_driver): assert 0")
    result = run(*dist, against=farm())
    assert "not available: WebDriverException: FLAG_SECURE" in result.out
    assert "Grüezi" in result.out


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_only_failures_of_tests_that_drive(run, farm, appium, tests, pytester, dist):
    """Skips, expected failures and tests without the driver leave nothing, and cost no command."""
    tests(
        """
        import pytest

        def test_skips(devicefarm_driver): pytest.skip("so")
        def test_x(devicefarm_driver): pytest.xfail("so")
        def test_free(): assert 0
        """
    )
    result = run(*dist, "-o", "devicefarm_driver_scope=session", against=farm())
    assert result.code == 1
    assert not (pytester.path / "devicefarm-artifacts").exists()
    assert appium.commands() == ["session", "quit"]


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_set_up_that_fails(run, farm, tests, pytester, dist):
    """A fixture of the user's that drives is a part of the test."""
    tests(
        """
        import pytest

        @pytest.fixture
        def login(devicefarm_driver):
            devicefarm_driver.page_source
            raise RuntimeError("no login")

        def test_it(login): pass
        """
    )
    result = run(*dist, against=farm())
    assert "Captured devicefarm screenshot setup" in result.out
    assert len(list((pytester.path / "devicefarm-artifacts").rglob("screenshot.png"))) == 1


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_failure_that_unittest_keeps(run, farm, tests, pytester, dist):
    """It is not raised, and is one all the same."""
    tests(
        """
        import unittest
        import pytest

        class TestOld(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def drive(self, devicefarm_driver): pass
            def test_old(self): self.fail("old")
        """
    )
    result = run(*dist, against=farm())
    assert "Captured devicefarm screenshot call" in result.out
    assert len(list((pytester.path / "devicefarm-artifacts").rglob("screenshot.png"))) == 1


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_each_attempt_has_its_own(run, farm, tests, pytester, dist):
    """A second attempt overwrites no file of the first, and shows nothing of it."""
    tests(
        """
        count = []

        def test_it(devicefarm_driver):
            count.append(1)
            assert len(count) > 2
        """
    )
    result = run(*dist, "--reruns=2", "-rA", against=farm())
    assert result.code == 0, result.out
    first, second = sorted(each.name for each in (pytester.path / "devicefarm-artifacts").iterdir())
    assert second == f"{first}-2"
    assert "Captured devicefarm" not in result.out


@needs_xdist
def test_each_phone_has_its_own(run, farm, tests, pytester):
    """Under --dist each two workers run the same test, on two phones."""
    tests("def test_it(devicefarm_driver): assert 0")
    server = farm(Scenario(sessions=tuple(Session(arn=f"{EXAMPLE_ARN}-{number}") for number in (1, 2))))
    result = run("-n2", "--dist=each", against=server, session=[each["arn"] for each in server.sessions])
    assert result.code == 1
    folders = sorted(each.name for each in (pytester.path / "devicefarm-artifacts").iterdir())
    assert [re.sub("-[0-9a-f]{8}-", " ", each) for each in folders] == [
        "test_it.py_test_it gw0",
        "test_it.py_test_it gw1",
    ]


def test_a_time_out_while_it_is_gathered(run, farm, tests):
    """What a time-out plugin raises then ends neither the run nor changes the failure."""
    tests(
        """
        import pytest

        def test_fails(devicefarm_driver):
            devicefarm_driver.get_screenshot_as_base64 = lambda: pytest.fail("too late")
            assert 0
        """
    )
    result = run(against=farm())
    assert result.code == 1
    assert result.testcases["test_fails"].find("failure").attrib["message"] == "assert 0"


def test_a_folder_that_cannot_be_written(run, farm, tests, pytester):
    """The section says so, and the failure stays the test's."""
    (pytester.path / "devicefarm-artifacts").write_text("in the way")
    tests("def test_fails(devicefarm_driver): assert 0")
    result = run(against=farm())
    assert result.code == 1
    assert "could not be written into" in result.out


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_figures(run, farm, appium, tests, dist):
    """Commands and their time are on each test, those of all attempts of a rerun; the summary has the sum."""
    tests(
        """
        import pytest
        count = []

        def test_one(devicefarm_driver):
            devicefarm_driver.page_source
        def test_flaky(devicefarm_driver):
            devicefarm_driver.page_source
            count.append(1)
            assert len(count) > 1
        def test_free(): pass
        """
    )
    result = run(*dist, "--reruns=1", against=farm())
    assert result.code == 0, result.out
    one, flaky = result.properties("test_one"), result.properties("test_flaky")
    assert (one["devicefarm.driver.commands"], one["devicefarm.driver.new_sessions"]) == ("2", "1")
    assert (flaky["devicefarm.driver.commands"], flaky["devicefarm.driver.new_sessions"]) == ("4", "2")
    assert float(one["devicefarm.driver.command_seconds"]) > 0 < float(one["devicefarm.driver.new_session_seconds"])
    assert not result.properties("test_free")
    assert re.search(r"^driver: 6 commands in [0-9.]+ s, 3 new sessions in [0-9.]+ s$", result.out, re.MULTILINE)
