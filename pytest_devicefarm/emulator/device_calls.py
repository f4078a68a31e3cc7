"""Operations on devices and on instances of private ones."""

from typing import Any

from .arns import check_arn, not_found
from .farm import Farm
from .filters import chosen
from .model import Model
from .paging import page
from .project_calls import project_of

Params = dict[str, Any]
Answer = dict[str, Any]


def get_device(farm: Farm, model: Model, params: Params) -> Answer:
    """One device, by its ARN."""
    farm.now()
    return {"device": farm.devices.now(device_of(farm, params["arn"]))}


def list_devices(farm: Farm, model: Model, params: Params) -> Answer:
    """The devices that all filters let through; of every project the same."""
    farm.now()
    if "arn" in params:
        project_of(farm, params["arn"])
    devices = chosen(farm.devices.all(), params.get("filters", ()))
    return page(model, "ListDevices", params, devices, dict, farm.page_size)


def get_device_instance(farm: Farm, model: Model, params: Params) -> Answer:
    """One instance of a private device, by its ARN."""
    farm.now()
    return {"deviceInstance": farm.devices.instance_now(instance_of(farm, params["arn"]))}


def list_device_instances(farm: Farm, model: Model, params: Params) -> Answer:
    """All instances of private devices."""
    farm.now()
    return page(model, "ListDeviceInstances", params, farm.devices.instances(), dict, farm.page_size)


def device_of(farm: Farm, arn: str) -> dict[str, Any]:
    """The device with this ARN, as it was given; raises ApiError where there is none."""
    check_arn(arn, "device")
    if device := farm.devices.get(arn):
        return device
    raise not_found("device", arn)


def instance_of(farm: Farm, arn: str) -> dict[str, Any]:
    """The instance with this ARN, as it was given; raises ApiError where there is none."""
    check_arn(arn, "deviceinstance")
    if instance := farm.devices.instance(arn):
        return instance
    raise not_found("device instance", arn)
