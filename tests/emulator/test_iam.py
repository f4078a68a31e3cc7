"""IAM policies: what they allow, how a refusal is worded, and what is no policy."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pytest_devicefarm.emulator import Emulator, Scenario, ScenarioError, load_scenario
from pytest_devicefarm.emulator.errors import ApiError
from pytest_devicefarm.emulator.iam import RESOURCES, Policy, resources_of
from pytest_devicefarm.emulator.operations import OPERATIONS

from .conftest import Play, Raw, client

USER = "arn:aws:iam::123456789101:user/emulator"
SESSION = "arn:aws:devicefarm:us-west-2:123456789101:session:EXAMPLE-GUID-123-456"
PROJECT = "arn:aws:devicefarm:us-west-2:123456789101:project:EXAMPLE-GUID-123-456"
DEVICE = "arn:aws:devicefarm:us-west-2::device:2B4F2A9D1C8E4D7FA0B6C5D4E3F2A1B0"
UPLOAD = "arn:aws:devicefarm:us-west-2:123456789101:upload:EXAMPLE-GUID-123-456/app"
GET, CREATE = "GetRemoteAccessSession", "CreateRemoteAccessSession"

Statement = dict[str, Any]


def allow(action: Any, resource: Any = "*", **more: Any) -> Statement:
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


def deny(action: Any, resource: Any = "*") -> Statement:
    return {"Effect": "Deny", "Action": action, "Resource": resource}


def policy(*statements: Statement) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allowed(document: dict[str, Any], operation: str, **params: Any) -> bool:
    try:
        Policy(document).check(operation, params)
    except ApiError:
        return False
    return True


def test_what_nothing_allows_is_denied_as_aws_words_it(play: Play) -> None:
    """The wording is that of https://github.com/code-dot-org/code-dot-org/pull/72393, seen on the service."""
    emulator = play(iam=policy(allow("devicefarm:List*")))
    with pytest.raises(ClientError) as caught:
        client(emulator).get_remote_access_session(arn=SESSION)
    assert caught.value.response["Error"] == {
        "Code": "AccessDeniedException",
        "Message": f"User: {USER} is not authorized to perform: devicefarm:GetRemoteAccessSession on resource: "
        f"{SESSION} because no identity-based policy allows the devicefarm:GetRemoteAccessSession action",
    }
    assert emulator.calls[0].error == "AccessDeniedException"
    assert client(emulator).list_remote_access_sessions(arn=PROJECT)["remoteAccessSessions"]


def test_an_explicit_deny_wins_and_says_so(play: Play) -> None:
    """IAM, troubleshoot_access-denied: "with an explicit deny in an identity-based policy"."""
    emulator = play(iam=policy(allow("*"), deny("devicefarm:Get*", SESSION)))
    with pytest.raises(ClientError) as caught:
        client(emulator).get_remote_access_session(arn=SESSION)
    assert caught.value.response["Error"]["Message"] == (
        f"User: {USER} is not authorized to perform: devicefarm:GetRemoteAccessSession on resource: {SESSION} "
        "with an explicit deny in an identity-based policy"
    )
    assert client(emulator).list_projects()["projects"]


def test_an_action_without_resources_is_on_all_of_them(play: Play) -> None:
    """Service authorization reference: ListProjects has no resource type, so only `*` allows it."""
    emulator = play(iam=policy(allow("devicefarm:*", "arn:aws:devicefarm:*:*:*")))
    with pytest.raises(ClientError, match=r"devicefarm:ListProjects on resource: \* because no identity"):
        client(emulator).list_projects()


def test_who_one_is_needs_no_permission(play: Play) -> None:
    """STS, GetCallerIdentity: allowed even to whom everything is denied."""
    assert client(play(iam=policy(deny("*"))), "sts").get_caller_identity()["Arn"] == USER


def test_broken_requests_are_told_first(play: Play) -> None:
    """Where a request names no resource there is nothing to be denied."""
    response, answer = Raw(play(iam=policy(deny("*")))).call(GET, {})
    assert (response.status, answer["__type"]) == (400, "ValidationException")


@pytest.mark.parametrize(
    ("resources", "missing"),
    [
        (["arn:aws:devicefarm:*:*:project:*", "arn:aws:devicefarm:*::device:*"], UPLOAD),
        (["arn:aws:devicefarm:*:123456789101:*"], DEVICE),
        (["arn:aws:devicefarm:*::device:*", UPLOAD], PROJECT),
    ],
)
def test_a_session_needs_all_its_resources(resources: list[str], missing: str) -> None:
    """FACTS of the reference: Create needs device and project, and the upload where used; a public device has no
    account, so `...:123456789101:*` does not hold it (https://github.com/code-dot-org/code-dot-org/pull/72408)."""
    asked = {"projectArn": PROJECT, "deviceArn": DEVICE, "configuration": {"auxiliaryApps": [UPLOAD]}}
    with pytest.raises(ApiError, match=f"on resource: {missing} because"):
        Policy(policy(allow("devicefarm:CreateRemoteAccessSession", resources))).check(CREATE, asked)
    both = policy(allow("devicefarm:*", resources), allow(f"devicefarm:{CREATE}", missing))
    assert allowed(both, CREATE, **asked)


def test_the_resources_of_a_request() -> None:
    """Optional ones where they are there, lists one by one, in the table's order."""
    more = {"configuration": {"auxiliaryApps": ["a", "b"]}, "appArn": UPLOAD, "instanceArn": "i"}
    asked = more | {"deviceArn": DEVICE, "projectArn": PROJECT}
    assert list(resources_of(CREATE, asked)) == [PROJECT, DEVICE, "i", UPLOAD, "a", "b"]
    assert list(resources_of("InstallToRemoteAccessSession", {"remoteAccessSessionArn": "s", "appArn": "a"})) == [
        "s",
        "a",
    ]
    assert list(resources_of("ListDevices", {})) == ["*"]
    assert list(resources_of("TagResource", {"ResourceARN": SESSION, "Tags": []})) == [SESSION]


def test_every_operation_of_the_emulator_is_in_the_table() -> None:
    """One that is not would be checked on `*`, whatever it is about."""
    assert set(OPERATIONS) == set(RESOURCES)


@pytest.mark.parametrize(
    ("action", "matches"),
    [
        ("*", True),
        ("devicefarm:*", True),
        ("devicefarm:GetRemoteAccessSession", True),
        ("DeviceFarm:getremoteaccesssession", True),
        ("devicefarm:Get*", True),
        ("devicefarm:Get*Session", True),
        ("devicefarm:GetRemoteAccessSessio?", True),
        ("devicefarm:GetRemoteAccessSession?", False),
        ("devicefarm:GetRemote", False),
        ("devicefarm:List*", False),
        ("s3:*", False),
        (["s3:*", "devicefarm:Get*"], True),
        (["s3:*", "devicefarm:List*"], False),
    ],
)
def test_patterns_of_actions(action: Any, matches: bool) -> None:
    """IAM, elements_action: `*` and `?`, not case-sensitive, one or a list; NotAction is all others."""
    assert allowed(policy(allow(action)), GET, arn=SESSION) is matches
    others = {"Effect": "Allow", "NotAction": action, "Resource": "*"}
    assert allowed(policy(others), GET, arn=SESSION) is not matches


@pytest.mark.parametrize(
    ("resource", "matches"),
    [
        ("*", True),
        (SESSION, True),
        (SESSION.lower(), False),
        ("arn:aws:devicefarm:us-west-2:123456789101:session:*", True),
        ("arn:aws:devicefarm:*:*:*", True),
        ("arn:aws:devicefarm:us-west-?:*:session:EXAMPLE-*-123-456", True),
        ("arn:aws:devicefarm", True),
        ("arn:aws:*:session:EXAMPLE-GUID-123-456", False),
        ("arn:aws:devicefarm:us-west-2:999999999999:session:*", False),
        ("arn:aws:devicefarm:us-west-2:123456789101:session:EXAMPLE", False),
        ("arn:aws:devicefarm:us-west-2::device:*", False),
        ([PROJECT, SESSION], True),
        ([PROJECT, DEVICE], False),
    ],
)
def test_patterns_of_resources(resource: Any, matches: bool) -> None:
    """IAM, elements_resource: within the parts of an ARN, never over its colons; missing parts are `*`."""
    assert allowed(policy(allow("*", resource)), GET, arn=SESSION) is matches
    others = {"Effect": "Allow", "Action": "*", "NotResource": resource}
    assert allowed(policy(others), GET, arn=SESSION) is not matches


ALLOW = allow("*")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({}, "a policy needs a Statement"),
        ({"Statement": []}, "a policy needs a Statement"),
        ({"Statement": ["x"]}, "Statement[1]: must be a JSON object, not 'x'"),
        ({"Statement": ALLOW, "Version": "2020-01-01"}, "Version must be 2012-10-17 or 2008-10-17"),
        ({"Statement": ALLOW, "Statements": []}, "unknown element Statements; a policy has Version, Id and Statement"),
        (policy(ALLOW, ALLOW | {"Condition": {}}), "Statement[2]: Condition is not evaluated here"),
        (policy(ALLOW | {"Principal": "*"}), "Principal is of resource-based policies"),
        (policy(ALLOW | {"Actions": "*"}), "unknown element Actions"),
        (policy(ALLOW | {"Effect": "allow"}), "Effect must be Allow or Deny, not 'allow'"),
        (policy(ALLOW | {"NotAction": "*"}), "needs Action or NotAction, one of the two"),
        (policy({"Effect": "Allow", "Action": "*"}), "needs Resource or NotResource, one of the two"),
        (policy(allow([])), "Action must be a string or a list of strings, not []"),
        (policy(allow("GetDevice")), "'GetDevice' is no action: write * or service:Name"),
        (policy(allow("*", "session")), "'session' is no resource: write * or an ARN"),
        (policy(allow("*", "arn:aws:x:::${aws:username}")), "policy variables are not evaluated here"),
    ],
)
def test_what_is_no_policy_or_not_evaluated(document: Any, said: str) -> None:
    """Refused when the emulator is made: a policy that is half understood would allow too much."""
    with pytest.raises(ScenarioError) as caught:
        Emulator(Scenario(iam=document))
    assert str(caught.value).startswith("iam: ")
    assert said in str(caught.value)


DOCUMENT = policy(allow("devicefarm:List*") | {"Sid": "Look"})
TABLE = """
[iam]
Version = "2012-10-17"
[[iam.Statement]]
Sid = "Look"
Effect = "Allow"
Action = "devicefarm:List*"
Resource = "*"
"""


@pytest.mark.parametrize("form", [TABLE, f"iam = '''{json.dumps(DOCUMENT)}'''", 'iam = "mine.json"'])
def test_a_file_says_it_in_three_ways(tmp_path: Path, form: str) -> None:
    """A table, JSON in a string, and a path, which is relative to the scenario's folder."""
    (tmp_path / "mine.json").write_text(json.dumps(DOCUMENT), "utf-8")
    (tmp_path / "mine.toml").write_text(form, "utf-8")
    assert load_scenario(tmp_path / "mine.toml").iam == DOCUMENT


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ('iam = "none.json"', "iam: none.json: cannot be read: No such file or directory"),
        ("iam = '{'", "iam: not JSON: "),
        ("iam = 1", "iam: must be a table, JSON in a string, or the path of a JSON file, not 1"),
    ],
)
def test_files_that_do_not_say_it(tmp_path: Path, form: str, said: str) -> None:
    """One line, with the scenario's path."""
    path = tmp_path / "mine.toml"
    path.write_text(form, "utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert str(caught.value).startswith(f"{path}: {said}")
