"""Projects, account settings, tags, and the rate limits of the account."""

import pytest
from botocore.exceptions import ClientError

from pytest_devicefarm.emulator import Session

from .conftest import Play, Raw
from .farm_client import FarmClient
from .test_api import error_code


def test_projects_can_be_created(play: Play) -> None:
    """A new project shows what was given, is listed after the others, and has sessions of its own."""
    farm = FarmClient(play())
    project = farm.api.create_project(name="mine", defaultJobTimeoutMinutes=60)["project"]
    assert (project["name"], project["defaultJobTimeoutMinutes"]) == ("mine", 60)
    assert "vpcConfig" not in project
    assert farm.api.get_project(arn=project["arn"])["project"] == project
    assert [each["name"] for each in farm.api.list_projects()["projects"]] == ["Example project", "mine"]
    farm.project = project["arn"]
    arn = farm.create()
    assert arn.split(":")[6].split("/")[0] == project["arn"].split(":")[6]
    listed = farm.api.list_remote_access_sessions(arn=project["arn"])["remoteAccessSessions"]
    assert [each["arn"] for each in listed] == [arn]
    with pytest.raises(farm.api.exceptions.NotFoundException):
        farm.api.get_project(arn=project["arn"] + "x")


def test_account_settings(play: Play) -> None:
    """The account of all ARNs, trial minutes and unmetered devices (FACTS); a scenario may change them."""
    farm = FarmClient(play(account={"trialMinutes": {"remaining": 12.5}}))
    settings = farm.api.get_account_settings()["accountSettings"]
    assert settings["awsAccountNumber"] == "123456789101"
    assert settings["trialMinutes"] == {"total": 1000.0, "remaining": 12.5}
    assert settings["unmeteredRemoteAccessDevices"] == {"ANDROID": 1, "IOS": 2}


def tags(farm: FarmClient, arn: str) -> dict[str, str]:
    """The tags of a resource."""
    return {tag["Key"]: tag["Value"] for tag in farm.api.list_tags_for_resource(ResourceARN=arn)["Tags"]}


def test_sessions_can_be_tagged(play: Play) -> None:
    """Model, TagResource: tags that are not named in the request are not changed, and go with the session."""
    farm = FarmClient(play(sessions=(Session(tags={"team": "a"}),)))
    arn = farm.running()
    farm.api.tag_resource(ResourceARN=arn, Tags=[{"Key": "run", "Value": "1"}, {"Key": "lease", "Value": "x"}])
    farm.api.tag_resource(ResourceARN=arn, Tags=[{"Key": "lease", "Value": "y"}])
    assert tags(farm, arn) == {"run": "1", "lease": "y"}
    farm.api.untag_resource(ResourceARN=arn, TagKeys=["run", "never"])
    assert tags(farm, arn) == {"lease": "y"}
    assert tags(farm, farm.emulator.default_session_arn) == {"team": "a"}
    assert tags(farm, farm.project) == {}
    farm.api.stop_remote_access_session(arn=arn)
    farm.advance(2)
    farm.api.delete_remote_access_session(arn=arn)
    with pytest.raises(farm.api.exceptions.NotFoundException):
        tags(farm, arn)


def test_tags_that_are_refused(play: Play) -> None:
    """More than 50 (model: TooManyTagsException), reserved keys, and what is no resource with tags here."""
    farm = FarmClient(play())
    arn = farm.emulator.default_session_arn
    many = [{"Key": str(n), "Value": ""} for n in range(50)]
    farm.api.tag_resource(ResourceARN=arn, Tags=many)
    for resource, wrong, code in (
        (arn, [{"Key": "one more", "Value": ""}], "TooManyTagsException"),
        (arn, [{"Key": "aws:mine", "Value": ""}], "TagPolicyException"),
        (arn, [{"Key": "x" * 129, "Value": ""}], "ValidationException"),
        (arn + "x", [], "NotFoundException"),
        (farm.emulator.scenario.uploads[0].arn, [], "ArgumentException"),
    ):
        with pytest.raises(ClientError) as caught:
            farm.api.tag_resource(ResourceARN=resource, Tags=wrong)
        assert error_code(caught) == code
    assert len(tags(farm, arn)) == 50


@pytest.mark.parametrize(
    ("operation", "params", "burst", "rate"),
    [
        ("ListProjects", {}, 50, 10),
        ("GetAccountSettings", {}, 50, 10),
        ("CreateProject", {"name": "x"}, 10, 1),
        ("StopRemoteAccessSession", {"arn": "arn:aws:devicefarm:us-west-2:123456789101:session:nobody"}, 10, 1),
    ],
)
def test_rate_limits(play: Play, operation: str, params: dict[str, str], burst: int, rate: int) -> None:
    """Guide, limits: Get* and List* 10 a second, burst 50; everything else 1 a second, burst 10; for each API."""
    emulator = play()
    raw = Raw(emulator)

    def throttled(calls: int) -> list[bool]:
        answers = [raw.call(operation, params)[1] for _ in range(calls)]
        return [answer.get("__type") == "ThrottlingException" for answer in answers]

    assert throttled(burst + 2) == [False] * burst + [True] * 2
    emulator.clock.advance(1)
    assert throttled(rate + 1) == [False] * rate + [True]
    emulator.clock.advance(3600)
    assert throttled(burst + 1) == [False] * burst + [True]
    response, answer = raw.call("ListDevices", {})
    assert (response.status, "devices" in answer) == (200, True)


def test_rate_limits_can_be_off(play: Play) -> None:
    """A scenario may do without."""
    raw = Raw(play(rate_limits=False))
    assert {raw.call("ListProjects", {})[0].status for _ in range(60)} == {200}
