"""driver/capabilities: defaults, what is laid over them, and what is left out."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import pytest

from pytest_devicefarm.driver.capabilities import FORBIDDEN, defaults, merge, of_mark
from pytest_devicefarm.emulator import appium_support
from pytest_devicefarm.errors import ConfigurationError, DeviceFarmWarning

IOS = {"platformName": "iOS", "appium:automationName": "XCUITest", "appium:newCommandTimeout": 600}


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("IOS", IOS),
        ("ANDROID", IOS | {"platformName": "Android", "appium:automationName": "UiAutomator2"}),
        ("WEAROS", {"appium:newCommandTimeout": 600}),
        (None, {"appium:newCommandTimeout": 600}),
    ],
)
def test_defaults(platform: str | None, expected: dict[str, Any]) -> None:
    """By platform; of an unknown one only what holds for all. A driver outlives the session's 5 idle minutes."""
    assert defaults(platform) == merge(platform, []) == expected
    assert expected["appium:newCommandTimeout"] > 300


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        ({"noReset": True}, {"appium:noReset": True}),
        ({"appium:noReset": True}, {"appium:noReset": True}),
        ({"browserName": "Safari"}, {"browserName": "Safari"}),
        ({"automationName": "Fake"}, {"appium:automationName": "Fake"}),
        ({"df:x": 1}, {"df:x": 1}),
        (
            {"appium:options": {"noReset": True, "appium:language": "de"}},
            {"appium:noReset": True, "appium:language": "de"},
        ),
        ({"appium:app": "https://x.example/a.ipa"}, {"appium:app": "https://x.example/a.ipa"}),
        ({"app": "s3://bucket/a.ipa"}, {"appium:app": "s3://bucket/a.ipa"}),
        ({"webSocketUrl": False}, {"webSocketUrl": False}),
    ],
)
def test_names_and_prefixes(given: dict[str, Any], changed: dict[str, Any]) -> None:
    """Names that are not the standard's are Appium's, with or without its prefix, in appium:options too."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert merge("IOS", [given]) == IOS | changed


def test_the_last_one_wins_and_none_takes_away() -> None:
    """The same name with and without the prefix is one capability."""
    given: list[Mapping[str, Any]] = [
        {"noReset": True, "language": "de"},
        {"appium:noReset": None, "platformName": None},
    ]
    assert merge("IOS", given) == {
        "appium:automationName": "XCUITest",
        "appium:newCommandTimeout": 600,
        "appium:language": "de",
    }


@pytest.mark.parametrize("name", [*sorted(FORBIDDEN), "webSocketUrl", "app"])
@pytest.mark.parametrize("form", ["{}", "appium:{}", "appium:options"])
def test_the_forbidden_are_left_out(name: str, form: str) -> None:
    """Each with a warning that names it, however it is written."""
    value = "/tmp/a.ipa" if name == "app" else True
    given = {"appium:options": {name: value}} if form == "appium:options" else {form.format(name): value}
    if name == "webSocketUrl" and form == "appium:{}":
        given = {name: value}
    with pytest.warns(DeviceFarmWarning, match=f"the capability (appium:)?{name} is left out: Device Farm refuses it"):
        assert merge("IOS", [given]) == IOS


def test_the_forbidden_are_those_that_the_emulator_refuses() -> None:
    """Both lists come from the same page of the guide; each package has its own."""
    assert set(FORBIDDEN) == set(appium_support.CAPABILITIES)


@pytest.mark.parametrize("given", [None, [1], "appium:app", 5])
def test_what_is_no_dict(given: Any) -> None:
    """One line that says what it is."""
    with pytest.raises(ConfigurationError, match=r"devicefarm_capabilities is an? \w+, not a dict"):
        merge("IOS", [given])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"x": object()}, r"the capability appium:x cannot be sent \(Object of type object is not JSON serializable\)"),
        ({1: 2}, "the name of a capability is a text, not an int: 1"),
    ],
)
def test_what_is_no_json(given: Any, said: str) -> None:
    """One line that names the capability."""
    with pytest.raises(ConfigurationError, match=said):
        merge("IOS", [given])


def test_marks() -> None:
    """Dicts and keywords; the keywords win."""
    assert of_mark(({"noReset": True, "language": "de"},), {"language": "fr"}) == {
        "appium:noReset": True,
        "appium:language": "fr",
    }
    with pytest.raises(ConfigurationError, match="takes dicts and keywords, not a str: 'noReset'"):
        of_mark(("noReset",), {})
