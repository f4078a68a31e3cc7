"""What the tests of the shop share."""

import pytest
from shop import layout

from pytest_devicefarm import LiveDevice


@pytest.fixture(scope="session")
def supported_device(devicefarm_device: LiveDevice) -> LiveDevice:
    """The phone of this run; tests are skipped where the app does not run on its system."""
    if not layout.supports(devicefarm_device.platform, devicefarm_device.os):
        pytest.skip(f"the shop does not run on {devicefarm_device.system}")
    return devicefarm_device


def pytest_devicefarm_properties(config, session):
    """Say in every report which build of the shop was tested."""
    return {"shop.build": "2026.11"}
