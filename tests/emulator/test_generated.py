"""Requests made up from the shapes of the installed model, valid and broken: the server takes them all in its stride."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_devicefarm.emulator import Clock, Emulator, Scenario
from pytest_devicefarm.emulator.devices import catalogue
from pytest_devicefarm.emulator.model import installed
from pytest_devicefarm.emulator.operations import OPERATIONS
from pytest_devicefarm.emulator.scenario import EXAMPLE_APP_ARN, EXAMPLE_PROJECT_ARN, EXAMPLE_SESSION_ARN

from .conftest import SIGNED, Raw

SERVICE: Any = ServiceModel(Loader().load_service_model("devicefarm", "service-2"))
PREFIX = "arn:aws:devicefarm:us-west-2:123456789101"
PRIVATE = next(device for device in catalogue() if device["fleetType"] == "PRIVATE")

#: ARNs that lead somewhere, some that lead nowhere, and some that are none.
ARNS = st.sampled_from(
    [
        EXAMPLE_SESSION_ARN,
        EXAMPLE_PROJECT_ARN,
        EXAMPLE_APP_ARN,
        catalogue()[0]["arn"],
        PRIVATE["arn"],
        PRIVATE["instances"][0]["arn"],
        f"{PREFIX}:session:nobody",
        f"{PREFIX}:run:nobody/nothing",
        "arn:aws:devicefarm:us-west-2::device:NOBODY",
        "arn:aws:devicefarm:::::::::::::::::::::",
    ]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
STRANGE = st.text(st.characters(codec=None), max_size=300) | st.just("\ud800") | st.just("x" * 2000)


def valid(shape: Any) -> st.SearchStrategy[Any]:
    """Values of a shape, within its limits where that is simple to say."""
    limits = shape.metadata
    kind = shape.type_name
    if kind == "structure":
        required = {name: valid(shape.members[name]) for name in shape.required_members}
        optional = {name: valid(member) for name, member in shape.members.items() if name not in required}
        return st.fixed_dictionaries(required, optional=optional)
    if kind == "list":
        return st.lists(valid(shape.member), max_size=min(limits.get("max", 3), 3), min_size=limits.get("min", 0))
    if kind == "map":
        return st.dictionaries(valid(shape.key), valid(shape.value), min_size=limits.get("min", 0), max_size=3)
    if kind in ("integer", "long"):
        return st.integers(limits.get("min", -(2**31)), limits.get("max", 2**31))
    if kind == "boolean":
        return st.booleans()
    if kind != "string":
        return st.floats(0, 1e9)
    if enum := limits.get("enum"):
        return st.sampled_from(enum)
    if "arn:aws:devicefarm" in limits.get("pattern", ""):
        return ARNS
    if pattern := limits.get("pattern"):
        return st.from_regex(pattern, fullmatch=True)
    return st.text(min_size=limits.get("min", 0), max_size=min(limits.get("max", 40), 300))


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, Any]:
    """An operation and its parameters: valid ones, those with something broken in them, or anything."""
    operation = draw(st.sampled_from(sorted(OPERATIONS)))
    params = draw(valid(SERVICE.operation_model(operation).input_shape) | ANYTHING)
    if isinstance(params, dict) and params and draw(st.booleans()):
        params[draw(st.sampled_from(sorted(params)))] = draw(ANYTHING | STRANGE)
    return operation, params


@pytest.fixture(scope="module")
def raw() -> Iterator[Raw]:
    """One emulator for all that is made up: what one request leaves behind meets the next."""
    with Emulator(Scenario(rate_limits=False, page_size=3), clock=Clock(speed=0)) as emulator:
        yield Raw(emulator)


@given(st.lists(requests(), min_size=1, max_size=5), st.floats(0, 500))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_no_request_breaks_the_server(raw: Raw, asked: list[tuple[str, Any]], seconds: float) -> None:
    """No 500, and every good answer fits the model, whatever comes before it and however time goes on."""
    raw.emulator.clock.advance(seconds)
    for operation, params in asked:
        response, answer = raw.call(operation, params)
        assert response.status in (200, 400), (operation, answer)
        if response.status == 200:
            assert not [each for each in installed().response_problems(operation, answer) if not tolerated(each)]
        else:
            assert answer["__type"].endswith("Exception")
            assert isinstance(answer["message"], str)


@given(
    st.binary(max_size=300) | ANYTHING.map(lambda value: json.dumps(value).encode()), st.text("aZ.:_{}", max_size=20)
)
@settings(max_examples=100, deadline=None)
def test_no_body_and_no_target_break_the_server(raw: Raw, body: bytes, target: str) -> None:
    """Bytes that are no JSON, JSON that is no object, and operations of nobody are refused."""
    headers = {"X-Amz-Target": f"DeviceFarm_20150623.{target or 'ListDevices'}", "Authorization": SIGNED}
    response, answer = raw.send("POST", "/", body, headers)
    assert response.status in (200, 400)
    assert isinstance(json.loads(answer), dict)
    assert raw.call("ListProjects", {})[0].status == 200


def tolerated(problem: Any) -> bool:
    """The one type of artifact that the service sends and the model does not know."""
    return problem.value == "APPIUM_SERVER_LOG_OUTPUT"
