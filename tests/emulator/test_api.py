"""The operations, as an AWS client meets them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.model import ServiceModel

from pytest_devicefarm.emulator import Project, Scenario, Session, Step
from pytest_devicefarm.emulator.operations import OPERATIONS

from .conftest import Play, Raw, client, session_of

PREFIX = "arn:aws:devicefarm:us-west-2:123456789101"

#: All of the reference page of GetRemoteAccessSession that its newest models dropped.
LEGACY = {
    "clientId",
    "endpoint",
    "hostAddress",
    "remoteDebugEnabled",
    "remoteRecordAppArn",
    "remoteRecordEnabled",
}


def paths(shape: Any, prefix: str = "") -> set[str]:
    """All members of a shape of the service model, dotted."""
    if shape.type_name == "list":
        return paths(shape.member, f"{prefix}[]")
    if shape.type_name != "structure":
        return {prefix}
    found = set()
    for name, member in shape.members.items():
        found |= paths(member, f"{prefix}.{name}" if prefix else name)
    return found


def filled(value: Any, prefix: str = "") -> set[str]:
    """All members of an answer that hold something, dotted in the same way."""
    if isinstance(value, dict):
        named = [(f"{prefix}.{name}" if prefix else name, member) for name, member in value.items()]
        return {path for name, member in named for path in filled(member, name)}
    if isinstance(value, list):
        return {path for member in value for path in filled(member, f"{prefix}[]")}
    return set() if value in (None, "") else {prefix}


def error_code(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return str(caught.value.response["Error"]["Code"])


def test_every_field_of_the_installed_model_is_filled(play: Play) -> None:
    """The default session, once it has ended, leaves no field of the installed model empty."""
    service: Any = ServiceModel(Loader().load_service_model("devicefarm", "service-2"))
    emulator = play(sessions=(Session(steps=(Step("RUNNING", 90), Step("COMPLETED"))),))
    emulator.clock.advance(100)
    assert filled(session_of(emulator)) == paths(service.shape_for("RemoteAccessSession"))


def test_fields_that_newer_models_dropped_are_on_the_wire(play: Play) -> None:
    """What the reference page shows is sent to every client, whatever its generation parses."""
    _, answer = Raw(play()).call("GetRemoteAccessSession", {"arn": f"{PREFIX}:session:EXAMPLE-GUID-123-456"})
    assert answer["remoteAccessSession"].keys() >= LEGACY
    assert answer["remoteAccessSession"]["endpoint"].startswith("wss://")


def test_times_are_epoch_seconds(play: Play) -> None:
    """Timestamps go out as numbers, as AWS JSON 1.1 has them."""
    emulator = play()
    _, answer = Raw(emulator).call("GetRemoteAccessSession", {"arn": emulator.default_session_arn})
    created = answer["remoteAccessSession"]["created"]
    assert isinstance(created, float)
    assert session_of(emulator)["created"].timestamp() == created


def test_each_answer_has_what_clients_look_for(play: Play) -> None:
    """Good answers and errors alike carry a request id, a date and the content type; errors their type too."""
    emulator = play()
    for arn, code in (
        (emulator.default_session_arn, None),
        (f"{PREFIX}:session:nobody", "NotFoundException"),
    ):
        response, _ = Raw(emulator).call("GetRemoteAccessSession", {"arn": arn})
        assert len(response.headers["x-amzn-RequestId"]) == 36
        assert response.headers["Date"].endswith("GMT")
        assert response.headers["Content-Type"] == "application/x-amz-json-1.1"
        assert response.headers["x-amzn-ErrorType"] == code


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        (f"{PREFIX}:session:nobody", "NotFoundException"),
        (f"{PREFIX}:run:EXAMPLE-GUID-123-456", "ArgumentException"),
        ("arn:aws:devicefarm:eu-west-1:123456789101:session:EXAMPLE-GUID-123-456", "ArgumentException"),
        ("arn:aws:devicefarm:us-west-2:999999999999:session:EXAMPLE-GUID-123-456", "ArgumentException"),
        (f"{PREFIX}:session/EXAMPLE-GUID-123-456", "ValidationException"),
        ("arn:aws:s3:us-west-2:123456789101:session:EXAMPLE-GUID-123-456", "ValidationException"),
        ("arn:aws:devicefarm:" + "x" * 1000, "ValidationException"),
        (f"{PREFIX}:session:line\nbreak", "ValidationException"),
    ],
)
def test_arns_that_are_refused(play: Play, arn: str, code: str) -> None:
    """Unknown sessions, ARNs of another kind, region or account, and what is no ARN: each its own error."""
    with pytest.raises(ClientError) as caught:
        session_of(play(), arn)
    assert error_code(caught) == code


def test_a_missing_parameter_is_told_as_aws_words_it(play: Play) -> None:
    """Null counts as missing, and a wrong JSON type is another error than a wrong value."""
    raw = Raw(play())
    response, answer = raw.call("GetRemoteAccessSession", {"arn": None})
    assert (response.status, answer) == (
        400,
        {
            "__type": "ValidationException",
            "message": "1 validation error detected: Value null at 'arn' failed to satisfy constraint: "
            "Member must not be null",
        },
    )
    assert raw.call("GetRemoteAccessSession", {"arn": 5})[1]["__type"] == "SerializationException"
    assert raw.call("ListProjects", {"nextToken": None, "unheard": "of"})[0].status == 200


def test_lists_page(play: Play) -> None:
    """A project's sessions, and projects, come page by page, each once and in order."""
    projects = tuple(Project(f"{PREFIX}:project:p{n}", f"project {n}") for n in range(3))
    sessions = tuple(Session(f"{PREFIX}:session:p0/s{n}", f"session {n}") for n in range(5))
    emulator = play(Scenario(sessions, projects, page_size=2))
    pages = client(emulator).get_paginator("list_remote_access_sessions").paginate(arn=projects[0].arn)
    assert [[s["name"] for s in page["remoteAccessSessions"]] for page in pages] == [
        ["session 0", "session 1"],
        ["session 2", "session 3"],
        ["session 4"],
    ]
    pages = client(emulator).get_paginator("list_projects").paginate()
    assert [[p["name"] for p in page["projects"]] for page in pages] == [
        ["project 0", "project 1"],
        ["project 2"],
    ]


def test_lists_are_of_the_project_asked_for(play: Play) -> None:
    """Sessions are listed with their own project, ListProjects with an ARN gives that one, strangers are refused."""
    one, two = Project(f"{PREFIX}:project:one", "one"), Project(f"{PREFIX}:project:two", "two")
    emulator = play(
        sessions=(Session(f"{PREFIX}:session:one/s", project="one"), Session(project=two.arn)),
        projects=(one, two),
    )
    farm = client(emulator)
    listed = farm.list_remote_access_sessions(arn=two.arn)["remoteAccessSessions"]
    assert [session["arn"] for session in listed] == [f"{PREFIX}:session:EXAMPLE-GUID-123-456"]
    assert [project["name"] for project in farm.list_projects(arn=one.arn)["projects"]] == ["one"]
    with pytest.raises(farm.exceptions.NotFoundException):
        farm.list_projects(arn=f"{PREFIX}:project:three")
    with pytest.raises(farm.exceptions.ArgumentException):
        farm.list_remote_access_sessions(arn=emulator.default_session_arn)


@pytest.mark.parametrize("token", ["no token", "TGlzdFByb2plY3RzOjk5", "TGlzdFByb2plY3RzOng="])
def test_tokens_of_nobody_are_refused(play: Play, token: str) -> None:
    """A nextToken that the emulator did not give out is an ArgumentException."""
    farm = client(play())
    with pytest.raises(farm.exceptions.ArgumentException):
        farm.list_projects(nextToken=token)


def test_sts_tells_the_account(play: Play) -> None:
    """GetCallerIdentity of STS is answered on the same port, with the account of all ARNs."""
    emulator = play()
    identity = client(emulator, "sts").get_caller_identity()
    assert identity["Account"] == emulator.account == "123456789101"
    assert identity["Arn"] == "arn:aws:iam::123456789101:user/emulator"
    with pytest.raises(ClientError) as caught:
        client(emulator, "sts").get_session_token()
    assert error_code(caught) == "InvalidAction"


def test_operations_that_are_not_here_say_so_once(play: Play) -> None:
    """An operation of the model that the emulator lacks fails clearly, and a client's default retries leave it."""
    emulator = play()
    farm = client(emulator, retries={"mode": "standard"})
    with pytest.raises(ClientError) as caught:
        farm.list_runs(arn=f"{PREFIX}:project:EXAMPLE-GUID-123-456")
    assert caught.value.response["Error"] == {
        "Code": "NotImplementedException",
        "Message": f"ListRuns is not implemented in this emulator; these are: {', '.join(sorted(OPERATIONS))}",
    }
    assert [call.operation for call in emulator.calls] == ["ListRuns"]


def test_requests_must_be_signed_for_the_region_of_device_farm(play: Play) -> None:
    """No signature, another region's and another service's are refused, as AWS refuses them."""
    raw = Raw(play())
    for authorization, code in (
        ("", "MissingAuthenticationTokenException"),
        ("Basic ZW11bGF0b3I=", "IncompleteSignatureException"),
        (
            "AWS4-HMAC-SHA256 Credential=a/20250101/eu-west-1/devicefarm/aws4_request",
            "InvalidSignatureException",
        ),
        ("AWS4-HMAC-SHA256 Credential=a/20250101/us-west-2/s3/aws4_request", "InvalidSignatureException"),
    ):
        _, answer = raw.call("ListProjects", {}, Authorization=authorization)
        assert answer["__type"] == code


def test_calls_are_noted(play: Play) -> None:
    """`calls` has each call with its parameters, the clock's time and how it ended."""
    emulator = play()
    session_of(emulator)
    emulator.clock.advance(7)
    with pytest.raises(ClientError):
        session_of(emulator, f"{PREFIX}:session:nobody")
    first, second = emulator.calls
    assert (first.operation, first.params, first.error) == (
        "GetRemoteAccessSession",
        {"arn": emulator.default_session_arn},
        None,
    )
    assert (second.at - first.at, second.error) == (7, "NotFoundException")
