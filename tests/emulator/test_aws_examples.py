"""The examples that AWS ships with botocore, as requests; what they show is in the answers."""

from typing import Any

import pytest
from botocore.loaders import Loader

from pytest_devicefarm.emulator import Device, Project, Scenario, Session, Step, Upload
from pytest_devicefarm.emulator.operations import OPERATIONS

from .conftest import Play, Raw

_SHIPPED: Any = Loader().load_service_model("devicefarm", "examples-1")
EXAMPLES: dict[str, dict[str, Any]] = {
    name: shown[0] for name, shown in _SHIPPED["examples"].items() if name in OPERATIONS
}

_PREFIX = "arn:aws:devicefarm:us-west-2:123456789101"

#: What the examples speak of. Their times are text; on the wire they are numbers.
SCENARIO = Scenario(
    sessions=(Session(steps=(Step("RUNNING"),)),),
    projects=(
        Project(),
        Project(f"{_PREFIX}:project:5e01a8c7-c861-4c0a-b1d5-12345EXAMPLE", "My Project", {"created": 1472660939.152}),
        Project(
            f"{_PREFIX}:project:7ad300ed-8183-41a7-bf94-12345EXAMPLE", "My Test Project", {"created": 1453163262.105}
        ),
    ),
    devices=(
        Device(
            "arn:aws:devicefarm:us-west-2::device:123EXAMPLE",
            "LG G2 (Sprint)",
            EXAMPLES["GetDevice"]["output"]["device"],
        ),
    ),
    uploads=(
        Upload(f"{_PREFIX}:upload:EXAMPLE-GUID-123-456"),
        Upload(f"{_PREFIX}:app:EXAMPLE-GUID-123-456"),
    ),
)

#: Examples that are wrong by AWS's own model: what is wrong, and what the service's documentation says instead.
WRONG = {
    "ListRemoteAccessSessions": "names a session, where the model wants the ARN of a project",
    "ListArtifacts": "names a run, and this emulator has none",
}
#: The example's answer is another one in each run: the ARN is new, so are the time and the URL.
NEW = ("arn", "created", "url")


@pytest.mark.parametrize("operation", sorted(EXAMPLES))
def test_the_examples_of_aws_go_through(play: Play, operation: str) -> None:
    """Each request is taken, and each member that its answer shows is in ours, with its value where it can be known."""
    example = EXAMPLES[operation]
    # Tokens are of somebody's earlier answer.
    asked = {name: value for name, value in example.get("input", {}).items() if name != "nextToken"}
    emulator = play(SCENARIO)
    raw = Raw(emulator)
    if operation == "DeleteRemoteAccessSession":
        raw.call("StopRemoteAccessSession", asked)
        emulator.clock.advance(2)
    response, answer = raw.call(operation, asked)
    if operation in WRONG:
        assert answer["__type"] in ("ArgumentException", "NotFoundException")
        return
    assert response.status == 200, answer
    assert missing(example.get("output", {}), answer, operation) == []


def missing(shown: Any, got: Any, path: str) -> list[str]:
    """Members of an example's answer that are not in ours."""
    if isinstance(shown, dict):
        gone = [f"{path}.{name}" for name in shown if name not in got]
        return gone + [
            each for name in shown if name in got for each in missing(shown[name], got[name], f"{path}.{name}")
        ]
    if isinstance(shown, list):
        # ListProjects names one project and its example shows two.
        return [each for one, other in zip(shown, got, strict=False) for each in missing(one, other, path)]
    name = path.rpartition(".")[2]
    if path.startswith("Create") and name in NEW:
        return [] if type(got) is (float if name == "created" else str) else [path]
    return [] if got == (float(shown) if name == "created" else shown) else [f"{path}: {got!r}, not {shown!r}"]


def test_the_examples_that_are_not_empty_are_there() -> None:
    """botocore still ships those that this module is about."""
    told = {name for name, example in EXAMPLES.items() if any((example.get("output") or {}).values())}
    assert told >= {"CreateProject", "CreateUpload", "GetAccountSettings", "GetDevice", "GetProject", "ListProjects"}
