"""The catalogue on the phone of this run."""

import pytest
from shop import layout


def test_two_products_fit_side_by_side(supported_device):
    width = supported_device.resolution.width
    assert layout.columns(width, supported_device.form_factor) >= 2


def test_the_session_is_ready(devicefarm_session):
    assert devicefarm_session.status == "RUNNING"
    assert devicefarm_session.interaction_mode != "INTERACTIVE", "XCUITest would not run"


@pytest.mark.devicefarm(platform="ANDROID")
def test_android_is_recent_enough_for_gestures(supported_device):
    assert int(supported_device.os.split(".")[0]) >= 10, "gestures would need a back button"


@pytest.mark.parametrize("orientation", ["portrait", "landscape"])
def test_products_are_wide_enough(supported_device, orientation):
    size = supported_device.resolution
    width = size.width if orientation == "portrait" else size.height
    assert width / layout.columns(width, supported_device.form_factor) >= 360
