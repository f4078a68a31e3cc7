"""model/wire: broken answers make no broken run, and what crosses processes is plain and comes back equal."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from math import isfinite
from typing import Any

import boto3
import execnet
import pytest
from botocore.config import Config
from hypothesis import given
from hypothesis import strategies as st

from pytest_devicefarm.model import wire
from pytest_devicefarm.model.secret import Secret
from pytest_devicefarm.model.session import Device, RemoteAccessSession, SessionStatus

from .unit_samples import CANARY, SESSION_ARN, answer, full

PLAIN = (str, int, float, bool, type(None))


def _types(value: Any) -> set[type]:
    """Every exact type in a nest of values, keys included."""
    if type(value) is dict:
        return set().union({dict}, *(_types(item) for item in (*value, *value.values())))
    if type(value) is list:
        return set().union({list}, *(_types(item) for item in value))
    return {type(value)}


def _across(session: RemoteAccessSession) -> RemoteAccessSession:
    return RemoteAccessSession.from_response(json.loads(json.dumps(session.to_wire())))


def test_a_full_session_crosses_unchanged() -> None:
    """to_wire, JSON, from_response: the same session, secrets and unknown values included."""
    session = RemoteAccessSession.from_response(full(status="HIBERNATING", tomorrow=1))
    there = _across(session)
    assert there == session
    assert there.raw["tomorrow"] == 1
    assert there.status == "HIBERNATING"
    assert there.endpoints is not None
    assert type(there.endpoints.remote_driver_endpoint) is Secret
    assert CANARY not in repr(there) + repr(there.raw)
    assert there.to_wire() == session.to_wire()


def test_the_wire_is_plain() -> None:
    """Only str, int, float, bool, None, list and dict cross, none of their subclasses, and execnet takes them."""
    session = RemoteAccessSession.from_response(
        full(created=datetime(2026, 3, 1, tzinfo=UTC), labels=("a", SessionStatus.RUNNING), other=object)
    )
    plain = session.to_wire()
    assert _types(plain) <= {*PLAIN, list, dict}
    assert execnet.loads(execnet.dumps(plain)) == plain


def test_what_botocore_parses_is_read() -> None:
    """The full response in the service's own form, through the installed boto3: equal in every field that it knows."""
    client = boto3.client(
        "devicefarm", region_name="us-west-2", aws_access_key_id="x", aws_secret_access_key="x", config=Config()
    )
    answer(client, lambda request: (200, json.dumps({"remoteAccessSession": full()}).encode()))
    parsed = client.get_remote_access_session(arn=SESSION_ARN)["remoteAccessSession"]
    known = set(client.meta.service_model.shape_for("RemoteAccessSession").members)
    session = RemoteAccessSession.from_response(parsed)
    assert session == RemoteAccessSession.from_response({name: full()[name] for name in known})
    assert session.created == datetime(2026, 3, 1, 12, 0, 0, 250000, UTC)
    assert _across(session) == session


EMPTY = RemoteAccessSession()


@pytest.mark.parametrize(
    "response",
    [{}, dict.fromkeys(full()), {"device": None}, {"tomorrow": None}],
    ids=["empty", "every-field-null", "device-null", "unknown-null"],
)
def test_nothing_is_known_of_an_empty_answer(response: dict[str, Any]) -> None:
    """Absent and null fields are None; nothing else is asked of an answer."""
    session = RemoteAccessSession.from_response(response)
    assert session == EMPTY
    assert (session.device, session.instance, session.console_url, session.label) == (None, None, None, "session")
    assert _across(session) == EMPTY


def test_every_field_of_the_device_null() -> None:
    """A device of which nothing is known is a device all the same."""
    response = full(device=dict.fromkeys(full()["device"]))
    session = RemoteAccessSession.from_response(response)
    assert session.device == Device()
    assert _across(session) == session


WRONG = ["text", b"bytes", 7, 7.5, True, float("nan"), float("inf"), [], {}, [None], [[]], {"a": 1}, object(), ("x",)]
#: Which of a field's kinds each sort of value fits; everything else reads as None, or as an empty tuple.
FITS = {
    "arn": str,
    "created": (int, float),
    "status": str,
    "device": dict,
    "remoteDebugEnabled": bool,
    "deviceMinutes": dict,
    "endpoint": str,
    "endpoints": dict,
    "vpcConfig": dict,
    "deviceProxy": dict,
}


@pytest.mark.parametrize("name", FITS)
@pytest.mark.parametrize("value", WRONG, ids=lambda value: repr(value).split(" at ")[0])
def test_wrong_types_read_as_absent(name: str, value: Any) -> None:
    """A value of another type than the field's is None: it breaks neither the reading nor what is made of it."""
    session = RemoteAccessSession.from_response({name: value})
    fits = isinstance(value, FITS[name]) and not isinstance(value, bool)
    fits |= FITS[name] is bool and isinstance(value, bool)
    if fits and (not isinstance(value, float) or isfinite(value)):
        assert session != EMPTY
    else:
        assert session == EMPTY
    repr(session)
    execnet.dumps(session.to_wire())


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        ({"memory": "much"}, Device()),
        ({"memory": 1.0}, Device(memory=1)),
        ({"memory": True}, Device()),
        ({"memory": float("nan")}, Device()),
        ({"cpu": {"clock": float("inf")}}, Device.from_response({"cpu": {}})),
        ({"cpu": {"clock": 3}}, Device.from_response({"cpu": {"clock": 3.0}})),
        ({"cpu": [1]}, Device()),
        ({"instances": {"arn": "A"}}, Device()),
        ({"instances": [None, "A", {"arn": "A"}, 3]}, Device.from_response({"instances": [{"arn": "A"}]})),
        ({"instances": [{"labels": "rack"}]}, Device.from_response({"instances": [{}]})),
        ({"instances": [{"labels": ["rack", None, 7]}]}, Device.from_response({"instances": [{"labels": ["rack"]}]})),
        ({"remoteAccessEnabled": "true"}, Device()),
        ({"remoteAccessEnabled": 1}, Device()),
        pytest.param(
            {"memory": 10**400},
            Device(memory=10**400),
            id="huge",
        ),
    ],
)
def test_wrong_types_in_a_device(device: dict[str, Any], expected: Device) -> None:
    """The same holds all the way down; a broken item of a list is left out."""
    assert Device.from_response(device) == expected


@pytest.fixture
def new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine five hours behind UTC."""
    monkeypatch.setenv("TZ", "EST5")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("new_york")
@pytest.mark.parametrize(
    "created",
    [
        datetime(2026, 3, 1, 12, tzinfo=UTC),
        datetime(2026, 3, 1, 14, tzinfo=timezone(timedelta(hours=2))),
        datetime(2026, 3, 1, 7),  # naive is local, as everywhere in Python
        1772366400,
        1772366400.0,
    ],
    ids=["utc", "aware", "naive", "epoch-int", "epoch-float"],
)
def test_times_are_in_utc(created: Any) -> None:
    """Whatever zone a time came in, it is aware and in UTC, before and after it crossed."""
    session = RemoteAccessSession.from_response({"created": created})
    assert session.created == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert session.created.tzinfo is UTC
    there = _across(session)
    assert there == session
    assert there.created is not None
    assert there.created.tzinfo is UTC


@given(st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_times_cross_to_the_microsecond(created: datetime) -> None:
    """Epoch seconds on the wire lose nothing of a time."""
    assert _across(RemoteAccessSession.from_response({"created": created})).created == created


@pytest.mark.parametrize("created", [1e30, -1e30, 10**400, "2026-03-01T12:00:00Z", datetime(1, 1, 1)], ids=repr)
def test_impossible_times_read_as_absent(created: Any) -> None:
    """A time that no datetime holds is None."""
    assert RemoteAccessSession.from_response({"created": created}).created in (None, datetime(1, 1, 1, tzinfo=UTC))


def test_impossible_times_cross() -> None:
    """A naive time in year 1, which has no epoch seconds, does not stop a session from crossing."""
    execnet.dumps(RemoteAccessSession.from_response({"created": datetime(1, 1, 1)}).to_wire())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\ud800", "\\ud800"),
        ("a\udfffz", "a\\udfffz"),
        ("\x00\x1b\ufffe", "\x00\x1b\ufffe"),
        ("ünï \U0001f4f1", "ünï \U0001f4f1"),
    ],
)
def test_lone_surrogates_cross_as_escapes(text: str, shown: str) -> None:
    """JSON may carry lone surrogates, which execnet refuses: they cross as escapes, and all other text as it is."""
    session = RemoteAccessSession.from_response({"name": text, "message": text, "status": text, "endpoint": text})
    plain = execnet.loads(execnet.dumps(session.to_wire()))
    assert plain == dict.fromkeys(("name", "message", "status", "endpoint"), shown)
    assert json.loads(json.dumps(plain)) == plain


def test_lone_surrogates_in_names_cross() -> None:
    """The same holds for the names of unknown fields."""
    execnet.dumps(RemoteAccessSession.from_response({"a\ud800": 1}).to_wire())


def test_large_negative_numbers_cross() -> None:
    """Any whole number of an answer crosses."""
    execnet.dumps(RemoteAccessSession.from_response({"device": {"memory": -(2**40)}}).to_wire())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**70) | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*full()]), JSON))
def test_any_json_is_read_and_crosses(response: dict[str, Any]) -> None:
    """No JSON value in any field breaks the reading, and every reading crosses."""
    session = RemoteAccessSession.from_response(response)
    plain = execnet.loads(execnet.dumps(session.to_wire()))
    assert _types(plain) <= {*PLAIN, list, dict}
    RemoteAccessSession.from_response(plain)


def test_every_model_reads_nothing() -> None:
    """Each model, not only the session, can be made of an empty answer and is then like one made by hand."""
    todo, seen = [RemoteAccessSession], set()
    while todo:
        model = todo.pop()
        seen.add(model)
        assert wire.read(model, {}) == model()
        assert model().to_wire() == {}
        for name, (_, kind) in wire._fields(model).items():
            item = getattr(kind, "__args__", (kind,))[0]
            assert name in {field.name for field in dataclasses.fields(model)}
            todo += [item] if dataclasses.is_dataclass(item) and item not in seen else []
    assert len(seen) == 10
