"""Which device each session gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from ..errors import ConfigurationError
from ..model.condition import Condition, quoted, values_of, version
from ..model.device_request import DeviceRequest
from ..model.requirement import describe_device
from ..model.session import Availability, Device, DeviceInstance, InstanceStatus
from ..model.text import printable

#: The lower, the sooner a session can begin. What is unknown or absent is none of these.
_RANKS = {
    Availability.HIGHLY_AVAILABLE: 0,
    Availability.AVAILABLE: 1,
    Availability.BUSY: 3,
    Availability.TEMPORARY_NOT_AVAILABLE: 4,
}
_UNKNOWN = 2
_INSTANCE_RANKS = {InstanceStatus.AVAILABLE: 0, InstanceStatus.PREPARING: 3, InstanceStatus.IN_USE: 3}
_SHOWN = 3  #: devices that an error names


@dataclass(frozen=True, slots=True)
class Choice:
    """The device of one session, and the instance where the device is a private one."""

    device: Device
    instance_arn: str | None = None


def list_devices(client: Any) -> list[Device]:
    """All devices, by every page of ListDevices."""
    pages = client.get_paginator("list_devices").paginate()
    return [Device.from_response(each) for page in pages for each in page["devices"]]


def _fits_any(device: Device) -> str | None:
    return None


def choose_devices(
    requests: Sequence[DeviceRequest],
    devices: Sequence[Device],
    *,
    misfit: Callable[[Device], str | None] = _fits_any,
    taken: Collection[str] = (),
    prefer: str | None = None,
) -> list[Choice]:
    """A device for each request, in the order of the requests; raise `ConfigurationError` where one gets none.

    The most available devices come first; among equals those with the fewest of these sessions, then the newest OS,
    then the name. The device with the ARN ``prefer`` comes first of all unless it is busy. An instance of a private
    device is given once, and never when its ARN is in ``taken``. ``misfit`` says why the app does not run on a device.
    """
    _refuse_an_instance_twice(requests)
    places = [place for device in devices for place in _places(device, misfit(device), taken)]
    options = [[place for place in places if not place.obstacle and place.meets(request)] for request in requests]
    assignment = _Assignment(options, prefer)
    # Who can go to few places chooses before those who can go to many.
    for number in sorted(range(len(requests)), key=lambda each: (not requests[each].instance_arn, len(options[each]))):
        if not assignment.give(number, set()):
            raise ConfigurationError(_complaint(requests[number], places, devices))
    given = [assignment.given[number] for number in range(len(requests))]
    return [Choice(place.device, place.instance_arn) for place in given]


def _refuse_an_instance_twice(requests: Sequence[DeviceRequest]) -> None:
    for arn, count in Counter(request.instance_arn for request in requests if request.instance_arn).items():
        if count > 1:
            raise ConfigurationError(f"instance {arn} is asked for {count} times, and has one session at a time")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a session can go: a public device, which has room for many, or one instance of a private one."""

    device: Device
    seen: Device  #: the device with no other instance than the place's own
    instance_arn: str | None
    only_one: str | None  #: names the place where it has room for one session
    rank: int
    obstacle: str | None  #: why no session can go there

    def meets(self, request: DeviceRequest) -> bool:
        return all(condition.holds(self.seen) for condition in request.conditions)


def _places(device: Device, misfit: str | None, taken: Collection[str]) -> Iterator[_Place]:
    rank = _RANKS.get(device.availability, _UNKNOWN) if device.availability else _UNKNOWN
    obstacle = "it has no remote access" if device.remote_access_enabled is False else misfit
    for instance in device.instances:
        status = _INSTANCE_RANKS.get(instance.status, _UNKNOWN) if instance.status else _UNKNOWN
        yield _Place(
            device,
            replace(device, instances=(instance,)),
            instance.arn,
            instance.arn or device.arn,
            max(rank, status),
            obstacle or _obstacle(instance, taken),
        )
    if not device.instances:
        only_one = device.arn if device.fleet_type == "PRIVATE" else None
        yield _Place(device, device, None, only_one, rank, obstacle)


def _obstacle(instance: DeviceInstance, taken: Collection[str]) -> str | None:
    if instance.status is InstanceStatus.NOT_AVAILABLE:
        return f"its instance {instance.arn} is {instance.status}"
    return f"its instance {instance.arn} has a session already" if instance.arn in taken else None


class _Assignment:
    """Which place each request was given. Requests are numbers; ``options`` are the places that each can go to."""

    def __init__(self, options: Sequence[Sequence[_Place]], prefer: str | None) -> None:
        self._options = options
        self._prefer = prefer
        self.given: dict[int, _Place] = {}

    def give(self, request: int, visited: set[str]) -> bool:
        """Give a request the best place that is free, else one that another can leave for a third (Kuhn's algorithm).

        ``visited`` names the places that are being left already.
        """
        holders = {place.only_one: holder for holder, place in self.given.items() if place.only_one}
        places = sorted(self._options[request], key=self._order())
        for place in places:
            if place.only_one not in holders:
                self.given[request] = place
                return True
        for place in places:
            if place.only_one and place.only_one not in visited:
                visited.add(place.only_one)
                if self.give(holders[place.only_one], visited):
                    self.given[request] = place
                    return True
        return False

    def _order(self) -> Callable[[_Place], tuple[Any, ...]]:
        """A sort key that puts the best place first."""
        sessions: Counter[str | None] = Counter(place.device.arn for place in self.given.values())

        def key(place: _Place) -> tuple[Any, ...]:
            used = sessions[place.device.arn]
            preferred = place.device.arn == self._prefer and not used
            rank = -1 if preferred and place.rank <= _UNKNOWN else place.rank
            return rank, not preferred, used, *_newest_first(place.device), place.instance_arn or ""

        return key


def _newest_first(device: Device) -> tuple[Any, ...]:
    """A sort key: newest OS, then name."""
    # The 1 puts 17.5.1 before 17.5, as it is greater than any number that follows there.
    os = (*(-number for number in version(device.os or "")), 1)
    return os, device.name or "", device.arn or ""


def _complaint(request: DeviceRequest, places: Sequence[_Place], devices: Sequence[Device]) -> str:
    """Why a request got no device, and what there is instead."""
    matching = sorted((place for place in places if place.meets(request)), key=lambda each: _newest_first(each.device))
    if not matching:
        return _nothing_matches(request, devices)
    hindered = [f"{_show(place.device)}: {place.obstacle}" for place in matching if place.obstacle]
    if len(hindered) < len(matching):
        free = list(dict.fromkeys(_show(place.device) for place in matching if not place.obstacle))
        return (
            f"no device is left for {quoted(request.text)}: other sessions of this run have every instance of "
            f"{_listed(free)}; ask for fewer sessions"
        )
    return f"no device can be used for {quoted(request.text)}: {_listed(list(dict.fromkeys(hindered)), '; ')}"


def _nothing_matches(request: DeviceRequest, devices: Sequence[Device]) -> str:
    if request.device_arn:
        return f"no device has the ARN {request.device_arn}: check it in the list of devices"
    if request.instance_arn:
        return f"no private device has the instance {request.instance_arn}: check its ARN and the account"
    usable = [device for device in devices if device.remote_access_enabled is not False]
    if not usable:
        return f"no device fits {quoted(request.text)}: there is none with remote access"

    def distance(device: Device) -> tuple[Any, ...]:
        unmet = [condition for condition in request.conditions if not condition.holds(device)]
        likeness = sum(_likeness(condition, device) for condition in unmet)
        return len(unmet), -likeness, *_newest_first(device)

    nearest = [_show(device) for device in sorted(usable, key=distance)[:_SHOWN]]
    return f"no device fits {quoted(request.text)}: the nearest are {', '.join(nearest)}"


def _likeness(condition: Condition, device: Device) -> float:
    """How much what the device says looks like what was asked for, 0 to 1: ``iPhone 15`` like ``Apple iPhone 15``."""
    if condition.operator != "=":
        return 0.0
    pairs = [(has, wanted) for has in values_of(device, condition.attribute) for wanted in condition.values]
    return max((SequenceMatcher(None, has.casefold(), wanted.casefold()).ratio() for has, wanted in pairs), default=0.0)


def _show(device: Device) -> str:
    return describe_device(device, device.availability)


def _listed(texts: Sequence[str], separator: str = ", ") -> str:
    more = [f"{len(texts) - _SHOWN} more"] if len(texts) > _SHOWN else []
    return printable(separator.join([*texts[:_SHOWN], *more]))
