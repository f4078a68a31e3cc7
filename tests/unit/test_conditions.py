"""model/condition: what a condition says of a device, and every text that is none."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_devicefarm.errors import ConfigurationError
from pytest_devicefarm.model.condition import Condition, parse_conditions, version
from pytest_devicefarm.model.session import Device

from .unit_samples import FULL, INSTANCE_ARN

PHONE = Device.from_response(FULL["device"])
BARE = Device()
KNOWN = (
    "arn, availability, fleet_type, form_factor, instance, instance_arn, instance_labels, manufacturer, model, "
    "model_id, name, os, os_version, platform, remote_access_enabled, remote_debug_enabled"
)


def _holds(text: str, device: Device) -> bool:
    (condition,) = parse_conditions(text)
    return condition.holds(device)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("platform=IOS", True),
        ("platform=ios", True),
        ("platform=ANDROID", False),
        ("platform!=ANDROID", True),
        ("platform!=IOS", False),
        ("platform=ANDROID|IOS", True),
        ("platform!=ANDROID|IOS", False),
        ("arn=ARN:aws:devicefarm:us-west-2::device:00example", True),
        ("arn=arn:aws:devicefarm:us-west-2::device:01EXAMPLE", False),
        ("name=apple IPHONE 15 pro", True),
        ("name=Apple iPhone 15", False),
        ("model=iPhone 15 Pro", True),
        ("model_id=a2848", True),
        ("model_id=A2849|A2848", True),
        ("manufacturer=Apple", True),
        ("manufacturer!=Google|Samsung", True),
        ("form_factor=phone", True),
        ("form_factor=TABLET", False),
        ("availability=HIGHLY_AVAILABLE", True),
        ("availability=available", False),
        ("fleet_type=private", True),
        ("fleet_type=PUBLIC", False),
        ("remote_access_enabled=TRUE", True),
        ("remote_access_enabled=false", False),
        ("remote_debug_enabled=false", True),
        ("remote_debug_enabled=true", False),
        ("instance_labels=Rack-7", True),
        ("instance_labels=5g", True),
        ("instance_labels=rack", False),
        ("instance_labels=rack-8|5G", True),
        ("instance_labels!=5G", False),
        ("instance_labels!=rack-8", True),
        (f"instance_arn={INSTANCE_ARN}", True),
        (f"instance={INSTANCE_ARN}", True),
        (f"instance_arn={INSTANCE_ARN}0", False),
    ],
)
def test_condition_on_text(text: str, expected: bool) -> None:
    """Texts compare whole and in any case; one of several has to be equal for =, and none of them for !=."""
    assert _holds(text, PHONE) is expected


VERSIONS = """
    17        17.5.1   =y !=n <n <=y >n >=y
    17.5      17.5.1   =y !=n <n <=y >n >=y
    17.5.1    17.5.1   =y !=n <n <=y >n >=y
    17.5.1.2  17.5.1   =n !=y <y <=y >n >=n
    17.4      17.3     =n !=y <y <=y >n >=n
    17.4      17.10    =n !=y <n <=n >y >=y
    17        16.7.9   =n !=y <y <=y >n >=n
    17        18       =n !=y <n <=n >y >=y
    9         10       =n !=y <n <=n >y >=y
    17.0      17       =y !=n <n <=y >n >=y
    17.0.0    17       =y !=n <n <=y >n >=y
    17.1      17       =n !=y <y <=y >n >=n
    17        17_beta  =y !=n <n <=y >n >=y
    17.4      17.x     =n !=y <y <=y >n >=n
    17        Tiramisu =n !=y <n <=n >n >=n
    0         Tiramisu =n !=y <n <=n >n >=n
    17        .17      =n !=y <n <=n >n >=n
    17        \u0661\u0667       =n !=y <n <=n >n >=n
"""
ORDER = [
    (f"os{cell[:-1]}{wanted}", has, cell.endswith("y"))
    for wanted, has, *cells in map(str.split, VERSIONS.strip().splitlines())
    for cell in cells
]


@pytest.mark.parametrize(("text", "has", "expected"), ORDER)
def test_condition_on_version(text: str, has: str, expected: bool) -> None:
    """Versions compare number by number, as many as were asked for; what is no version is like none at all."""
    assert _holds(text, Device(os=has)) is expected


def test_alternative_versions() -> None:
    """Alternatives of a version are as in all other attributes, and os_version is os."""
    assert _holds("os=16|17", PHONE)
    assert not _holds("os!=16|17", PHONE)
    assert parse_conditions("os_version>=17") == (Condition("os", ">=", ("17",)),)


@pytest.mark.parametrize("device", [BARE, Device(name="", os="", arn="", model="", model_id="", manufacturer="")])
@pytest.mark.parametrize(
    "sample",
    [
        *(
            "arn=a",
            "availability=BUSY",
            "fleet_type=PUBLIC",
            "form_factor=PHONE",
            "instance_arn=a",
            "instance_labels=a",
        ),
        *("manufacturer=a", "model=a", "model_id=a", "name=a", "os=0", "platform=IOS"),
        *("remote_access_enabled=false", "remote_debug_enabled=false"),
    ],
)
def test_absent_value(sample: str, device: Device) -> None:
    """What a device does not say is equal to nothing, and so different from everything."""
    assert not _holds(sample, device)
    assert _holds(sample.replace("=", "!="), device)


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">="])
def test_absent_version(operator: str) -> None:
    """A device without a version is neither older nor newer than any."""
    assert not _holds(f"os{operator}17", BARE)


def test_unknown_values_of_a_device() -> None:
    """A device may be of a kind that this version does not know: no condition asks for it, and != holds."""
    device = Device.from_response({"platform": "FUCHSIA"})
    assert not _holds("platform=IOS|ANDROID", device)
    assert _holds("platform!=IOS", device)


PARSED: dict[str, tuple[Condition, ...]] = {
    "platform=IOS,os>=17,form_factor=PHONE": (
        Condition("platform", "=", ("IOS",)),
        Condition("os", ">=", ("17",)),
        Condition("form_factor", "=", ("PHONE",)),
    ),
    "  Platform =  ios |Android , os < 18.1\n": (
        Condition("platform", "=", ("IOS", "ANDROID")),
        Condition("os", "<", ("18.1",)),
    ),
    "os>=16,os<18": (Condition("os", ">=", ("16",)), Condition("os", "<", ("18",))),
    "name = Apple  iPhone 15 ": (Condition("name", "=", ("Apple  iPhone 15",)),),
    "name!=a=b": (Condition("name", "!=", ("a=b",)),),
    "model=x>=3": (Condition("model", "=", ("x>=3",)),),
    "remote_access_enabled=TRUE": (Condition("remote_access_enabled", "=", ("true",)),),
    "platform=IOS|ios": (Condition("platform", "=", ("IOS",)),),
}


@pytest.mark.parametrize(("text", "conditions"), PARSED.items(), ids=range(len(PARSED)))
def test_parsed(text: str, conditions: tuple[Condition, ...]) -> None:
    """Blanks around names, operators and values do not count; those inside a value do."""
    assert parse_conditions(text) == conditions
    assert parse_conditions(",".join(map(str, conditions))) == conditions


EMPTY = "a condition is empty: expected ATTRIBUTE=VALUE between commas, such as platform=IOS"
OPERATORS = "expected = != < <= > or >=, as in platform=IOS"
TOO_MANY = "expected one of = != < <= > >= before its values"
REFUSED = {
    "": EMPTY,
    " ": EMPTY,
    "platform=IOS,": EMPTY,
    ",platform=IOS": EMPTY,
    "platform=IOS,,os=17": EMPTY,
    "iPhone 15": f"the condition 'iPhone 15' has no operator: {OPERATORS}",
    "os!17": f"the condition 'os!17' has no operator: {OPERATORS}",
    "platform:IOS": f"the condition 'platform:IOS' has no operator: {OPERATORS}",
    "os=": "the condition 'os=' has an empty value",
    "name= |": "the condition 'name= |' has an empty value",
    "name=a||b": "the condition 'name=a||b' has an empty value",
    "os==17": f"the condition 'os==17' has an operator too many: {TOO_MANY}",
    "os=>17": f"the condition 'os=>17' has an operator too many: {TOO_MANY}",
    "name=a|!=b": f"the condition 'name=a|!=b' has an operator too many: {TOO_MANY}",
    "os= <17": f"the condition 'os= <17' has an operator too many: {TOO_MANY}",
    "platfrom=IOS": f"the condition 'platfrom=IOS' has an unknown attribute 'platfrom': did you mean platform? known are {KNOWN}",
    "form-factor=PHONE": f"the condition 'form-factor=PHONE' has an unknown attribute 'form-factor': did you mean form_factor? known are {KNOWN}",
    "colour=red": f"the condition 'colour=red' has an unknown attribute 'colour': known are {KNOWN}",
    "=red": f"the condition '=red' has an unknown attribute '': known are {KNOWN}",
    "raw=1": f"the condition 'raw=1' has an unknown attribute 'raw': known are {KNOWN}",
    "platform=IOSX": "the condition 'platform=IOSX' has an unknown value 'IOSX': platform is one of ANDROID, IOS",
    "platform=IOS|X": "the condition 'platform=IOS|X' has an unknown value 'X': platform is one of ANDROID, IOS",
    "form_factor=WATCH": "the condition 'form_factor=WATCH' has an unknown value 'WATCH': form_factor is one of PHONE, TABLET",
    "availability=FREE": "the condition 'availability=FREE' has an unknown value 'FREE': availability is one of TEMPORARY_NOT_AVAILABLE, BUSY, AVAILABLE, HIGHLY_AVAILABLE",
    "fleet_type=MINE": "the condition 'fleet_type=MINE' has an unknown value 'MINE': fleet_type is one of PUBLIC, PRIVATE",
    "remote_access_enabled=yes": "the condition 'remote_access_enabled=yes' has an unknown value 'yes': remote_access_enabled is one of true, false",
    "name>=3": "the condition 'name>=3' compares: >= is for os only, others take = and !=",
    "model<3": "the condition 'model<3' compares: < is for os only, others take = and !=",
    "os>=17|18": "the condition 'os>=17|18' has alternatives: they are for = and != only",
    "os>=17.x": "the condition 'os>=17.x' has no OS version: '17.x' is no number such as 17 or 17.5.1",
    "os=17.": "the condition 'os=17.' has no OS version: '17.' is no number such as 17 or 17.5.1",
    "os=iOS 17": "the condition 'os=iOS 17' has no OS version: 'iOS 17' is no number such as 17 or 17.5.1",
    "os=-17": "the condition 'os=-17' has no OS version: '-17' is no number such as 17 or 17.5.1",
    "os=17|x": "the condition 'os=17|x' has no OS version: 'x' is no number such as 17 or 17.5.1",
    "os=\u0661\u0667": "the condition 'os=\u0661\u0667' has no OS version: '\u0661\u0667' is no number such as 17 or 17.5.1",
    "name=a\nb": "the condition 'name=a\\nb' has unprintable characters",
    "name=\x1b[31m": "the condition 'name=\\x1b[31m' has unprintable characters",
}


@pytest.mark.parametrize(("text", "error"), REFUSED.items(), ids=range(len(REFUSED)))
def test_refused(text: str, error: str) -> None:
    """Each text that is no condition is refused with its own reason, on one line."""
    with pytest.raises(ConfigurationError) as caught:
        parse_conditions(text)
    assert str(caught.value) == error


def test_attributes_are_those_of_the_service() -> None:
    """Every DeviceFilterAttribute of the installed service model is an attribute of conditions."""
    model: Any = botocore.session.get_session().get_service_model("devicefarm")
    attributes = {name.lower() for name in model.shape_for("DeviceFilterAttribute").enum}
    assert attributes <= {*KNOWN.split(", ")}


TEXTS = st.text(st.characters(exclude_characters=",|"), max_size=8)


@given(
    st.sampled_from(["name", "MODEL ", "os", "platform", "instance_labels", "nonsense"]),
    st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "", " = "]),
    st.lists(st.one_of(TEXTS, st.sampled_from(["17", "16.1", "IOS", "android", "9" * 5000])), max_size=3),
)
@example("os", "=", ["1" * 5000])
@example("name", "=", ["\ud800"])
def test_any_text_is_read_or_refused_on_one_line(attribute: str, operator: str, values: list[str]) -> None:
    """What is read holds or not without an error, and its text reads the same; all else is refused on one line."""
    try:
        conditions = parse_conditions(f"{attribute}{operator}{'|'.join(values)}")
    except ConfigurationError as error:
        line = str(error)
        assert line.isprintable()
        assert len(line) < 1000
    else:
        assert parse_conditions(",".join(map(str, conditions))) == conditions
        for condition in conditions:
            assert condition.holds(PHONE) in (True, False)
            assert condition.holds(Device(os="9" * 5000)) in (True, False)


@pytest.mark.parametrize(
    ("text", "numbers"), [("17.5.1", (17, 5, 1)), ("8.0.0", (8, 0, 0)), ("17.5 beta 2", (17, 5)), ("R", ()), ("", ())]
)
def test_version(text: str, numbers: tuple[int, ...]) -> None:
    """A version is the numbers that its text begins with."""
    assert version(text) == numbers
