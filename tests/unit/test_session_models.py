"""model/session: every field of the API, enumerations that may grow, and secrets that stay hidden."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from datetime import UTC, datetime
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import botocore.session
import pytest
from botocore import xform_name

from pytest_devicefarm.model import session as models
from pytest_devicefarm.model.live import Live
from pytest_devicefarm.model.secret import Secret
from pytest_devicefarm.model.session import (
    Device,
    InstanceStatus,
    OpenEnum,
    Platform,
    RemoteAccessSession,
    SessionStatus,
)

from .unit_samples import CANARY, CONSOLE_URL, EXAMPLE_ARN, FULL, INSTANCE_ARN, SECRETS, SESSION_ARN, full

#: On the reference page and gone from the service model since boto3 1.40.75.
REFERENCE_PAGE_ONLY = {"remoteDebugEnabled", "remoteRecordEnabled", "remoteRecordAppArn", "hostAddress", "clientId"}
ENUMS = {
    models.SessionStatus: "PENDING PENDING_CONCURRENCY PENDING_DEVICE PROCESSING SCHEDULING PREPARING RUNNING STOPPING "
    "COMPLETED",
    models.SessionResult: "PENDING PASSED WARNED FAILED SKIPPED ERRORED STOPPED",
    models.InteractionMode: "INTERACTIVE NO_VIDEO VIDEO_ONLY",
    models.BillingMethod: "METERED UNMETERED",
    models.Platform: "ANDROID IOS",
    models.FormFactor: "PHONE TABLET",
    models.InstanceStatus: "IN_USE PREPARING AVAILABLE NOT_AVAILABLE",
    models.Availability: "TEMPORARY_NOT_AVAILABLE BUSY AVAILABLE HIGHLY_AVAILABLE",
}
PYTHON_TYPES = {"timestamp": datetime, "boolean": bool, "integer": int, "long": int, "double": float, "float": float}


def _kind(model: type, name: str) -> tuple[Any, bool]:
    """The type of a field without ``| None``, or of a tuple's items; and whether it is a tuple."""
    hint = get_type_hints(model)[name]
    if get_origin(hint) is tuple:
        return get_args(hint)[0], True
    return next(option for option in get_args(hint) if option is not NoneType), False


def _compare(shape: Any, model: type, path: str) -> list[str]:
    """What ``model`` lacks of a shape of the service model, all the way down."""
    problems: list[str] = []
    names = {field.name for field in dataclasses.fields(model)}
    for member, of in shape.members.items():
        name, where = xform_name(member), f"{path}.{member}"
        if name not in names:
            problems.append(f"{where} has no field {model.__name__}.{name}")
            continue
        kind, many = _kind(model, name)
        if many is not (of.type_name == "list"):
            problems.append(f"{where} is a {of.type_name}")
        item = of.member if of.type_name == "list" else of
        if item.type_name == "structure":
            problems += _compare(item, kind, where)
        elif item.metadata.get("enum"):
            missing = set(item.metadata["enum"]) - set(kind.__members__)
            problems += [f"{where} has the values {missing}"] if missing else []
        elif item.type_name == "string":
            wanted = Secret if item.metadata.get("sensitive") or "ndpoint" in member else str
            problems += [] if kind is wanted else [f"{where} is {kind}"]
        elif kind is not PYTHON_TYPES[item.type_name]:
            problems.append(f"{where} is {kind}")
    return problems


def test_every_field_of_the_installed_service_model_has_a_field() -> None:
    """Names, types and enumerations cover the installed botocore's RemoteAccessSession, all the way down."""
    service = botocore.session.Session().get_service_model("devicefarm")
    assert _compare(service.shape_for("RemoteAccessSession"), RemoteAccessSession, "session") == []


def _paths(value: Any, path: str = "") -> set[str]:
    """The snake_case path of every field of a response."""
    if isinstance(value, list):
        return set().union(*(_paths(each, path) for each in value)) if value else set()
    if not isinstance(value, dict):
        return set()
    own = {f"{path}{xform_name(key)}" for key in value}
    return own.union(*(_paths(item, f"{path}{xform_name(key)}.") for key, item in value.items()))


def _fields(model: type, path: str = "") -> set[str]:
    """The path of every field of a model."""
    found: set[str] = set()
    for field in dataclasses.fields(model):
        if field.name != "raw":
            found.add(path + field.name)
            kind, _ = _kind(model, field.name)
            found |= _fields(kind, f"{path}{field.name}.") if dataclasses.is_dataclass(kind) else set()
    return found


def test_models_have_the_api_fields_and_no_other() -> None:
    """The fields are those of the reference page and of the newest model, listed by hand in the sample."""
    assert _fields(RemoteAccessSession) == _paths(FULL)
    assert set(FULL) >= REFERENCE_PAGE_ONLY


def test_every_field_is_read() -> None:
    """A response that holds every field leaves none of the models' fields empty, and each has the value sent."""

    def empty(model: Any, path: str = "") -> list[str]:
        found: list[str] = []
        for field in dataclasses.fields(model):
            value = getattr(model, field.name)
            for each in value if isinstance(value, tuple) else (value,):
                found += empty(each, f"{path}{field.name}.") if dataclasses.is_dataclass(each) else []
            found += [path + field.name] if value in (None, ()) else []
        return found

    session = RemoteAccessSession.from_response(full())
    assert empty(session) == []
    assert session.device is not None
    assert session.device.cpu == models.CPU(frequency="MHz", architecture="arm64", clock=3780000000.0)
    assert session.device.resolution == models.Resolution(width=1179, height=2556)
    assert session.device.instances == (
        models.DeviceInstance(
            arn=INSTANCE_ARN,
            device_arn="arn:aws:devicefarm:us-west-2::device:00EXAMPLE",
            labels=("rack-7", "5G"),
            status=InstanceStatus.IN_USE,
            udid="00008130-INSTANCE",
            instance_profile=models.InstanceProfile(
                arn="arn:aws:devicefarm:us-west-2:123456789012:instanceprofile:8",
                package_cleanup=True,
                exclude_app_packages_from_cleanup=("com.example.keep",),
                reboot_after_use=False,
                name="keep it warm",
                description="no reboot between runs",
            ),
        ),
    )
    assert session.vpc_config == models.VpcConfig(
        security_group_ids=("sg-1", "sg-2"), subnet_ids=("subnet-1",), vpc_id="vpc-1"
    )
    assert session.device_proxy == models.DeviceProxy(host="proxy.example", port=3128)
    assert session.device_minutes == models.DeviceMinutes(total=12.5, metered=12.0, unmetered=0.5)
    assert session.created == datetime(2026, 3, 1, 12, 0, 0, 250000, UTC)
    assert session.status is SessionStatus.RUNNING
    assert session.interaction_mode is models.InteractionMode.VIDEO_ONLY
    assert session.app_upload == "arn:aws:devicefarm:us-west-2:123456789012:upload:P/APP"
    assert (session.endpoint, session.remote_debug_enabled, session.skip_app_resign) == (
        SECRETS["endpoint"],
        True,
        False,
    )


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.__name__)
def test_enumerations_have_the_reference_pages_values(enum: type[OpenEnum]) -> None:
    """Each value of the reference page is a member, known, and equal to its text."""
    assert " ".join(enum.__members__) == ENUMS[enum]
    for text in ENUMS[enum].split():
        assert enum(text) is enum[text]
        assert enum(text) == text
        assert enum(text).known


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.__name__)
@pytest.mark.parametrize("text", ["HIBERNATING", "", "running", "\ud800", "known", "PENDING "])
def test_unknown_values_are_kept(enum: type[OpenEnum], text: str) -> None:
    """A value that this version does not know is kept, equal to its text and to itself, and survives copies."""
    value = enum(text)
    assert value == text
    assert isinstance(value, enum)
    assert (value.value, str(value), f"{value}") == (text, text, text)
    assert not value.known
    assert {value: 1}[enum(text)] == {value: 1}[text] == 1  # type: ignore[index]  # a str equals it
    assert copy.deepcopy(value) == pickle.loads(pickle.dumps(value)) == value
    assert text not in enum.__members__


@pytest.mark.parametrize(
    ("text", "queued", "booting", "ended"),
    [
        ("PENDING", True, False, False),
        ("PENDING_CONCURRENCY", True, False, False),
        ("PENDING_DEVICE", True, False, False),
        ("PROCESSING", False, False, False),
        ("SCHEDULING", False, True, False),
        ("PREPARING", False, True, False),
        ("RUNNING", False, False, False),
        ("STOPPING", False, False, True),
        ("COMPLETED", False, False, True),
        ("HIBERNATING", False, False, False),
        ("STOPPED", False, False, False),  # a result, never a status
    ],
)
def test_status_groups(text: str, queued: bool, booting: bool, ended: bool) -> None:
    """Each status is queued, booting, ended, or none of them."""
    status = SessionStatus(text)
    assert (status.queued, status.booting, status.ended) == (queued, booting, ended)


def test_repr_hides_every_credential() -> None:
    """No repr shows an endpoint: not the session's, not its parts', not that of the raw response or of containers."""
    session = RemoteAccessSession.from_response(full())
    shown = [repr(session), repr(session.endpoints), repr(session.raw), repr([session]), f"{session}", f"{session.raw}"]
    shown += [
        repr(vars(session)),
        repr(dataclasses.asdict(session)),
        repr(copy.deepcopy(session)),
        repr(session.endpoint),
    ]
    assert session.endpoints is not None
    shown += [repr(session.endpoints.raw), repr(session.endpoints.remote_driver_endpoint)]
    assert not [text for text in shown if CANARY in text]
    assert "endpoint=<redacted>" in repr(session)
    assert "raw=" not in repr(session)
    assert "remote_driver_endpoint=<redacted>, interactive_endpoint=<redacted>" in repr(session.endpoints)


def test_secrets_work_as_the_strings_they_are() -> None:
    """A driver can be opened with an endpoint: only its repr is hidden."""
    session = RemoteAccessSession.from_response(full())
    assert session.endpoints is not None
    url = session.endpoints.remote_driver_endpoint
    assert url == SECRETS["remoteDriverEndpoint"] == str(url) == f"{url}"
    assert isinstance(url, str)
    assert repr(pickle.loads(pickle.dumps(url))) == "<redacted>"


def test_raw_hides_endpoints_of_later_models() -> None:
    """`endpoints.*` is sensitive, so is an endpoint there that this version does not know."""
    session = RemoteAccessSession.from_response(full(endpoints={"logsEndpoint": f"https://x.example/{CANARY}"}))
    assert CANARY not in repr(session.raw)


def test_raw_keeps_unknown_fields() -> None:
    """What this version does not know can still be had."""
    session = RemoteAccessSession.from_response(full(tomorrow={"x": [1]}, device={"name": "Pixel", "foldable": True}))
    assert session.raw["tomorrow"] == {"x": [1]}
    assert session.raw["device"] == {"name": "Pixel", "foldable": True}
    assert session.device is not None
    assert session.device.raw["foldable"] is True
    assert session.to_wire()["tomorrow"] == {"x": [1]}


def test_raw_is_not_the_response_itself() -> None:
    """Reading a response leaves it as it was: its endpoints are plain text to whoever owns it."""
    response = full()
    RemoteAccessSession.from_response(response)
    assert response == full()
    assert type(response["endpoint"]) is str


def test_models_are_frozen_and_compare_by_fields() -> None:
    """A reading cannot be changed, and two equal readings are equal, whatever raw has."""
    session = RemoteAccessSession.from_response(full())
    with pytest.raises(dataclasses.FrozenInstanceError):
        session.name = "other"  # type: ignore[misc]  # the point of the test
    assert session == RemoteAccessSession.from_response(full(tomorrow=1))
    assert hash(session) == hash(RemoteAccessSession.from_response(full()))
    assert session != RemoteAccessSession.from_response(full(name="other"))


@pytest.mark.parametrize(
    ("response", "arn"),
    [
        ({"instanceArn": "B", "device": {"instances": [{"arn": "A"}, {"arn": "B"}]}}, "B"),
        ({"instanceArn": "B", "device": {"instances": [{"arn": "A", "status": "IN_USE"}]}}, None),
        ({"instanceArn": "B"}, None),
        ({"device": {"instances": [{"arn": "A"}, {"arn": "B", "status": "IN_USE"}]}}, "B"),
        ({"device": {"instances": [{"arn": "A", "status": "IN_USE"}, {"arn": "B", "status": "IN_USE"}]}}, None),
        ({"device": {"instances": [{"arn": "A", "status": "AVAILABLE"}]}}, None),
        ({"device": {}}, None),
        ({}, None),
    ],
)
def test_instance_in_use(response: dict[str, Any], arn: str | None) -> None:
    """The instance is the one that the session names, else the only one in use, else none."""
    instance = RemoteAccessSession.from_response(response).instance
    assert (instance.arn if instance else None) == arn


@pytest.mark.parametrize(
    ("arn", "url"),
    [(SESSION_ARN, CONSOLE_URL), (EXAMPLE_ARN, None), (None, None), ("", None), ("no ARN", None)],
)
def test_console_url(arn: str | None, url: str | None) -> None:
    """A session's page is told by its ARN; an ARN that does not tell it breaks nothing."""
    assert RemoteAccessSession(arn=arn).console_url == url


@pytest.mark.parametrize(
    ("name", "arn", "label"),
    [
        ("nightly", "ARN", "'nightly' ARN"),
        (None, "ARN", "ARN"),
        ("nightly", None, "'nightly'"),
        ("a\nb", None, r"'a\nb'"),
        ("", "", "session"),
        (None, None, "session"),
    ],
)
def test_label(name: str | None, arn: str | None, label: str) -> None:
    """Messages call a session by what is known of it, on one line."""
    assert RemoteAccessSession(name=name, arn=arn).label == label


@pytest.mark.parametrize(
    ("platform", "os", "system"),
    [
        (Platform.IOS, "17.5.1", "iOS 17.5.1"),
        (Platform.ANDROID, "14", "Android 14"),
        (Platform("FUCHSIA"), "1", "FUCHSIA 1"),
        (Platform.IOS, None, "iOS"),
        (None, "14", "14"),
        (None, None, ""),
    ],
)
def test_system(platform: Platform | None, os: str | None, system: str) -> None:
    """A device's system is written as people write it."""
    assert Device(platform=platform, os=os).system == system


def test_live_handle_shows_the_newest_model() -> None:
    """A handle's attributes are those of the model in use now; its snapshot is that model itself, frozen."""
    readings = [RemoteAccessSession(name="first"), RemoteAccessSession(name="second")]
    current = readings[0]
    live: Any = Live(lambda: current)
    assert live.name == "first"
    before = live.snapshot
    current = readings[1]
    assert (live.name, before.name) == ("second", "first")
    assert live.snapshot is readings[1]
    assert repr(live) == "<live RemoteAccessSession 'second'>"
    with pytest.raises(AttributeError):
        _ = live.no_such_field


def test_live_handle_does_not_ask_for_a_model_before_it_is_used() -> None:
    """Copying and inspecting a handle must not wait for a session."""

    def newest() -> RemoteAccessSession:
        raise AssertionError("nobody asked for the session")

    live = Live(newest)
    assert isinstance(copy.copy(live), Live)
    assert not hasattr(live, "__wrapped__")
