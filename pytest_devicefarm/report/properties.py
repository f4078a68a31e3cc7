"""From a session to the properties of reports: one table of names, one redaction."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from ..model.secret import Secret
from ..model.session import Device, RemoteAccessSession
from ..model.text import printable, show_number

Properties = list[tuple[str, str]]


class Property(NamedTuple):
    """A property's name, and where its value is in a `RemoteAccessSession`."""

    name: str
    path: str
    testcase: bool = False  #: on each testcase too, not on the suite only


def _group(prefix: str, path: str, names: str, testcase: str = "") -> Iterator[Property]:
    for name in names.split():
        yield Property(f"devicefarm.{prefix}.{name}", f"{path}{name}", name in testcase.split())


#: Everything that reports say, in their order. ``endpoint`` and ``endpoints`` are credentials and are not here.
PROPERTIES = (
    *_group(
        "session",
        "",
        "arn name status result message created started stopped interaction_mode billing_method remote_debug_enabled "
        "remote_record_enabled remote_record_app_arn host_address client_id device_udid instance_arn skip_app_resign "
        "app_upload vpc_config.vpc_id vpc_config.subnet_ids vpc_config.security_group_ids device_proxy.host "
        "device_proxy.port console_url",
        "arn name interaction_mode console_url",
    ),
    *_group("minutes", "device_minutes.", "total metered unmetered"),
    *_group(
        "device",
        "device.",
        "arn name manufacturer model model_id form_factor platform os cpu.architecture cpu.frequency cpu.clock "
        "resolution heap_size memory image carrier radio remote_access_enabled remote_debug_enabled fleet_type "
        "fleet_name availability",
        "name manufacturer model platform os form_factor",
    ),
    *_group("device.instance", "instance.", "arn udid labels status"),
    *(
        Property(f"devicefarm.device.instance.profile.{name}", f"instance.instance_profile.{name}")
        for name in ("name", "reboot_after_use", "package_cleanup")
    ),
)


def suite_properties(session: RemoteAccessSession, more: Mapping[str, Any]) -> Properties:
    """What the suite says of a session; ``more`` is what hooks add."""
    return _properties(session, PROPERTIES, more)


def pool_properties(prefix: str, sessions: Sequence[Properties]) -> Properties:
    """What the suite says of several sessions, numbered: ``devicefarm.2.session.arn``; nothing where there are none."""
    if not sessions:
        return []
    numbered = [
        (f"{prefix}.{number}.{name.removeprefix('devicefarm.')}", value)
        for number, properties in enumerate(sessions, 1)
        for name, value in properties
    ]
    return [(f"{prefix}.sessions", str(len(sessions))), *numbered]


def case_properties(session: RemoteAccessSession, more: Mapping[str, Any]) -> Properties:
    """What each test that used the session says of it; ``more`` is what hooks add."""
    return _properties(session, [each for each in PROPERTIES if each.testcase], more)


def chosen(name: str, patterns: Collection[str]) -> bool:
    """Whether one of the globs takes a property, by its name or by that without the session's number in a pool."""
    plain = re.sub(r"^devicefarm\.(lost\.)?[0-9]+\.", "devicefarm.", name)
    return any(fnmatchcase(name, each) or fnmatchcase(plain, each) for each in patterns)


def device_of(properties: Mapping[str, str]) -> str:
    """``Apple iPhone 15 Pro (iOS 17.5.1)``: how reports call the device of a test or session; empty without either."""
    name = properties.get("devicefarm.device.name") or properties.get("devicefarm.device.model")
    name = name or properties.get("devicefarm.session.arn", "")
    system = system_of(properties)
    return f"{name} ({system})" if name and system else name


def system_of(properties: Mapping[str, str]) -> str:
    """``iOS 17.5.1``; empty where the properties know neither platform nor OS."""
    platform, os = properties.get("devicefarm.device.platform"), properties.get("devicefarm.device.os")
    return Device.from_response({"platform": platform, "os": os}).system


def _properties(session: RemoteAccessSession, wanted: Iterable[Property], more: Mapping[str, Any]) -> Properties:
    values = {each.name: _value(session, each.path) for each in wanted}
    values |= {printable(session.conceal(str(name))): value for name, value in more.items()}
    texts = ((name, session.conceal(text(value))) for name, value in values.items())
    return [(name, shown) for name, shown in texts if shown]


def text(value: Any) -> str:
    """A property's value as text: ISO 8601 in UTC, ``true``, whole numbers without ``.0``, lists by commas."""
    if value is None or isinstance(value, Secret):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return show_number(value)
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
    if isinstance(value, tuple | list):
        return ",".join(map(text, value))
    return printable(str(value))


def _value(session: RemoteAccessSession, path: str) -> Any:
    value: Any = session
    for name in path.split("."):
        value = getattr(value, name, None)
    return value
