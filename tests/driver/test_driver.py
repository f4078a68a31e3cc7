"""devicefarm_driver: what it asks Appium for, how long it lives, and that it leaves."""

from __future__ import annotations

import pytest
from conftest import DISTRIBUTIONS, needs_endpoints

pytestmark = needs_endpoints


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_each_test_has_a_driver_of_its_own(run, farm, appium, tests, dist):
    """A new session and a quit for each test, on the session's endpoint; the device's properties are on the tests."""
    tests(
        """
        from appium.webdriver.common.appiumby import AppiumBy

        def test_one(devicefarm_driver):
            assert "login" in devicefarm_driver.page_source
        def test_two(devicefarm_driver):
            devicefarm_driver.find_element(AppiumBy.ID, "login").click()
        """
    )
    result = run(*dist, against=farm())
    assert result.code == 0, result.out
    assert appium.commands() == ["session", "source", "quit", "session", "element", "element/e1/click", "quit"]
    for test in ("test_one", "test_two"):
        assert result.properties(test)["devicefarm.device.name"] == "Apple iPhone 15 Pro"
