"""farm/devices: which device each session gets, and why one gets none."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_devicefarm.emulator import Emulator, Scenario
from pytest_devicefarm.errors import ConfigurationError
from pytest_devicefarm.farm.client import make_client
from pytest_devicefarm.farm.devices import Choice, choose_devices, list_devices
from pytest_devicefarm.model.device_request import DeviceRequest, parse_device_request
from pytest_devicefarm.model.session import Device
from pytest_devicefarm.settings import ClientSettings


def _arn(name: str) -> str:
    return f"arn:aws:devicefarm:us-west-2::device:{name.replace(' ', '-')}"


def _instance_arn(name: str) -> str:
    return f"arn:aws:devicefarm:us-west-2:123456789012:deviceinstance:{name}"


def _device(name: str, os: str = "17.5.1", availability: str | None = "AVAILABLE", **fields: Any) -> Device:
    response = {"arn": _arn(name), "name": name, "platform": "IOS", "formFactor": "PHONE", "os": os}
    return Device.from_response(response | {"availability": availability, "fleetType": "PUBLIC"} | fields)


def _private(name: str, *instances: str | tuple[str, str | None], **fields: Any) -> Device:
    """A private device with instances by name, AVAILABLE unless another status is given; a label is the name."""
    named = [(each, "AVAILABLE") if isinstance(each, str) else each for each in instances]
    listed = [{"arn": _instance_arn(each), "status": status, "labels": [each]} for each, status in named]
    return _device(name, **{"fleetType": "PRIVATE", "instances": listed} | fields)


def _requests(*texts: str) -> list[DeviceRequest]:
    return [request for text in texts for request in parse_device_request(text)]


def _choose(texts: str | list[str], devices: list[Device], **options: Any) -> list[str]:
    """What each request gets: a device's name, or of a private one the instance's."""
    requests = _requests(*([texts] if isinstance(texts, str) else texts))
    choices = choose_devices(requests, devices, **options)
    return [str(each.instance_arn.rpartition(":")[2] if each.instance_arn else each.device.name) for each in choices]


def _complaint(texts: str | list[str], devices: list[Device], **options: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        _choose(texts, devices, **options)
    assert str(caught.value).isprintable()
    return str(caught.value)


ORDERS: dict[str, list[Device]] = {
    "availability": [
        _device("E", availability="HIGHLY_AVAILABLE", os="12"),
        _device("D", availability="AVAILABLE", os="13"),
        _device("C", availability=None, os="14"),
        _device("B", availability="BUSY", os="15"),
        _device("A", availability="TEMPORARY_NOT_AVAILABLE", os="16"),
    ],
    "unknown-availability": [_device("C"), _device("B", availability="ON_LOAN"), _device("A", availability="BUSY")],
    "newest-os": [
        _device("F", "26.0"),
        _device("E", "17.10"),
        _device("D", "17.5.1"),
        _device("C", "17.5"),
        _device("B", "9.3"),
        _device("A", "Tiramisu"),
    ],
    "name": [_device("A", arn=_arn("3")), _device("B", arn=_arn("2")), _device("C", arn=_arn("1"))],
    "arn": [_device("A", arn=_arn("1")), _device("A", arn=_arn("2"))],
    "instances": [
        _private("C", "ready"),
        _private("B", ("unknown", None)),
        _private("A", ("in-use", "IN_USE")),
    ],
    "busy-instance-after-free-device": [_device("B", "12"), _private("A", ("in-use", "IN_USE"))],
    "instances-of-busy-device": [_device("B", "12"), _private("A", "free", availability="BUSY")],
}


@pytest.mark.parametrize("devices", ORDERS.values(), ids=ORDERS)
def test_order(devices: list[Device]) -> None:
    """The most available device is chosen, then the newest OS, then by name, however the list is ordered."""
    while devices:
        for listed in permutations(devices):
            (choice,) = choose_devices(_requests("platform=IOS"), listed)
            assert choice.device is devices[0]
        devices = devices[1:]


def test_order_of_instances() -> None:
    """Of one device's instances the free one comes first, then by ARN."""
    device = _private("A", ("1", "IN_USE"), ("2", "PREPARING"), ("3", None), "5", "4")
    assert _choose("5*platform=IOS", [device]) == ["4", "5", "3", "1", "2"]


def test_not_available_instance_is_never_given() -> None:
    """An instance that is NOT_AVAILABLE is out of the question, its device's others are not."""
    device = _private("A", ("1", "NOT_AVAILABLE"), "2")
    assert _choose("platform=IOS", [device]) == ["2"]
    assert _complaint("2*platform=IOS", [device]) == (
        "no device is left for 'platform=IOS': other sessions of this run have every instance of "
        "A (iOS 17.5.1, PHONE, AVAILABLE); ask for fewer sessions"
    )
    assert _complaint(f"instance={_instance_arn('1')}", [device]) == (
        f"no device can be used for 'instance={_instance_arn('1')}': A (iOS 17.5.1, PHONE, AVAILABLE): "
        f"its instance {_instance_arn('1')} is NOT_AVAILABLE"
    )


def test_spread() -> None:
    """Sessions spread over devices that are equally available, evenly, and to others only when there is none."""
    devices = [_device("A", "18"), _device("B", "17"), _device("C", "19", "BUSY")]
    assert _choose("5*platform=IOS", devices) == ["A", "B", "A", "B", "A"]


def test_public_device_takes_many() -> None:
    """One public device is enough for any number of sessions."""
    assert _choose(f"3*{_arn('B')}", [_device("A"), _device("B")]) == ["B", "B", "B"]


def test_requests_spread_together() -> None:
    """A device that another filter got is passed over where an equal one is there, whatever the order of requests."""
    devices = [_device("A", "18"), _device("B", "17")]
    assert _choose([_arn("A"), "platform=IOS"], devices) == ["A", "B"]
    assert _choose(["platform=IOS", _arn("A")], devices) == ["B", "A"]


@pytest.mark.parametrize(
    ("availability", "expected"),
    [
        ("HIGHLY_AVAILABLE", ["Z", "A", "B"]),
        ("AVAILABLE", ["Z", "A", "B"]),
        (None, ["Z", "A", "B"]),
        ("BUSY", ["A", "B", "A"]),
        ("TEMPORARY_NOT_AVAILABLE", ["A", "B", "A"]),
    ],
)
def test_prefer(availability: str | None, expected: list[str]) -> None:
    """The preferred device comes first, once, unless it has to be waited for."""
    devices = [_device("A", "18", "HIGHLY_AVAILABLE"), _device("B", "17", "HIGHLY_AVAILABLE")]
    preferred = _device("Z", "12", availability)
    assert _choose("3*platform=IOS", [*devices, preferred], prefer=_arn("Z")) == expected


def test_prefer_among_busy_ones() -> None:
    """Where all have to be waited for, the preferred device is as good as any, and must fit like any."""
    devices = [_device("A", "18", "BUSY"), _device("B", "17", "BUSY")]
    assert _choose("platform=IOS", devices, prefer=_arn("B")) == ["B"]
    assert _choose("os>=18", devices, prefer=_arn("B")) == ["A"]
    assert _choose("platform=IOS", devices, prefer=_arn("gone")) == ["A"]


def test_instances_are_given_once() -> None:
    """Each instance of a private device takes one session, and none that is taken already."""
    devices = [_private("A", "1", "2", "3")]
    assert _choose("3*platform=IOS", devices) == ["1", "2", "3"]
    assert _choose("2*platform=IOS", devices, taken=[_instance_arn("2")]) == ["1", "3"]
    assert _complaint("4*platform=IOS", devices) == (
        "no device is left for 'platform=IOS': other sessions of this run have every instance of "
        "A (iOS 17.5.1, PHONE, AVAILABLE); ask for fewer sessions"
    )
    assert _complaint("platform=IOS", devices, taken={_instance_arn(each) for each in "123"}) == (
        "no device can be used for 'platform=IOS': "
        + "; ".join(
            f"A (iOS 17.5.1, PHONE, AVAILABLE): its instance {_instance_arn(each)} has a session already"
            for each in "123"
        )
    )


def test_choice_of_an_instance() -> None:
    """A choice has the device as it was listed, with the ARN of the instance."""
    device = _private("A", "1", "2")
    assert choose_devices(_requests("instance_labels=2"), [device]) == [Choice(device, _instance_arn("2"))]
    public = _device("B")
    assert choose_devices(_requests("platform=IOS"), [public]) == [Choice(public, None)]


def test_private_device_without_instances_is_given_once() -> None:
    """What is known to be one device takes one session."""
    devices = [_private("A"), _device("B", "12")]
    assert _choose("3*platform=IOS", devices) == ["A", "B", "B"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("instance_labels=2", "2"),
        ("instance_labels!=1", "2"),
        (f"instance_arn!={_instance_arn('1')}", "2"),
        (f"instance={_instance_arn('2')},os>=17", "2"),
        (f"instance={_instance_arn('2')}", "2"),
    ],
)
def test_instance_that_meets_the_condition(text: str, expected: str) -> None:
    """Conditions on instances are met by the instance that is given, not by another of its device."""
    assert _choose(text, [_private("A", "1", "2")]) == [expected]


def test_named_instance_goes_first() -> None:
    """An instance that is asked for by ARN is not given to another request, though that could go nowhere else."""
    devices = [_private("A", "1", "2", "3")]
    assert _choose(["platform=IOS", "platform=IOS", f"instance={_instance_arn('1')}"], devices) == ["2", "3", "1"]
    complaint = _complaint(["instance_labels=1", f"instance={_instance_arn('1')}"], devices)
    assert "no device is left for 'instance_labels=1'" in complaint


def test_same_instance_twice() -> None:
    """An instance has one session at a time."""
    text = f"instance={_instance_arn('1')}"
    assert _complaint([text, "platform=IOS", text], [_private("A", "1")]) == (
        f"instance {_instance_arn('1')} is asked for 2 times, and has one session at a time"
    )


def test_scarce_requests_first() -> None:
    """A wide request leaves the only fitting instance to a narrow one that comes later."""
    devices = [_private("A", "1", os="18"), _private("B", "2", os="17")]
    assert _choose(["platform=IOS", "os>=18"], devices) == ["2", "1"]


def test_requests_make_room_for_each_other() -> None:
    """Where an assignment exists it is found, though each request on its own would choose another way."""
    devices = [_private("A", "1"), _private("B", "2"), _private("C", "3"), _private("D", "4")]
    texts = ["name=A|B", "name=A|C", "name=A|B", "name=C|D"]
    assert sorted(_choose(texts, devices)) == ["1", "2", "3", "4"]
    for order in permutations(texts):
        given = dict.fromkeys(_choose(list(order), devices))
        assert len(given) == 4


@given(st.lists(st.sets(st.sampled_from("ABCD"), min_size=1), min_size=1, max_size=4))
def test_assignment_is_found_where_there_is_one(wanted: list[set[str]]) -> None:
    """Requests for private devices all get one of theirs if they can at all, and no device is given twice."""
    devices = [_private(name, name.lower()) for name in "ABCD"]
    texts = ["name=" + "|".join(sorted(names)) for names in wanted]
    possible = any(
        all(name in names for name, names in zip(order, wanted, strict=True))
        for order in permutations("ABCD", len(wanted))
    )
    if possible:
        given = [name.upper() for name in _choose(texts, devices)]
        assert len(set(given)) == len(given)
        assert all(name in names for name, names in zip(given, wanted, strict=True))
    else:
        assert "no device is left" in _complaint(texts, devices)


def test_no_remote_access() -> None:
    """Devices without remote access are passed over; those that do not say are not."""
    closed = _device("A", remoteAccessEnabled=False)
    assert _choose("platform=IOS", [closed, _device("B", "12", "BUSY")]) == ["B"]
    assert _choose("platform=IOS", [closed, _device("B", "12", "BUSY", remoteAccessEnabled=True)]) == ["B"]
    assert _complaint("platform=IOS", [closed]) == (
        "no device can be used for 'platform=IOS': A (iOS 17.5.1, PHONE, AVAILABLE): it has no remote access"
    )
    assert _complaint("platform=ANDROID", [closed]) == (
        "no device fits 'platform=ANDROID': there is none with remote access"
    )


def _too_old(device: Device) -> str | None:
    return "the app needs iOS 17" if (device.os or "") < "17" else None


def test_misfits_are_passed_over() -> None:
    """A device that the app does not run on is chosen for nothing."""
    devices = [_device("A", "16", "HIGHLY_AVAILABLE"), _device("B", "17", "BUSY")]
    assert _choose("2*platform=IOS", devices, misfit=_too_old) == ["B", "B"]


def test_only_misfits() -> None:
    """Where the app runs on no device that matches, the error says why, of three devices at most."""
    devices = [_device(name, os) for name, os in (("A", "16"), ("B", "15"), ("C", "14"), ("D", "13"), ("E", "17"))]
    assert _complaint("os<17", devices, misfit=_too_old) == (
        "no device can be used for 'os<17': "
        "A (iOS 16, PHONE, AVAILABLE): the app needs iOS 17; "
        "B (iOS 15, PHONE, AVAILABLE): the app needs iOS 17; "
        "C (iOS 14, PHONE, AVAILABLE): the app needs iOS 17; 1 more"
    )
    assert _complaint("os<17", [_private("A", "1", "2", os="16")], misfit=_too_old) == (
        "no device can be used for 'os<17': A (iOS 16, PHONE, AVAILABLE): the app needs iOS 17"
    )
    assert _complaint("os<14", devices, misfit=lambda device: "no\nway") == (
        "no device can be used for 'os<14': D (iOS 13, PHONE, AVAILABLE): no\\nway"
    )


PARK = [
    _device("Apple iPhone 15", "17.5.1"),
    _device("Apple iPhone 16", "18.4", "BUSY"),
    _device("Apple iPad", "17.4", None, formFactor="TABLET"),
    _device("Google Pixel 9", "15", platform="ANDROID"),
    _device("Google Pixel 8", "14", platform="ANDROID", remoteAccessEnabled=False),
]
PHONE_15 = "Apple iPhone 15 (iOS 17.5.1, PHONE, AVAILABLE)"
PHONE_16 = "Apple iPhone 16 (iOS 18.4, PHONE, BUSY)"
PAD = "Apple iPad (iOS 17.4, TABLET)"
PIXEL = "Google Pixel 9 (Android 15, PHONE, AVAILABLE)"


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("platform=IOS,os>=19", [PHONE_16, PHONE_15, PAD]),
        ("platform=IOS,os=17.5.2", [PHONE_15, PAD, PHONE_16]),
        ("platform=IOS,form_factor=TABLET,os>=19", [PAD, PHONE_16, PHONE_15]),
        ("platform=ANDROID,form_factor=TABLET,os>=16", [PAD, PHONE_16, PHONE_15]),
        ("name=iPhone 15", [PHONE_15, PHONE_16, PAD]),
        ("name=pixel", [PIXEL, PAD, PHONE_16]),
        ("platform=ANDROID,os<14", [PIXEL, PHONE_16, PHONE_15]),
    ],
)
def test_nearest(text: str, nearest: list[str]) -> None:
    """Where nothing matches, the error names the three usable devices that meet most of what was asked for."""
    assert _complaint(text, PARK) == f"no device fits '{text}': the nearest are {', '.join(nearest)}"


def test_nothing_has_the_arn() -> None:
    """A device or an instance that is not in the list has no nearest one."""
    assert _complaint(_arn("X"), PARK) == f"no device has the ARN {_arn('X')}: check it in the list of devices"
    assert _complaint(f"instance={_instance_arn('X')}", PARK) == (
        f"no private device has the instance {_instance_arn('X')}: check its ARN and the account"
    )


def test_no_devices() -> None:
    """An empty list is not an error of its own, and no requests need no device."""
    assert _complaint("os>=17", []) == "no device fits 'os>=17': there is none with remote access"
    assert choose_devices([], PARK) == []


def test_devices_of_the_emulator(emulator: Callable[[Scenario | str], Emulator], environment: None) -> None:
    """All pages of ListDevices are read, and sessions spread over its best phones and a private one's instances."""
    server = emulator(Scenario(page_size=7))
    client = make_client(ClientSettings(endpoint_url=server.url, emulated=True))
    devices = list_devices(client)
    assert len(devices) == len({device.arn for device in devices}) > 50
    texts = [
        "2*platform=IOS,os>=18,form_factor=PHONE",
        "2*fleet_type=PRIVATE,platform=ANDROID",
        "instance_labels=smoke",
    ]
    chosen = choose_devices(_requests(*texts), devices)
    assert [choice.device.availability for choice in chosen[:2]] == ["HIGHLY_AVAILABLE"] * 2
    assert chosen[0].device.arn != chosen[1].device.arn
    assert [choice.device.name for choice in chosen[2:]] == ["Google Pixel 8"] * 2 + ["Apple iPhone 15 Pro"]
    instances = [choice.instance_arn for choice in chosen[2:]]
    assert None not in instances
    assert len(set(instances)) == 3
