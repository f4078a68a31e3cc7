"""model/device_request: what --devicefarm-device may ask for, and every text that asks for nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_devicefarm.errors import ConfigurationError
from pytest_devicefarm.model.condition import parse_conditions
from pytest_devicefarm.model.device_request import DeviceRequest, parse_device_request

from .unit_samples import EXAMPLE_ARN, INSTANCE_ARN

DEVICE_ARN = "arn:aws:devicefarm:us-west-2::device:70D5B22608A149568923E4A225EC5E04"


@pytest.mark.parametrize(
    ("text", "count", "wanted"),
    [
        ("platform=IOS,os>=17,form_factor=PHONE", 1, "platform=IOS,os>=17,form_factor=PHONE"),
        (" platform=IOS \n", 1, "platform=IOS"),
        ("3*platform=ANDROID", 3, "platform=ANDROID"),
        (" 3 * platform=ANDROID", 3, "platform=ANDROID"),
        ("1*platform=ANDROID", 1, "platform=ANDROID"),
        ("100*os>=17", 100, "os>=17"),
        ("name=iPhone*", 1, "name=iPhone*"),
        ("2*name=iPhone*", 2, "name=iPhone*"),
        ("os>17,name=a*b", 1, "os>17,name=a*b"),
        (f"arn={DEVICE_ARN},os>=17", 1, f"arn={DEVICE_ARN},os>=17"),
        (f"arn={DEVICE_ARN}|{DEVICE_ARN}0", 1, f"arn={DEVICE_ARN}|{DEVICE_ARN}0"),
        (f"arn!={DEVICE_ARN}", 1, f"arn!={DEVICE_ARN}"),
        (f"instance={INSTANCE_ARN},os>=17", 1, f"instance={INSTANCE_ARN},os>=17"),
        ("instance_labels=rack-7", 1, "instance_labels=rack-7"),
    ],
)
def test_filter(text: str, count: int, wanted: str) -> None:
    """A filter is its conditions, once for each session; N* before it says how many."""
    request = DeviceRequest(wanted, parse_conditions(wanted))
    assert parse_device_request(text) == (request,) * count
    assert request.device_arn is None
    assert request.instance_arn is None


@pytest.mark.parametrize("text", [DEVICE_ARN, f"arn={DEVICE_ARN}", f" ARN = {DEVICE_ARN} ", f"2*{DEVICE_ARN}"])
def test_device_arn(text: str) -> None:
    """A device's ARN, with or without ``arn=``, asks for that device; a public one is asked for any number of times."""
    requests = parse_device_request(text)
    assert len(requests) == (2 if "*" in text else 1)
    assert {(request.device_arn, request.instance_arn) for request in requests} == {(DEVICE_ARN, None)}
    assert requests[0].conditions == parse_conditions(f"arn={DEVICE_ARN}")
    assert requests[0].text == text.strip().removeprefix("2*")


def test_device_arn_with_an_account() -> None:
    """A device may belong to an account."""
    arn = DEVICE_ARN.replace("::", ":123456789012:")
    assert parse_device_request(arn)[0].device_arn == arn


@pytest.mark.parametrize(
    "text", [f"instance={INSTANCE_ARN}", f"instance_arn = {INSTANCE_ARN}", f"1*instance={INSTANCE_ARN}"]
)
def test_instance_arn(text: str) -> None:
    """``instance=ARN`` asks for one instance of a private device."""
    (request,) = parse_device_request(text)
    assert (request.device_arn, request.instance_arn) == (None, INSTANCE_ARN)
    assert request.conditions == parse_conditions(f"instance_arn={INSTANCE_ARN}")


FORM = "arn:aws:devicefarm:us-west-2::device:ID"
INSTANCE_FORM = "arn:aws:devicefarm:us-west-2:ACCOUNT:deviceinstance:ID"
NOTHING = "asks for no device: expected a filter such as platform=IOS,os>=17, a device's ARN, or instance=ARN, after N* for N sessions"
COUNT = "expected 1 to 100 before *, as in 3*platform=IOS"
REFUSED = {
    "": f"'' {NOTHING}",
    "3*": f"'3*' {NOTHING}",
    " 3 * ": f"' 3 * ' {NOTHING}",
    "*platform=IOS": f"'*platform=IOS' asks for '' sessions: {COUNT}",
    "*": f"'*' asks for '' sessions: {COUNT}",
    "0*platform=IOS": f"'0*platform=IOS' asks for '0' sessions: {COUNT}",
    "-1*platform=IOS": f"'-1*platform=IOS' asks for '-1' sessions: {COUNT}",
    "101*platform=IOS": f"'101*platform=IOS' asks for '101' sessions: {COUNT}",
    "1.5*platform=IOS": f"'1.5*platform=IOS' asks for '1.5' sessions: {COUNT}",
    "three*platform=IOS": f"'three*platform=IOS' asks for 'three' sessions: {COUNT}",
    "\u0663*platform=IOS": f"'\u0663*platform=IOS' asks for '\u0663' sessions: {COUNT}",
    "2*3*platform=IOS": "the condition '3*platform=IOS' has an unknown attribute '3*platform': did you mean platform? known are ",
    "iPhone 15": "the condition 'iPhone 15' has no operator: expected ",
    "platform=IOSX": "the condition 'platform=IOSX' has an unknown value 'IOSX': platform is one of ANDROID, IOS",
    "arn=x": f"malformed ARN 'x': 1 characters, an ARN has 32 to 1011; expected {FORM}",
    EXAMPLE_ARN: f"malformed ARN '{EXAMPLE_ARN}': it names a session, not a device; expected {FORM}",
    INSTANCE_ARN: f"malformed ARN '{INSTANCE_ARN}': it names a deviceinstance, not a device; expected {FORM}",
    "arn:aws:devicefarm:us-west-2:12345:device:ABCDEF": f"malformed ARN 'arn:aws:devicefarm:us-west-2:12345:device:ABCDEF': its account '12345' is not 12 digits; expected {FORM}",
    "instance=x": f"malformed ARN 'x': 1 characters, an ARN has 32 to 1011; expected {INSTANCE_FORM}",
    f"instance={DEVICE_ARN}": f"malformed ARN '{DEVICE_ARN}': it names a device, not a deviceinstance; expected {INSTANCE_FORM}",
    f"instance={INSTANCE_ARN.replace('123456789012', '')}": f"malformed ARN '{INSTANCE_ARN.replace('123456789012', '')}': its account '' is not 12 digits; expected {INSTANCE_FORM}",
    f"2*instance={INSTANCE_ARN}": f"'2*instance={INSTANCE_ARN}' asks for 2 sessions on one instance, which has one at a time",
}


@pytest.mark.parametrize(("text", "error"), REFUSED.items(), ids=range(len(REFUSED)))
def test_refused(text: str, error: str) -> None:
    """Each text that asks for no device is refused with its own reason."""
    with pytest.raises(ConfigurationError) as caught:
        parse_device_request(text)
    assert str(caught.value).startswith(error)


PIECES = st.sampled_from(["3", "*", "platform=IOS", ",", "arn=", DEVICE_ARN, "instance=", INSTANCE_ARN, "os>=17", " "])


@given(st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=6).map("".join))
def test_any_text_is_read_or_refused_on_one_line(text: str) -> None:
    """No text does anything but ask for 1 to 100 devices or raise a ConfigurationError of one printable line."""
    try:
        requests = parse_device_request(text)
    except ConfigurationError as error:
        line = str(error)
        assert line.isprintable()
        assert len(line) < 1500
    else:
        assert 1 <= len(requests) <= 100
        assert len(set(requests)) == 1
