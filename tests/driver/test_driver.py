"""devicefarm_driver: what it asks Appium for, how long it lives, and that it leaves."""

from __future__ import annotations

import os

import pytest
from conftest import DISTRIBUTIONS, needs_endpoints

from pytest_devicefarm.emulator import Scenario, Session

pytestmark = needs_endpoints

TWO = """
    from appium.webdriver.common.appiumby import AppiumBy

    def test_one(devicefarm_driver):
        assert "login" in devicefarm_driver.page_source
    def test_two(devicefarm_driver):
        devicefarm_driver.find_element(AppiumBy.ID, "login").click()
"""


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_each_test_has_a_driver_of_its_own(run, farm, appium, tests, dist):
    """A new session and a quit for each test, on the session's endpoint; the device is on both tests."""
    tests(TWO)
    result = run(*dist, "-m", "devicefarm", against=farm())
    assert result.code == 0, result.out
    assert appium.commands() == ["session", "source", "quit", "session", "element", "element/e1/click", "quit"]
    for test in ("test_one", "test_two"):
        assert result.properties(test)["devicefarm.device.name"] == "Apple iPhone 15 Pro"


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_one_driver_for_the_run(run, farm, appium, tests, dist):
    """With the ini's scope session there is one new session, and one quit at the end."""
    tests(TWO)
    result = run(*dist, "-o", "devicefarm_driver_scope=session", against=farm())
    assert result.code == 0, result.out
    assert appium.commands() == ["session", "source", "element", "element/e1/click", "quit"]


def test_a_scope_that_is_none_ends_the_run(run, farm, tests):
    """One line, with the value and its source, before anything is run."""
    tests(TWO)
    result = run("-o", "devicefarm_driver_scope=module", against=farm())
    assert result.code == 4
    assert result.error_line == "ERROR: ini devicefarm_driver_scope: 'module' is none of function, session"


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("scope", ["session", "package", "module", "class", "function"])
def test_capabilities_are_overridden_at_any_scope(run, farm, appium, tests, dist, scope):
    """What the conftest says is laid over the defaults, which it may see; the nearest marker wins; None takes away."""
    tests(
        """
        import pytest

        pytestmark = pytest.mark.devicefarm_capabilities(noReset=False, language="de")

        @pytest.mark.devicefarm_capabilities({"appium:language": "fr", "appium:autoAcceptAlerts": None}, locale="FR")
        def test_it(devicefarm_driver): pass
        """,
        conftest=f"""
        import pytest

        @pytest.fixture(scope="{scope}")
        def devicefarm_capabilities(devicefarm_capabilities):
            assert devicefarm_capabilities["appium:automationName"] == "XCUITest"
            return {{"bundleId": "com.example", "appium:options": {{"noReset": True}}, "autoAcceptAlerts": True}}
        """,
    )
    result = run(*dist, against=farm())
    assert result.code == 0, result.out
    assert appium.capabilities == [
        {
            "platformName": "iOS",
            "appium:automationName": "XCUITest",
            "appium:newCommandTimeout": 600,
            "appium:bundleId": "com.example",
            "appium:noReset": False,
            "appium:language": "fr",
            "appium:locale": "FR",
        }
    ]


def test_a_driver_for_the_run_takes_capabilities_for_the_run(run, farm, tests):
    """With scope session, capabilities of one test are pytest's ScopeMismatch, and a marker warns."""
    tests(
        """
        import pytest

        @pytest.fixture
        def devicefarm_capabilities(): return {}

        def test_it(devicefarm_driver): pass
        """
    )
    result = run("-o", "devicefarm_driver_scope=session", against=farm())
    assert result.code == 1
    assert "ScopeMismatch" in result.out
    assert "devicefarm_capabilities" in result.out


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_marker_without_effect_warns(run, farm, appium, tests, dist):
    """With scope session the driver is made before the test whose marker it would be."""
    tests(
        """
        import pytest

        def test_one(devicefarm_driver): pass
        @pytest.mark.devicefarm_capabilities(language="de")
        def test_two(devicefarm_driver): pass
        """
    )
    result = run(*dist, "-o", "devicefarm_driver_scope=session", against=farm())
    assert result.code == 0, result.out
    assert "DeviceFarmWarning: @pytest.mark.devicefarm_capabilities changes nothing" in result.out
    assert "appium:language" not in appium.capabilities[0]


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_android_has_its_own_defaults(run, farm, appium, tests, dist):
    """UiAutomator2 where the device's platform is ANDROID."""
    tests("def test_it(devicefarm_driver): pass")
    android = Session(fields={"device": {"platform": "ANDROID", "os": "15"}})
    result = run(*dist, against=farm(Scenario(sessions=(android,))))
    assert result.code == 0, result.out
    (asked,) = appium.capabilities
    assert (asked["platformName"], asked["appium:automationName"]) == ("Android", "UiAutomator2")


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_what_device_farm_refuses_is_left_out(run, farm, appium, tests, dist):
    """A warning names the capability; the driver starts without it."""
    tests(
        """
        import pytest

        @pytest.mark.devicefarm_capabilities({"appium:udid": "x", "appium:app": "/tmp/a.ipa", "wdaLocalPort": 1})
        def test_it(devicefarm_driver): pass
        """
    )
    result = run(*dist, against=farm())
    assert result.code == 0, result.out
    for name in ("udid", "app", "wdaLocalPort"):
        assert f"DeviceFarmWarning: the capability appium:{name} is left out: Device Farm refuses it" in result.out
        assert f"appium:{name}" not in appium.capabilities[0]


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("given", ["return [1]", "return None"])
def test_capabilities_that_are_none_fail_in_one_line(run, farm, appium, tests, dist, given):
    """No traceback of ours, and no command."""
    conftest = f"import pytest\n@pytest.fixture\ndef devicefarm_capabilities(): {given}"
    tests("def test_it(devicefarm_driver): pass", conftest=conftest)
    result = run(*dist, against=farm())
    assert result.code == 1
    assert "not a dict: return a dict such as" in result.out
    assert "Traceback" not in result.out
    assert appium.commands() == []


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_test_may_ask_late(run, farm, appium, tests, dist):
    """getfixturevalue gives a driver too, and a test that quit by itself is no error."""
    tests(
        """
        import pytest

        @pytest.mark.devicefarm
        def test_it(request):
            request.getfixturevalue("devicefarm_driver").quit()
        """
    )
    result = run(*dist, against=farm())
    assert result.code == 0, result.out
    assert appium.commands()[:2] == ["session", "quit"]
    assert result.properties("test_it")["devicefarm.driver.new_sessions"] == "1"


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_without_a_session_or_the_extra(run, farm, tests, dist, monkeypatch, pytester):
    """One line each, that says which option to give, and what to install."""
    tests("def test_it(devicefarm_driver): pass")
    result = run(*dist)
    assert "no AWS Device Farm session is configured: give --devicefarm-session" in result.out
    (pytester.path / "appium.py").write_text("raise ModuleNotFoundError(\"No module named 'appium'\", name='appium')")
    monkeypatch.setenv("PYTHONPATH", str(pytester.path), prepend=os.pathsep)
    result = run(*dist, against=farm())
    assert result.code == 1
    message = result.testcases["test_it"].findtext("error")
    assert message == "devicefarm_driver needs Appium-Python-Client: pip install 'pytest-devicefarm[appium]'"
