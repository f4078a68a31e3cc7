"""The devices: the shipped catalogue, those of the scenario, and the instances of the private ones."""

import csv
import hashlib
import uuid
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

from . import example
from .scenario import ARN_PREFIX, REGION, Scenario
from .structures import merge

Shown = dict[str, Any]

_FLEET = "Example fleet"


class Devices:
    """All devices by ARN, and all instances; `occupied` tells whether an instance has a session now."""

    def __init__(self, scenario: Scenario, occupied: Callable[[str], bool]) -> None:
        self._occupied = occupied
        listed = [_example(), *(catalogue() if scenario.catalogue else ())]
        self._devices = {str(device["arn"]): device for device in listed}
        for plan in scenario.devices:
            base = self._devices.get(plan.arn, _public())
            self._devices[plan.arn] = merge(base | {"arn": plan.arn, "name": plan.name}, plan.fields)
        self._instances: dict[str, Shown] = {
            instance["arn"]: instance for device in self._devices.values() for instance in device.get("instances", ())
        }

    def all(self) -> list[Shown]:
        """All devices as the API shows them now."""
        return [self.now(device) for device in self._devices.values()]

    def get(self, arn: str) -> Shown | None:
        """A device as it was given, without what changes."""
        return self._devices.get(arn)

    def now(self, device: Shown) -> Shown:
        """A device as the API shows it now: a private one is busy while all its instances are."""
        if not device.get("instances"):
            return device
        instances = [self.instance_now(instance) for instance in device["instances"]]
        free = any(instance.get("status") == "AVAILABLE" for instance in instances)
        return device | {"instances": instances, "availability": "AVAILABLE" if free else "BUSY"}

    def instances(self) -> list[Shown]:
        """All instances as the API shows them now."""
        return [self.instance_now(instance) for instance in self._instances.values()]

    def instance(self, arn: str) -> Shown | None:
        """An instance as it was given."""
        return self._instances.get(arn)

    def instance_now(self, instance: Shown) -> Shown:
        """An instance as the API shows it now."""
        return instance | {"status": "IN_USE"} if self._occupied(instance["arn"]) else instance


def catalogue() -> list[Shown]:
    """The shipped devices, as the API shows them."""
    text = (files(__package__) / "catalogue.csv").read_text("utf-8")
    return [_device(row) for row in csv.DictReader(text.splitlines())]


def _device(row: Mapping[str, str]) -> Shown:
    # The same ARN in every run and on every machine, as AWS's are.
    identity = "/".join(row[key] for key in ("name", "os", "fleet"))
    digest = hashlib.sha256(identity.encode()).hexdigest().upper()
    arn = f"arn:aws:devicefarm:{REGION}::device:{digest[:32]}"
    ios = row["platform"] == "IOS"
    name = row["name"] if row["name"].startswith(row["manufacturer"]) else f"{row['manufacturer']} {row['name']}"
    device: Shown = {
        "arn": arn,
        "name": name,
        "manufacturer": row["manufacturer"],
        "model": name,
        "modelId": row["model_id"],
        "formFactor": row["form_factor"],
        "platform": row["platform"],
        "os": row["os"],
        "cpu": {"frequency": "MHz", "architecture": "arm64", "clock": float(row["clock_mhz"])},
        "resolution": {"width": int(row["width"]), "height": int(row["height"])},
        "heapSize": 0 if ios else 512_000_000,
        "memory": int(row["memory_gb"]) * 1_000_000_000,
        "image": digest[:32],
        "remoteAccessEnabled": True,
        "remoteDebugEnabled": False,
        "fleetType": row["fleet"],
        "availability": row["availability"],
    }
    if row["fleet"] == "PRIVATE":
        device["fleetName"] = _FLEET
        device["instances"] = [_instance(device, n) for n in range(1, int(row["instances"]) + 1)]
    return device


def _instance(device: Shown, number: int) -> Shown:
    digest = hashlib.sha256(f"{device['arn']}/{number}".encode()).hexdigest()
    return {
        "arn": f"{ARN_PREFIX}:deviceinstance:{uuid.UUID(digest[:32])}",
        "deviceArn": device["arn"],
        "labels": [f"shelf-{number}"],
        "status": "AVAILABLE",
        "udid": udid(device, digest),
    }


def udid(device: Shown, digest: str) -> str:
    """An identifier in the form that the device's platform has."""
    if device["platform"] == "IOS":
        return f"{digest[:8]}-{digest[8:24]}".upper()
    return digest[:16]


def _example() -> Shown:
    """The example session's device, whose instance is free unless a session has it."""
    instances = [instance | {"status": "AVAILABLE"} for instance in example.DEVICE["instances"]]
    return example.DEVICE | {"instances": instances}


def _public() -> Shown:
    """What a scenario's own device starts from."""
    private = ("instances", "fleetName")
    return {key: value for key, value in example.DEVICE.items() if key not in private} | {"fleetType": "PUBLIC"}
