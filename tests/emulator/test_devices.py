"""The catalogue, the filters of ListDevices, and instances."""

from collections.abc import Callable
from typing import Any

import pytest

from pytest_devicefarm.emulator import Device, Scenario
from pytest_devicefarm.emulator.devices import catalogue
from pytest_devicefarm.emulator.filters import chosen, version
from pytest_devicefarm.emulator.model import installed

from .conftest import Play
from .farm_client import FarmClient


def test_the_catalogue_has_what_is_needed_to_choose_from() -> None:
    """At least 20 devices of each platform, phones and tablets, public and private, iOS 27, each once and complete."""
    devices = catalogue()
    for platform in ("IOS", "ANDROID"):
        assert len([each for each in devices if each["platform"] == platform]) >= 20
        assert {each["formFactor"] for each in devices if each["platform"] == platform} == {"PHONE", "TABLET"}
        assert {each["fleetType"] for each in devices if each["platform"] == platform} == {"PUBLIC", "PRIVATE"}
    assert len({each["arn"] for each in devices}) == len(devices)
    assert any(each["platform"] == "IOS" and version(each["os"]) >= (27,) for each in devices)
    assert not installed().response_problems("ListDevices", {"devices": devices})
    assert all(bool(each.get("instances")) == (each["fleetType"] == "PRIVATE") for each in devices)


@pytest.mark.parametrize(
    ("attribute", "operator", "values", "field", "wanted"),
    [
        ("PLATFORM", "EQUALS", ["IOS"], "platform", lambda value: value == "IOS"),
        ("FORM_FACTOR", "EQUALS", ["TABLET"], "formFactor", lambda value: value == "TABLET"),
        ("MANUFACTURER", "IN", ["Google", "OnePlus"], "manufacturer", lambda value: value in ("Google", "OnePlus")),
        (
            "MANUFACTURER",
            "NOT_IN",
            ["Apple", "Samsung"],
            "manufacturer",
            lambda value: value not in ("Apple", "Samsung"),
        ),
        ("MODEL", "CONTAINS", ["Galaxy"], "model", lambda value: "Galaxy" in value),
        ("MODEL", "EQUALS", ["Google Pixel 8"], "model", lambda value: value == "Google Pixel 8"),
        ("AVAILABILITY", "EQUALS", ["BUSY"], "availability", lambda value: value == "BUSY"),
        ("FLEET_TYPE", "EQUALS", ["PRIVATE"], "fleetType", lambda value: value == "PRIVATE"),
        ("REMOTE_ACCESS_ENABLED", "EQUALS", ["TRUE"], "remoteAccessEnabled", lambda value: value),
        ("OS_VERSION", "EQUALS", ["17.5.1"], "os", lambda value: value == "17.5.1"),
        ("OS_VERSION", "EQUALS", ["14.0"], "os", lambda value: value == "14"),
        ("OS_VERSION", "IN", ["14", "15"], "os", lambda value: value in ("14", "15")),
        ("OS_VERSION", "NOT_IN", ["14"], "os", lambda value: value != "14"),
        ("OS_VERSION", "LESS_THAN", ["10"], "os", lambda value: value == "8.0.0"),
        ("OS_VERSION", "LESS_THAN_OR_EQUALS", ["10"], "os", lambda value: value in ("8.0.0", "10")),
        ("OS_VERSION", "GREATER_THAN", ["26.0.1"], "os", lambda value: value in ("26.1", "27.0")),
        ("OS_VERSION", "GREATER_THAN_OR_EQUALS", ["26.0.1"], "os", lambda value: value in ("26.0.1", "26.1", "27.0")),
    ],
)
def test_filters(
    attribute: str, operator: str, values: list[str], field: str, wanted: Callable[[Any], bool], play: Play
) -> None:
    """Model, DeviceFilter: each lets through exactly what it says; versions compare as versions, not as text."""
    farm = FarmClient(play())

    expected = {each["arn"] for each in farm.devices() if wanted(each[field])}
    assert expected
    assert {each["arn"] for each in farm.devices((attribute, operator, values))} == expected


def test_filters_are_combined(play: Play) -> None:
    """A device has to pass all of them."""
    farm = FarmClient(play())
    found = farm.devices(("PLATFORM", "EQUALS", ["IOS"]), ("FORM_FACTOR", "EQUALS", ["TABLET"]))
    assert {(each["platform"], each["formFactor"]) for each in found} == {("IOS", "TABLET")}


def test_filters_by_arn_and_instance(play: Play) -> None:
    """One device by its ARN, and a private one by its instance or a label of it."""
    farm = FarmClient(play())
    private = farm.device(fleetType="PRIVATE", platform="ANDROID")
    instance = private["instances"][0]["arn"]
    assert farm.devices(("ARN", "EQUALS", [private["arn"]])) == [private]
    assert farm.devices(("ARN", "IN", [private["arn"], "arn:x"])) == [private]
    assert farm.devices(("INSTANCE_ARN", "IN", [instance])) == [private]
    assert private not in farm.devices(("INSTANCE_ARN", "NOT_IN", [instance]))
    assert farm.devices(("INSTANCE_LABELS", "CONTAINS", ["smoke"]))[0]["name"] == "Apple iPhone 15 Pro"
    assert len(farm.devices(("REMOTE_DEBUG_ENABLED", "EQUALS", ["TRUE"]))) == len(farm.devices())


@pytest.mark.parametrize(
    ("attribute", "operator", "values", "said"),
    [
        ("PLATFORM", "IN", ["IOS"], "The filter PLATFORM takes EQUALS, not IN"),
        ("PLATFORM", "EQUALS", ["WINDOWS"], "The filter PLATFORM takes ANDROID, IOS, not 'WINDOWS'"),
        ("PLATFORM", "EQUALS", ["IOS", "ANDROID"], "The filter PLATFORM EQUALS takes one value, not 2"),
        ("MODEL", "GREATER_THAN", ["x"], "The filter MODEL takes CONTAINS, EQUALS, IN, NOT_IN, not GREATER_THAN"),
        ("OS_VERSION", "EQUALS", ["new"], "'new' is no OS version such as 10.3.2"),
        ("OS_VERSION", "IN", [], "The filter OS_VERSION IN takes one value, not 0"),
        ("INSTANCE_LABELS", "EQUALS", ["x"], "The filter INSTANCE_LABELS takes CONTAINS, not EQUALS"),
    ],
)
def test_filters_that_are_refused(attribute: str, operator: str, values: list[str], said: str, play: Play) -> None:
    """Model, DeviceFilter: the operators and values that an attribute has; all else is an ArgumentException."""
    farm = FarmClient(play())
    with pytest.raises(farm.api.exceptions.ArgumentException) as caught:
        farm.devices((attribute, operator, values))
    assert caught.value.response["Error"]["Message"] == said


def test_devices_and_instances_page(play: Play) -> None:
    """Page by page, each once; ListDeviceInstances takes a smaller page (model: maxResults)."""
    farm = FarmClient(play(page_size=20))
    pages = farm.api.get_paginator("list_devices").paginate(arn=farm.project)
    names = [device["arn"] for page in pages for device in page["devices"]]
    assert len(names) == len(set(names)) == len(catalogue()) + 1
    first = farm.api.list_device_instances(maxResults=2)
    assert len(first["deviceInstances"]) == 2
    rest = farm.api.list_device_instances(nextToken=first["nextToken"])["deviceInstances"]
    assert [each["arn"] for each in first["deviceInstances"] + rest] == [
        instance["arn"]
        for device in farm.devices(("FLEET_TYPE", "EQUALS", ["PRIVATE"]))
        for instance in device["instances"]
    ]


def test_a_scenario_may_have_other_devices(play: Play) -> None:
    """Its own, or the catalogue's with other fields; or only its own, beside the example session's."""
    known = catalogue()[0]
    mine = Device("arn:aws:devicefarm:us-west-2::device:MINE00000000", "Mine", {"platform": "ANDROID", "os": "9"})
    farm = FarmClient(play(devices=(mine, Device(known["arn"], "Renamed", {"availability": "BUSY"}))))
    assert farm.device(name="Mine")["os"] == "9"
    assert farm.device(arn=known["arn"]) == known | {"name": "Renamed", "availability": "BUSY"}
    farm = FarmClient(play(Scenario(devices=(mine,), catalogue=False)))
    assert [each["name"] for each in farm.devices()] == ["Apple iPhone 15 Pro", "Mine"]


def test_unknown_devices_are_not_found(play: Play) -> None:
    """Each with its own error."""
    farm = FarmClient(play())
    with pytest.raises(farm.api.exceptions.NotFoundException):
        farm.api.get_device(arn="arn:aws:devicefarm:us-west-2::device:NOBODY")
    with pytest.raises(farm.api.exceptions.NotFoundException):
        farm.api.get_device_instance(arn="arn:aws:devicefarm:us-west-2:123456789101:deviceinstance:x")


def test_versions_are_compared_as_numbers() -> None:
    """9 is less than 10, 17.0 is 17, and a device passes without any filter."""
    assert version("9") < version("10") < version("10.0.1")
    assert version("17.0") == version("17")
    assert chosen([{"os": "1"}], []) == [{"os": "1"}]
