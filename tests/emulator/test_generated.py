"""Requests made up from the shapes of the installed model, valid and broken: the server takes them all in its stride."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

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

DEVICE = next(device for device in catalogue() if device["availability"] == "HIGHLY_AVAILABLE")

#: What a member of a request is about, if the operation's name says it or its own does.
FITTING = {
    "Session": EXAMPLE_SESSION_ARN,
    "projectArn": EXAMPLE_PROJECT_ARN,
    "Project": EXAMPLE_PROJECT_ARN,
    "ListUploads": EXAMPLE_PROJECT_ARN,
    "ListDevices": EXAMPLE_PROJECT_ARN,
    "ListRemoteAccessSessions": EXAMPLE_PROJECT_ARN,
    "remoteAccessSessionArn": EXAMPLE_SESSION_ARN,
    "ListArtifacts": EXAMPLE_SESSION_ARN,
    "Resource": EXAMPLE_SESSION_ARN,
    "appArn": EXAMPLE_APP_ARN,
    "auxiliaryApps": EXAMPLE_APP_ARN,
    "Upload": EXAMPLE_APP_ARN,
    "deviceArn": DEVICE["arn"],
    "Device": DEVICE["arn"],
    "instanceArn": PRIVATE["instances"][0]["arn"],
    "Instance": PRIVATE["instances"][0]["arn"],
}
#: ARNs that lead somewhere, some that lead nowhere, and some that are none.
ARNS = [
    *dict.fromkeys(FITTING.values()),
    PRIVATE["arn"],
    f"{PREFIX}:session:nobody",
    f"{PREFIX}:run:nobody/nothing",
    "arn:aws:devicefarm:us-west-2::device:NOBODY",
    "arn:aws:devicefarm:::::::::::::::::::::",
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
STRANGE = st.text(st.characters(codec=None), max_size=300) | st.just("\ud800") | st.just("x" * 2000)


def arns(operation: str, name: str) -> st.SearchStrategy[str]:
    """Mostly an ARN that fits: by the member's name, or by the operation's."""
    by_operation = [arn for part, arn in FITTING.items() if operation.endswith(part)]
    fitting = FITTING.get(name) or (by_operation[-1] if by_operation else EXAMPLE_SESSION_ARN)
    return st.integers(0, 9).flatmap(lambda dice: st.sampled_from(ARNS) if dice == 9 else st.just(fitting))


def valid(shape: Any, operation: str, name: str = "") -> st.SearchStrategy[Any]:
    """Values of a shape, within its limits where that is simple to say."""
    limits = shape.metadata
    kind = shape.type_name
    if kind == "structure":
        members = {each: valid(member, operation, each) for each, member in shape.members.items()}
        required = {each: members.pop(each) for each in shape.required_members}
        return st.fixed_dictionaries(required, optional=members)
    if kind == "list":
        most = min(limits.get("max", 3), 3)
        return st.lists(valid(shape.member, operation, name), max_size=most, min_size=limits.get("min", 0))
    if kind == "map":
        keys = valid(shape.key, operation) | st.just("appium:version")
        values = valid(shape.value, operation) | st.sampled_from(["2", "3"])
        return st.dictionaries(keys, values, min_size=limits.get("min", 0), max_size=3)
    if kind in ("integer", "long"):
        return st.integers(limits.get("min", -(2**31)), limits.get("max", 2**31))
    if kind == "boolean":
        return st.booleans()
    if kind != "string":
        return st.floats(0, 1e9)
    if enum := limits.get("enum"):
        return st.sampled_from(enum)
    if "arn:aws:devicefarm" in limits.get("pattern", ""):
        return arns(operation, name)
    if pattern := limits.get("pattern"):
        return st.from_regex(pattern, fullmatch=True)
    text = st.text(min_size=limits.get("min", 0), max_size=min(limits.get("max", 40), 300))
    return text | st.sampled_from(["17.1", "IOS", "app.ipa", "app.apk"])


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, Any]:
    """An operation and its parameters: valid ones, those with something broken in them, or anything."""
    operation = draw(st.sampled_from(sorted(OPERATIONS)))
    fits = valid(SERVICE.operation_model(operation).input_shape, operation)
    params = draw(ANYTHING if draw(st.integers(0, 9)) == 9 else fits)
    if isinstance(params, dict) and params and draw(st.integers(0, 2)) == 2:
        params[draw(st.sampled_from(sorted(params)))] = draw(ANYTHING | STRANGE)
    return operation, params


@given(st.lists(requests(), min_size=1, max_size=8), st.floats(0, 500))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_no_request_breaks_the_server(asked: list[tuple[str, Any]], seconds: float) -> None:
    """No 500, and every good answer fits the model, whatever came before it and however time goes on."""
    with emulator() as raw:
        for operation, params in asked:
            response, answer = raw.call(operation, params)
            assert response.status in (200, 400), (operation, answer)
            if response.status == 200:
                assert not [each for each in installed().response_problems(operation, answer) if not tolerated(each)]
            else:
                assert answer["__type"].endswith("Exception")
                assert isinstance(answer["message"], str)
            raw.emulator.clock.advance(seconds)


@given(
    st.binary(max_size=300) | ANYTHING.map(lambda value: json.dumps(value).encode()), st.text("aZ.:_{}", max_size=20)
)
@settings(max_examples=100, deadline=None)
def test_no_body_and_no_target_break_the_server(body: bytes, target: str) -> None:
    """Bytes that are no JSON, JSON that is no object, and operations of nobody are refused."""
    headers = {"X-Amz-Target": f"DeviceFarm_20150623.{target or 'ListDevices'}", "Authorization": SIGNED}
    with emulator() as raw:
        response, answer = raw.send("POST", "/", body, headers)
        assert response.status in (200, 400)
        assert isinstance(json.loads(answer), dict)
        assert raw.call("ListProjects", {})[0].status == 200


@contextmanager
def emulator() -> Iterator[Raw]:
    """An emulator for one run of made-up requests, and a connection to it."""
    scenario = Scenario(rate_limits=False, page_size=3)
    with Emulator(scenario, clock=Clock(speed=0)) as played:
        raw = Raw(played)
        with closing(raw.connection):
            yield raw


def tolerated(problem: Any) -> bool:
    """The one type of artifact that the service sends and the model does not know."""
    return problem.value == "APPIUM_SERVER_LOG_OUTPUT"
