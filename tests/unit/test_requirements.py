"""model/requirement: what a marker states, how it travels, and which sessions fit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_devicefarm.errors import ConfigurationError
from pytest_devicefarm.model.condition import Condition
from pytest_devicefarm.model.requirement import Requirement, describe, describe_device
from pytest_devicefarm.model.session import Device, Platform, RemoteAccessSession

from .unit_samples import FULL, INSTANCE_ARN, full

IOS = Condition("platform", "=", ("IOS",))
OTHER_INSTANCE = INSTANCE_ARN + "5"


def _marker(**kwargs: Any) -> Requirement:
    return Requirement.from_marker((), kwargs)


def _session(device: dict[str, Any] | None = None, **changes: Any) -> RemoteAccessSession:
    return RemoteAccessSession.from_response(full(**changes) | {"device": FULL["device"] | (device or {})})


MARKERS: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    (
        {"platform": "IOS", "os": ">=17", "form_factor": "TABLET", "xcuitest": True},
        "platform=IOS,os>=17,form_factor=TABLET,xcuitest=true",
    ),
    ({"platform": "ios"}, "platform=IOS"),
    ({"platform": Platform.IOS}, "platform=IOS"),
    ({"platform": "!=IOS"}, "platform!=IOS"),
    ({"platform": "IOS|ANDROID"}, "platform=IOS|ANDROID"),
    ({"platform": ["IOS", "ANDROID"]}, "platform=IOS|ANDROID"),
    ({"platform": ("ANDROID", Platform.IOS)}, "platform=ANDROID|IOS"),
    ({"platform": {"IOS", "ANDROID"}}, "platform=ANDROID|IOS"),
    ({"name": frozenset("fedcba")}, "name=a|b|c|d|e|f"),
    ({"os": "17"}, "os=17"),
    ({"os": "=17"}, "os=17"),
    ({"os": " >= 17 "}, "os>=17"),
    ({"os": ">=16, <18"}, "os>=16,os<18"),
    ({"os_version": ">=16,<18"}, "os>=16,os<18"),
    ({"os": "!=17.1,>16"}, "os!=17.1,os>16"),
    ({"os": 17}, "os=17"),
    ({"os": 17.4}, "os=17.4"),
    ({"os": [16, 17.4, "18.1.1"]}, "os=16|17.4|18.1.1"),
    ({"remote_access_enabled": True}, "remote_access_enabled=true"),
    ({"remote_access_enabled": False}, "remote_access_enabled=false"),
    ({"instance_labels": "rack 7"}, "instance_labels=rack 7"),
    ({"xcuitest": True}, "xcuitest=true"),
    ({"xcuitest": False}, ""),
    ({"xcuitest": None, "os": None, "platform": None}, ""),
    ({"os": ">=17,>=17"}, "os>=17"),
]


@pytest.mark.parametrize(("kwargs", "text"), MARKERS, ids=range(len(MARKERS)))
def test_marker(kwargs: dict[str, Any], text: str) -> None:
    """Each kind of value states its conditions, and the text of them all reads the same in another process."""
    requirement = _marker(**kwargs)
    assert str(requirement) == text
    assert Requirement.parse(text) == requirement
    assert bool(requirement) is bool(text)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"colour": "red"}, "the condition 'colour=red' has an unknown attribute 'colour': known are arn, "),
    (
        {"platform": "IOSX"},
        "the condition 'platform=IOSX' has an unknown value 'IOSX': platform is one of ANDROID, IOS",
    ),
    ({"platform": ">=IOS"}, "the condition 'platform>=IOS' compares: >= is for os only"),
    ({"platform": True}, "the condition 'platform=true' has an unknown value 'true'"),
    ({"platform": []}, "the condition 'platform=' has an empty value"),
    ({"platform": ""}, "the condition 'platform=' has an empty value"),
    ({"os": ""}, "the condition 'os=' has an empty value"),
    ({"os": ">=16,"}, "the condition 'os=' has an empty value"),
    ({"os": ">=x"}, "the condition 'os>=x' has no OS version: 'x' is no number"),
    ({"os": float("inf")}, "the condition 'os=inf' has no OS version: 'inf' is no number"),
    ({"os": -1}, "the condition 'os=-1' has no OS version: '-1' is no number"),
    ({"os": True}, "the condition 'os=true' has no OS version: 'true' is no number"),
    ({"os": [">=16", "<18"]}, "the condition 'os=>=16|<18' has an operator too many"),
    ({"name": ["!=a", "b"]}, "the condition 'name=!=a|b' has an operator too many"),
    ({"os": ["16,17"]}, "os is '16,17': no value has a comma; give alternatives as a list"),
    ({"name": "a,b"}, "name is 'a,b': no value has a comma; give alternatives as a list"),
    ({"name": b"a"}, "name is b'a': expected a text, a number, a bool, or a list of them"),
    ({"name": {"a": 1}}, "name is {'a': 1}: expected a text, a number, a bool, or a list of them"),
    ({"name": [["a"]]}, "name is ['a']: expected a text, a number, a bool, or a list of them"),
    ({"name": [None]}, "name is None: expected a text, a number, a bool, or a list of them"),
    ({"name": "a\nb"}, "the condition 'name=a\\nb' has unprintable characters"),
    ({"xcuitest": "true"}, "xcuitest is 'true': expected True or False"),
    ({"xcuitest": 1}, "xcuitest is 1: expected True or False"),
]


@pytest.mark.parametrize(("kwargs", "error"), REFUSED, ids=range(len(REFUSED)))
def test_refused_marker(kwargs: dict[str, Any], error: str) -> None:
    """Each value that states no requirement is refused with its own reason, on one line that names the marker."""
    with pytest.raises(ConfigurationError) as caught:
        _marker(**kwargs)
    assert str(caught.value).startswith(f"@pytest.mark.devicefarm: {error}")
    assert str(caught.value).isprintable()


def test_nameless_argument() -> None:
    """What a value is of must be said."""
    with pytest.raises(ConfigurationError) as caught:
        Requirement.from_marker(("IOS",), {})
    assert str(caught.value) == (
        "@pytest.mark.devicefarm has the nameless argument 'IOS': expected attributes by name, as in "
        '@pytest.mark.devicefarm(platform="IOS", os=">=17", xcuitest=True)'
    )


def test_parse_refuses_nonsense() -> None:
    """Only what `str` made is read."""
    with pytest.raises(ConfigurationError, match="unknown attribute 'xcuitest'"):
        Requirement.parse("xcuitest=maybe")


VALUES = st.text(st.characters(exclude_characters=",|"), min_size=1, max_size=6)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "name": st.one_of(VALUES, st.lists(VALUES, min_size=1), st.sets(VALUES, min_size=1)),
            "os": st.one_of(st.integers(0, 99), st.floats(1, 30), st.sampled_from([">=16,<18", "17", "!=3"])),
            "platform": st.sampled_from(["IOS", ["ANDROID", "IOS"], "!=IOS"]),
            "xcuitest": st.booleans(),
        },
    )
)
def test_round_trip(kwargs: dict[str, Any]) -> None:
    """Whatever a marker states is the same requirement in another process, and fits the same sessions."""
    try:
        requirement = _marker(**kwargs)
    except ConfigurationError as error:
        line = str(error)
        assert line.isprintable()
    else:
        again = Requirement.parse(str(requirement))
        assert again == requirement
        assert again.fits(_session()) is requirement.fits(_session())


def test_and() -> None:
    """Two requirements together are all of both, each condition once, in order."""
    both = _marker(platform="IOS", os=">=16") & _marker(os=">=17", platform="IOS", xcuitest=True)
    assert str(both) == "platform=IOS,os>=16,os>=17,xcuitest=true"
    assert (_marker(xcuitest=True) & Requirement()).xcuitest
    assert not (_marker(os=17) & Requirement()).xcuitest
    assert _marker(os=17) & Requirement() == _marker(os=17)
    assert not Requirement() & Requirement()


FITS: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({}, {}, True),
    ({"platform": "IOS", "os": ">=17", "form_factor": "PHONE"}, {}, True),
    ({"platform": "IOS", "os": ">=18"}, {}, False),
    ({"platform": "ANDROID", "os": ">=17"}, {}, False),
    ({"platform": "IOS"}, {"platform": None}, False),
    ({"os": ">=16,<18"}, {}, True),
    ({"os": ">=16,<17"}, {}, False),
]


@pytest.mark.parametrize(("kwargs", "device", "expected"), FITS, ids=range(len(FITS)))
def test_fits(kwargs: dict[str, Any], device: dict[str, Any], expected: bool) -> None:
    """A session fits when its device meets every condition."""
    assert _marker(**kwargs).fits(_session(device)) is expected


@pytest.mark.parametrize(
    ("platform", "mode", "expected"),
    [
        ("IOS", "NO_VIDEO", True),
        ("IOS", "VIDEO_ONLY", True),
        ("IOS", None, True),
        ("IOS", "HOLOGRAPHIC", True),
        ("IOS", "INTERACTIVE", False),
        ("ANDROID", "NO_VIDEO", False),
        ("ANDROID", None, False),
        (None, "NO_VIDEO", False),
        ("FUCHSIA", "NO_VIDEO", False),
    ],
)
def test_xcuitest_fits(platform: str | None, mode: str | None, expected: bool) -> None:
    """XCUITest needs an iOS session whose mode is not INTERACTIVE, as far as is known."""
    session = _session({"platform": platform}, interactionMode=mode)
    assert _marker(xcuitest=True).fits(session) is expected
    assert _marker(xcuitest=False).fits(session)


def test_session_without_device() -> None:
    """A reading without a device fits only what forbids something."""
    session = RemoteAccessSession()
    assert Requirement().fits(session)
    assert not _marker(platform="IOS").fits(session)
    assert _marker(platform="!=IOS").fits(session)
    assert not _marker(xcuitest=True).fits(session)


def _of_two(status: str = "IN_USE", **changes: Any) -> RemoteAccessSession:
    """A session on the first of two instances of its device."""
    first = FULL["device"]["instances"][0]
    second = first | {"arn": OTHER_INSTANCE, "labels": ["rack-8"], "status": status}
    return _session({"instances": [first, second]}, **changes)


def test_instance_in_use() -> None:
    """Labels and ARNs are those of the instance that the session has, not of its device's others."""
    session = _of_two()
    assert _marker(instance_labels="rack-7").fits(session)
    assert not _marker(instance_labels="rack-8").fits(session)
    assert _marker(instance_labels="!=rack-8").fits(session)
    assert _marker(instance_arn=INSTANCE_ARN).fits(session)
    assert not _marker(instance_arn=OTHER_INSTANCE).fits(session)


def test_instance_that_alone_is_in_use() -> None:
    """Where a session does not say its instance, the only one in use is it."""
    session = _of_two(status="AVAILABLE", instanceArn=None)
    assert _marker(instance_labels="rack-7").fits(session)
    assert not _marker(instance_labels="rack-8").fits(session)


def test_instance_that_the_device_does_not_list() -> None:
    """A session's instance has its ARN, and no labels of others."""
    session = _of_two(instanceArn=INSTANCE_ARN + "9")
    assert _marker(instance_arn=INSTANCE_ARN + "9").fits(session)
    assert not _marker(instance_arn=INSTANCE_ARN).fits(session)
    assert not _marker(instance_labels="rack-7").fits(session)


def test_instance_that_is_not_known() -> None:
    """Where no reading tells the instance, any of the device's may be it."""
    session = _of_two(instanceArn=None)
    assert _marker(instance_labels="rack-8").fits(session)
    assert not _marker(instance_labels="rack-9").fits(session)


@pytest.mark.parametrize(
    ("device", "changes", "text"),
    [
        ({}, {"interactionMode": "NO_VIDEO"}, "Apple iPhone 15 Pro (iOS 17.5.1, PHONE, NO_VIDEO)"),
        ({}, {"interactionMode": None}, "Apple iPhone 15 Pro (iOS 17.5.1, PHONE)"),
        ({"name": None}, {}, "iPhone 15 Pro (iOS 17.5.1, PHONE, VIDEO_ONLY)"),
        ({"name": "a\nb", "formFactor": None}, {}, "a\\nb (iOS 17.5.1, VIDEO_ONLY)"),
    ],
)
def test_describe(device: dict[str, Any], changes: dict[str, Any], text: str) -> None:
    """A session is described on one line by what requirements are about, without what is absent."""
    assert describe(_session(device, **changes)) == text


def test_describe_with_little_known() -> None:
    """A session without a device goes by its name; a device without facts by its name or ARN."""
    assert describe(RemoteAccessSession(name="nightly", arn="arn:x")) == "'nightly' arn:x"
    assert describe_device(Device(name="Phone"), None) == "Phone"
    assert describe_device(Device(arn="arn:x"), "BUSY") == "arn:x (BUSY)"
    assert describe_device(Device(), None) == "device"


def test_condition_is_shared() -> None:
    """Requirements are made of the conditions that choose devices."""
    assert _marker(platform="IOS").conditions == (IOS,)
