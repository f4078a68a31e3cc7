"""Models of a remote access session: every field of the reference page and of the current service model.

Field names are the API's own in snake_case. An absent field is None (an absent list is empty). ``raw`` is the parsed
response as it came, for fields that this version does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from ..errors import MalformedArn
from . import wire
from .arn import parse_arn
from .secret import Secret, redact


class OpenEnum(StrEnum):
    """An enumeration of the service that may grow: an unknown value is kept as it is, with ``known`` False."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member

    def __reduce_ex__(self, protocol: object) -> tuple[Any, ...]:
        """By value, as an unknown one is no attribute of its class; early versions of Python 3.11 copy by name."""
        return type(self), (self.value,)

    @property
    def known(self) -> bool:
        """Whether this version of the package knows the value."""
        return self.value in type(self).__members__


class SessionStatus(OpenEnum):
    """``status`` (reference page). ERRORED, FAILED and STOPPED are results, never statuses."""

    PENDING = "PENDING"
    PENDING_CONCURRENCY = "PENDING_CONCURRENCY"
    PENDING_DEVICE = "PENDING_DEVICE"
    PROCESSING = "PROCESSING"
    SCHEDULING = "SCHEDULING"
    PREPARING = "PREPARING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    COMPLETED = "COMPLETED"

    @property
    def queued(self) -> bool:
        """Waiting for a slot or a device, which is not yet paid for."""
        return self in (SessionStatus.PENDING, SessionStatus.PENDING_CONCURRENCY, SessionStatus.PENDING_DEVICE)

    @property
    def booting(self) -> bool:
        """The device is being made ready."""
        return self in (SessionStatus.SCHEDULING, SessionStatus.PREPARING)

    @property
    def ended(self) -> bool:
        """Never RUNNING again."""
        return self in (SessionStatus.STOPPING, SessionStatus.COMPLETED)


class SessionResult(OpenEnum):
    """``result`` (reference page); final only once the status is COMPLETED."""

    PENDING = "PENDING"
    PASSED = "PASSED"
    WARNED = "WARNED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    ERRORED = "ERRORED"
    STOPPED = "STOPPED"


class InteractionMode(OpenEnum):
    """``interactionMode`` (reference page): XCUITest runs in NO_VIDEO and VIDEO_ONLY."""

    INTERACTIVE = "INTERACTIVE"
    NO_VIDEO = "NO_VIDEO"
    VIDEO_ONLY = "VIDEO_ONLY"


class BillingMethod(OpenEnum):
    """``billingMethod`` (reference page)."""

    METERED = "METERED"
    UNMETERED = "UNMETERED"


class Platform(OpenEnum):
    """``device.platform`` (reference page)."""

    ANDROID = "ANDROID"
    IOS = "IOS"


class FormFactor(OpenEnum):
    """``device.formFactor`` (reference page)."""

    PHONE = "PHONE"
    TABLET = "TABLET"


class InstanceStatus(OpenEnum):
    """``device.instances[].status`` (reference page)."""

    IN_USE = "IN_USE"
    PREPARING = "PREPARING"
    AVAILABLE = "AVAILABLE"
    NOT_AVAILABLE = "NOT_AVAILABLE"


class Availability(OpenEnum):
    """``device.availability`` (reference page); given by ListDevices and GetDevice only."""

    TEMPORARY_NOT_AVAILABLE = "TEMPORARY_NOT_AVAILABLE"
    BUSY = "BUSY"
    AVAILABLE = "AVAILABLE"
    HIGHLY_AVAILABLE = "HIGHLY_AVAILABLE"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What all models share: made from a parsed response, sent between processes as plain data."""

    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_response(cls, response: Mapping[str, Any]) -> Self:
        """Make the model of a parsed response (camelCase names) or of `to_wire`; unknown fields stay in ``raw``."""
        return wire.read(cls, response)

    def to_wire(self) -> dict[str, Any]:
        """The response as str, int, float, bool, None, list and dict only; times are epoch seconds. Holds secrets."""
        plain: dict[str, Any] = wire.plain(self.raw)
        return plain


@dataclass(frozen=True, kw_only=True)
class CPU(Shape):
    frequency: str | None = None
    architecture: str | None = None
    clock: float | None = None  #: Hz


@dataclass(frozen=True, kw_only=True)
class Resolution(Shape):
    width: int | None = None  #: pixels
    height: int | None = None  #: pixels

    def __str__(self) -> str:
        return "" if self.width is None or self.height is None else f"{self.width}x{self.height}"


@dataclass(frozen=True, kw_only=True)
class InstanceProfile(Shape):
    arn: str | None = None
    package_cleanup: bool | None = None
    exclude_app_packages_from_cleanup: tuple[str, ...] = ()
    reboot_after_use: bool | None = None
    name: str | None = None
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeviceInstance(Shape):
    arn: str | None = None
    device_arn: str | None = None
    labels: tuple[str, ...] = ()
    status: InstanceStatus | None = None
    udid: str | None = None
    instance_profile: InstanceProfile | None = None


@dataclass(frozen=True, kw_only=True)
class Device(Shape):
    arn: str | None = None
    name: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    model_id: str | None = None
    form_factor: FormFactor | None = None
    platform: Platform | None = None
    os: str | None = None
    cpu: CPU | None = None
    resolution: Resolution | None = None
    heap_size: int | None = None  #: bytes
    memory: int | None = None  #: bytes
    image: str | None = None
    carrier: str | None = None
    radio: str | None = None
    remote_access_enabled: bool | None = None
    remote_debug_enabled: bool | None = None
    fleet_type: str | None = None
    fleet_name: str | None = None
    instances: tuple[DeviceInstance, ...] = ()
    availability: Availability | None = None

    @property
    def system(self) -> str:
        """``iOS 17.5.1``; empty where the reading knows neither platform nor OS."""
        names = {Platform.IOS: "iOS", Platform.ANDROID: "Android"}
        platform = names.get(self.platform, self.platform) if self.platform else None
        return " ".join(part for part in (platform, self.os) if part)


@dataclass(frozen=True, kw_only=True)
class DeviceMinutes(Shape):
    """Minutes of the device, set-up and tear-down included."""

    total: float | None = None
    metered: float | None = None
    unmetered: float | None = None


@dataclass(frozen=True, kw_only=True)
class VpcConfig(Shape):
    security_group_ids: tuple[str, ...] = ()
    subnet_ids: tuple[str, ...] = ()
    vpc_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeviceProxy(Shape):
    host: str | None = None
    port: int | None = None


@dataclass(frozen=True, kw_only=True)
class RemoteAccessEndpoints(Shape):
    """Both URLs carry their own credential. Known to boto3 from 1.40.75."""

    remote_driver_endpoint: Secret | None = None  #: HTTPS URL for WebDriver clients, served by Appium
    interactive_endpoint: Secret | None = None


@dataclass(frozen=True, kw_only=True)
class RemoteAccessSession(Shape):
    """One reading of a session (GetRemoteAccessSession)."""

    arn: str | None = None
    name: str | None = None
    created: datetime | None = None  #: UTC
    status: SessionStatus | None = None
    result: SessionResult | None = None
    message: str | None = None
    started: datetime | None = None  #: UTC
    stopped: datetime | None = None  #: UTC
    device: Device | None = None
    instance_arn: str | None = None
    remote_debug_enabled: bool | None = None
    remote_record_enabled: bool | None = None
    remote_record_app_arn: str | None = None
    host_address: str | None = None
    client_id: str | None = None
    billing_method: BillingMethod | None = None
    device_minutes: DeviceMinutes | None = None
    endpoint: Secret | None = None  #: not Appium's; replaced by ``endpoints.interactive_endpoint``
    device_udid: str | None = None
    interaction_mode: InteractionMode | None = None
    skip_app_resign: bool | None = None
    vpc_config: VpcConfig | None = None
    device_proxy: DeviceProxy | None = None
    app_upload: str | None = None
    endpoints: RemoteAccessEndpoints | None = None

    @property
    def console_url(self) -> str | None:
        """The session's page in the AWS console; None where the ARN does not tell it."""
        try:
            return parse_arn(self.arn or "", "session").console_url
        except MalformedArn:
            return None

    @property
    def instance(self) -> DeviceInstance | None:
        """The private device's instance in use; None for a public device."""
        instances = self.device.instances if self.device else ()
        if self.instance_arn:
            return next((each for each in instances if each.arn == self.instance_arn), None)
        in_use = [each for each in instances if each.status is InstanceStatus.IN_USE]
        return in_use[0] if len(in_use) == 1 else None

    def conceal(self, text: str) -> str:
        """``text`` without the session's credentials: a message of the service, or of a hook, may hold them."""
        endpoints = self.endpoints or RemoteAccessEndpoints()
        secrets = (self.endpoint, endpoints.remote_driver_endpoint, endpoints.interactive_endpoint)
        return redact(text, [str(secret) for secret in secrets if secret])

    @property
    def label(self) -> str:
        """How messages call the session: its name and ARN."""
        return " ".join(part for part in (f"{self.name!r}" if self.name else "", self.arn or "") if part) or "session"
