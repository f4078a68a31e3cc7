"""ListArtifacts, and the files that its URLs lead to."""

import http.client
from datetime import UTC, timedelta
from typing import Any

import pytest

from pytest_devicefarm.emulator import Artifact, ScenarioError, Session, Step

from .conftest import Play, Raw
from .farm_client import FarmClient, fetch

SESSION = "arn:aws:devicefarm:us-west-2:123456789101:session:"


def artifacts(farm: FarmClient, arn: str, category: str) -> list[dict[str, Any]]:
    """On the wire, as one type is not in the model."""
    _, answer = Raw(farm.emulator).call("ListArtifacts", {"arn": arn, "type": category})
    listed: list[dict[str, Any]] = answer["artifacts"]
    return listed


def types(farm: FarmClient, arn: str) -> dict[str, list[str]]:
    """The types of all of a session's artifacts, by what ListArtifacts is asked for."""
    categories = ("FILE", "LOG", "SCREENSHOT")
    return {category: [each["type"] for each in artifacts(farm, arn, category)] for category in categories}


def test_artifacts_come_as_the_session_goes(play: Play) -> None:
    """The Appium log while it runs (guide, appium-endpoint-server-logs), all logs at the end, the video 5 minutes on."""
    farm = FarmClient(play())
    arn = farm.create()
    assert types(farm, arn) == {"FILE": [], "LOG": [], "SCREENSHOT": []}
    farm.advance(2)
    assert types(farm, arn) == {"FILE": ["APPIUM_SERVER_LOG_OUTPUT"], "LOG": [], "SCREENSHOT": []}
    farm.api.stop_remote_access_session(arn=arn)
    farm.advance(2)
    assert types(farm, arn) == {"FILE": ["APPIUM_SERVER_OUTPUT"], "LOG": ["DEVICE_LOG"], "SCREENSHOT": []}
    farm.advance(300)
    assert types(farm, arn)["FILE"] == ["APPIUM_SERVER_OUTPUT", "VIDEO"]


def test_a_type_that_is_not_in_the_model_gets_through_boto3(play: Play) -> None:
    """Guide, appium-endpoint-server-logs: APPIUM_SERVER_LOG_OUTPUT, without an extension."""
    farm = FarmClient(play())
    (artifact,) = farm.api.list_artifacts(arn=farm.emulator.default_session_arn, type="FILE")["artifacts"]
    assert (artifact["name"], artifact["type"], artifact["extension"]) == (
        "AppiumServerLogOutput",
        "APPIUM_SERVER_LOG_OUTPUT",
        "",
    )


def test_the_files_can_be_fetched(play: Play) -> None:
    """The device's log tells what happened and when, second by second; no other path or method is open."""
    steps = (Step("PREPARING", 5), Step("RUNNING", 60), Step("COMPLETED"))
    session = Session(SESSION + "p/s/00000", steps=steps, fields={"interactionMode": "VIDEO_ONLY"})
    farm = FarmClient(play(sessions=(session,), video_seconds=0))
    farm.advance(100)
    log, appium, video = (*artifacts(farm, session.arn, "LOG"), *artifacts(farm, session.arn, "FILE"))
    assert log["extension"] == "syslog"
    status, body, headers = fetch("GET", log["url"])
    assert (status, headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    started = farm.session(session.arn)["started"].astimezone(UTC)
    told = [line.partition(" iPhone emulator[1] <Notice>: ") for line in body.decode().splitlines()[1:]]
    for time, _, text in told:
        at = {"RUNNING": 5, "COMPLETED": 65, "PREPARING": 0}.get(text.rpartition(" ")[2])
        moment = started + timedelta(seconds=int(text.split()[0]) if at is None else at)
        assert time == f"{moment:%b} {moment.day:2} {moment:%H:%M:%S}"
    assert [text for _, _, text in told if "session" not in text] == [f"{second} seconds" for second in range(65)]
    assert fetch("GET", appium["url"])[1] == b"No command reached an Appium server in this session\n"
    status, body, headers = fetch("GET", video["url"])
    assert (status, headers["Content-Type"], video["extension"]) == (200, "video/mp4", "mp4")
    assert fetch("PUT", video["url"])[0] == 403
    assert fetch("GET", video["url"].replace("video.mp4", "appium.log"))[0] == 403


def test_a_session_without_a_picture_has_no_video(play: Play) -> None:
    """NO_VIDEO, which is what the reference page says of the mode; an Android session's log is a logcat."""
    steps = (Step("RUNNING", 1), Step("COMPLETED"))
    fields = {"device": {"platform": "ANDROID"}}
    farm = FarmClient(play(sessions=(Session(steps=steps, fields=fields),), video_seconds=0))
    farm.advance(5)
    assert types(farm, farm.emulator.default_session_arn)["FILE"] == ["APPIUM_SERVER_OUTPUT"]
    arn = farm.running(farm.device(platform="ANDROID", availability="HIGHLY_AVAILABLE"))
    farm.api.stop_remote_access_session(arn=arn)
    farm.advance(2)
    assert artifacts(farm, arn, "LOG")[0]["extension"] == "logcat"


def test_a_deleted_session_takes_its_files_along(play: Play) -> None:
    """Model, DeleteRemoteAccessSession: "Deletes a completed remote access session and its results"."""
    farm = FarmClient(play())
    arn = farm.running()
    farm.api.stop_remote_access_session(arn=arn)
    farm.advance(2)
    (log,) = artifacts(farm, arn, "LOG")
    farm.api.delete_remote_access_session(arn=arn)
    status, body, _ = fetch("GET", log["url"])
    assert (status, b"NoSuchKey" in body) == (404, True)


def test_artifacts_of_what_is_not_here(play: Play) -> None:
    """ListArtifacts takes ARNs of runs too (model), but there are none here; `type` is required."""
    farm = FarmClient(play())
    with pytest.raises(farm.api.exceptions.NotFoundException):
        farm.api.list_artifacts(arn=SESSION.replace("session", "run") + "p/r", type="FILE")
    with pytest.raises(farm.api.exceptions.ArgumentException):
        farm.api.list_artifacts(arn=farm.project, type="FILE")
    _, answer = Raw(farm.emulator).call("ListArtifacts", {"arn": farm.emulator.default_session_arn})
    assert "Value null at 'type'" in answer["message"]


def test_artifacts_page(play: Play) -> None:
    """As all lists do."""
    steps = (Step("RUNNING", 1), Step("COMPLETED"))
    session = Session(steps=steps, fields={"interactionMode": "INTERACTIVE"})
    farm = FarmClient(play(sessions=(session,), video_seconds=0, page_size=1))
    farm.advance(5)
    pages = farm.api.get_paginator("list_artifacts").paginate(arn=session.arn, type="FILE")
    assert [[each["type"] for each in page["artifacts"]] for page in pages] == [["APPIUM_SERVER_OUTPUT"], ["VIDEO"]]


def left_behind(play: Play, *more: Artifact, **scenario: Any) -> FarmClient:
    """A farm whose session has ended a moment ago, with artifacts that its scenario adds."""
    session = Session(steps=(Step("RUNNING", 1), Step("COMPLETED")))
    farm = FarmClient(play(sessions=(session,), artifacts=more, **scenario))
    farm.advance(1)
    return farm


def test_a_scenario_adds_artifacts(play: Play) -> None:
    """So many of a kind, a while after the end, of types that nobody knows too; pictures are pictures."""
    late = Artifact("Notes", "FILE", "NEW_TYPE", "bin", seconds=5, size=7)
    farm = left_behind(play, Artifact(count=3), late, page_size=2)
    arn = farm.emulator.default_session_arn
    pictures = [each for page in pages(farm, arn, "SCREENSHOT") for each in page["artifacts"]]
    assert [each["name"] for each in pictures] == ["Screenshot 1", "Screenshot 2", "Screenshot 3"]
    assert {fetch("GET", each["url"])[1][:8] for each in pictures} == {b"\x89PNG\r\n\x1a\n"}
    assert len({fetch("GET", each["url"])[1] for each in pictures}) == 3
    assert types(farm, arn)["FILE"] == ["APPIUM_SERVER_OUTPUT"]
    farm.advance(5)
    (notes,) = [each for each in artifacts(farm, arn, "FILE") if each["type"] == "NEW_TYPE"]
    assert (notes["name"], notes["extension"], fetch("GET", notes["url"])[1]) == ("Notes", "bin", bytes(7))


def pages(farm: FarmClient, arn: str, category: str) -> list[Any]:
    return list(farm.api.get_paginator("list_artifacts").paginate(arn=arn, type=category))


@pytest.mark.parametrize(("fault", "status"), [("unavailable", 503), ("missing", 404)])
def test_artifacts_that_cannot_be_had(play: Play, fault: str, status: int) -> None:
    """As S3 says it."""
    farm = left_behind(play, Artifact(fault=fault))
    (picture,) = artifacts(farm, farm.emulator.default_session_arn, "SCREENSHOT")
    assert fetch("GET", picture["url"])[0] == status


def test_an_artifact_that_breaks_off(play: Play) -> None:
    """Fewer bytes come than were promised."""
    farm = left_behind(play, Artifact(extension="bin", fault="cut"))
    (file,) = artifacts(farm, farm.emulator.default_session_arn, "SCREENSHOT")
    with pytest.raises(http.client.IncompleteRead) as caught:
        fetch("GET", file["url"])
    assert (len(caught.value.partial), caught.value.expected) == (500, 501)


@pytest.mark.parametrize(
    ("given", "told"), [({"category": "MOVIE"}, "category"), ({"fault": "x"}, "fault"), ({"count": 0}, "count")]
)
def test_artifacts_that_cannot_be_played(given: dict[str, Any], told: str) -> None:
    """One line that says what is wrong."""
    with pytest.raises(ScenarioError, match=f"artifact Screenshot: {told} must be"):
        Artifact(**given)
