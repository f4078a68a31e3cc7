"""What the tests of the app share."""

import pytest
from screens.login import LoginScreen


@pytest.fixture(scope="session")
def devicefarm_capabilities(devicefarm_capabilities):
    """Appium's own stand-in for a phone. On a real one leave these out: platform and driver are the session's."""
    return {
        **devicefarm_capabilities,
        "platformName": "Fake",
        "appium:automationName": "Fake",
        "appium:deviceName": "Fake",
    }


@pytest.fixture
def login_screen(devicefarm_driver) -> LoginScreen:
    """The app as it starts."""
    return LoginScreen(devicefarm_driver)
