"""Rules of the layout. These tests need no phone: they run while it boots."""

import pytest
from shop import layout


@pytest.mark.parametrize(
    ("width", "form_factor", "columns"), [(320, "PHONE", 1), (1179, "PHONE", 2), (2048, "TABLET", 5)]
)
def test_columns(width, form_factor, columns):
    assert layout.columns(width, form_factor) == columns


@pytest.mark.parametrize(("platform", "version", "supported"), [("IOS", "17.5.1", True), ("ANDROID", "10", False)])
def test_supported_systems(platform, version, supported):
    assert layout.supports(platform, version) is supported
