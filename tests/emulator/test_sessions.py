"""Sessions that clients create: how they come up, wait, end and go."""

import plistlib
from itertools import pairwise
from typing import Any

import pytest

from pytest_devicefarm.emulator import Device, Session, Step
from pytest_devicefarm.emulator.model import installed

from .conftest import Play, Raw
from .farm_client import FarmClient, package

IPA = package({"Payload/A.app/Info.plist": b""})
EXAMPLE_INSTANCE = "arn:aws:devicefarm:us-west-2:123456789101:deviceinstance:EXAMPLE-INSTANCE-123-456"


def test_a_created_session_boots_on_the_device_asked_for(play: Play) -> None:
    """It is PENDING at first, runs the scenario's boot, and carries what was asked for (reference page, Create)."""
    farm = FarmClient(play(boot=(Step("PENDING", 1), Step("PREPARING", 60), Step("RUNNING"))))
    device = farm.device(platform="ANDROID", availability="HIGHLY_AVAILABLE")
    arn = farm.create(device, name="mine", interactionMode="VIDEO_ONLY", configuration={"billingMethod": "UNMETERED"})
    assert arn.startswith("arn:aws:devicefarm:us-west-2:123456789101:session:EXAMPLE-GUID-123-456/")
    assert arn.endswith("/00000")
    seen = []
    for seconds in (0, 1, 60):
        farm.advance(seconds)
        seen.append(farm.status(arn))
    assert seen == ["PENDING", "PREPARING", "RUNNING"]
    session = farm.session(arn)
    assert session["name"] == "mine"
    assert session["device"]["arn"] == device["arn"]
    assert (session["interactionMode"], session["billingMethod"]) == ("VIDEO_ONLY", "UNMETERED")
    assert session["deviceMinutes"] == {"total": 1.0, "metered": 0.0, "unmetered": 1.0}
    listed = farm.api.list_remote_access_sessions(arn=farm.project)["remoteAccessSessions"]
    assert arn in [each["arn"] for each in listed]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "Session on Apple iPhone 15 Pro"),
        ({"device": {"name": "Pixel 9"}}, "Session on Pixel 9"),
        ({"device": {"name": "Pixel 9"}, "message": "Hello"}, "Hello"),
    ],
)
def test_the_message_names_the_sessions_own_device(play: Play, fields: dict[str, Any], message: str) -> None:
    """As on the reference page, unless the scenario says another one."""
    farm = FarmClient(play(sessions=(Session(fields=fields),)))
    assert farm.session(farm.emulator.default_session_arn)["message"] == message


def test_each_created_session_has_secrets_of_its_own(play: Play) -> None:
    """The endpoint's URL is the credential (model: SensitiveURL), so no two are alike, and each opens its own."""
    farm = FarmClient(play())
    paths = []
    for arn in (farm.create(), farm.create()):
        _, answer = Raw(farm.emulator).call("GetRemoteAccessSession", {"arn": arn})
        url = answer["remoteAccessSession"]["endpoints"]["remoteDriverEndpoint"]
        paths.append(url.removeprefix(farm.emulator.url))
    farm.advance(2)
    assert len(set(paths)) == 2
    assert [Raw(farm.emulator).send("GET", f"{path}/status")[0].status for path in paths] == [200, 200]


def test_the_third_metered_session_waits_for_a_slot(play: Play) -> None:
    """Two metered sessions run at once; the next is PENDING_CONCURRENCY until one has ended (AWS general reference)."""
    farm = FarmClient(play())
    first, second, third, fourth = (farm.create() for _ in range(4))
    farm.advance(2)
    assert [farm.status(arn) for arn in (first, second, third)] == ["RUNNING", "RUNNING", "PENDING_CONCURRENCY"]
    assert "started" not in farm.session(third)
    farm.api.stop_remote_access_session(arn=first)
    assert farm.status(third) == "PENDING_CONCURRENCY"
    farm.advance(2)
    assert [farm.status(arn) for arn in (first, third, fourth)] == ["COMPLETED", "PENDING", "PENDING_CONCURRENCY"]
    farm.advance(2)
    assert [farm.status(arn) for arn in (third, fourth)] == ["RUNNING", "PENDING_CONCURRENCY"]


def test_unmetered_sessions_have_slots_of_their_own(play: Play) -> None:
    """Their number is the account's, for each platform (GetAccountSettings, unmeteredRemoteAccessDevices)."""
    farm = FarmClient(play(account={"unmeteredRemoteAccessDevices": {"IOS": 1, "ANDROID": 0}}, metered_slots=1))
    unmetered = {"configuration": {"billingMethod": "UNMETERED"}}
    arns = [farm.create(), farm.create(**unmetered), farm.create(**unmetered)]
    farm.advance(2)
    assert [farm.status(arn) for arn in arns] == ["RUNNING", "RUNNING", "PENDING_CONCURRENCY"]


def test_a_busy_device_is_waited_for(play: Play) -> None:
    """PENDING_DEVICE until the device is free, for as long as the scenario says (model: ExecutionStatus)."""
    farm = FarmClient(play(busy_seconds=30))
    arn = farm.create(farm.device(availability="BUSY", fleetType="PUBLIC"))
    farm.advance(29)
    assert farm.status(arn) == "PENDING_DEVICE"
    farm.advance(1)
    assert farm.status(arn) == "PENDING"
    farm.advance(2)
    assert farm.status(arn) == "RUNNING"


def test_no_two_sessions_on_one_instance_of_a_private_device(play: Play) -> None:
    """The second asks for the same instance and waits; a third, which asks for none, gets the other instance."""
    farm = FarmClient(play(metered_slots=9))
    device = farm.device(platform="ANDROID", fleetType="PRIVATE")
    one, other = (instance["arn"] for instance in device["instances"])
    first, second, third = (farm.create(device, **asked) for asked in ({"instanceArn": one}, {"instanceArn": one}, {}))
    farm.advance(2)
    assert [farm.status(arn) for arn in (first, second, third)] == ["RUNNING", "PENDING_DEVICE", "RUNNING"]
    assert [farm.session(arn)["instanceArn"] for arn in (first, third)] == [one, other]
    assert farm.session(third)["deviceUdid"] == device["instances"][1]["udid"]
    assert farm.api.get_device_instance(arn=one)["deviceInstance"]["status"] == "IN_USE"
    assert farm.api.get_device(arn=device["arn"])["device"]["availability"] == "BUSY"
    farm.api.stop_remote_access_session(arn=first)
    farm.advance(5)
    assert farm.status(second) == "RUNNING"


def test_a_scenario_s_session_holds_its_instance_too(play: Play) -> None:
    """The device of the example session is private, so whoever asks for it waits until that session has ended."""
    farm = FarmClient(play(sessions=(Session(steps=(Step("RUNNING", 100), Step("COMPLETED"))),)))
    arn = farm.create(farm.device(name="Apple iPhone 15 Pro", fleetType="PRIVATE"))
    farm.advance(99)
    assert farm.status(arn) == "PENDING_DEVICE"
    farm.advance(3)
    assert (farm.status(arn), farm.session(arn)["instanceArn"]) == ("RUNNING", EXAMPLE_INSTANCE)


def test_five_minutes_without_activity_end_a_session(play: Play) -> None:
    """Guide, appium-endpoint-interaction: "if there is no activity for more than 5 minutes, the session times out"."""
    farm = FarmClient(play())
    arn = farm.running()
    farm.advance(299)
    assert farm.status(arn) == "RUNNING"
    farm.advance(2)
    assert farm.status(arn) == "STOPPING"
    farm.advance(2)
    session = farm.session(arn)
    assert (session["status"], session["result"]) == ("COMPLETED", "STOPPED")
    assert session["message"] == "The session timed out after 5 minutes without activity"


def test_appium_commands_and_installing_are_activity_but_reading_is_not(play: Play) -> None:
    """An Appium command at minute 4 keeps a session until minute 9; reads and `/status` (a choice of ours) do not."""
    farm = FarmClient(play())
    used, installed_to = farm.running(), farm.running()
    app = farm.emulator.scenario.uploads[0].arn
    _, answer = Raw(farm.emulator).call("GetRemoteAccessSession", {"arn": used})
    path = answer["remoteAccessSession"]["endpoints"]["remoteDriverEndpoint"].removeprefix(farm.emulator.url)
    farm.advance(240)
    Raw(farm.emulator).send("POST", f"{path}/session", "{}")
    farm.api.install_to_remote_access_session(remoteAccessSessionArn=installed_to, appArn=app)
    farm.advance(200)
    Raw(farm.emulator).send("GET", f"{path}/status")
    assert [farm.status(arn) for arn in (used, installed_to)] == ["RUNNING", "RUNNING"]
    farm.advance(105)
    assert [farm.status(arn) for arn in (used, installed_to)] == ["COMPLETED", "COMPLETED"]


def test_a_session_ends_after_150_minutes_whatever_happens(play: Play) -> None:
    """Guide, limits: "There is a 150-minute hard limit to the duration of a remote access session"."""
    farm = FarmClient(play(rate_limits=False))
    arn = farm.running()
    app = farm.emulator.scenario.uploads[0].arn
    for _ in range(37):
        farm.advance(240)
        farm.api.install_to_remote_access_session(remoteAccessSessionArn=arn, appArn=app)
    farm.advance(130)
    session = farm.session(arn)
    assert (session["status"], session["message"]) == ("COMPLETED", "The session reached its limit of 150 minutes")
    assert session["deviceMinutes"]["total"] == pytest.approx(150, abs=0.1)


def test_time_that_has_run_out_unseen_is_dealt_with_in_its_order(play: Play) -> None:
    """Nobody looked for an hour: the two first idled out, and so did those that came up after them, one by one."""
    farm = FarmClient(play(metered_slots=1))
    arns = [farm.create() for _ in range(4)]
    farm.advance(3600)
    sessions = [farm.session(arn) for arn in arns]
    assert [each["status"] for each in sessions] == ["COMPLETED"] * 4
    waits = [(later["started"] - earlier["stopped"]).total_seconds() for earlier, later in pairwise(sessions)]
    assert waits == pytest.approx([0.4] * 3, abs=0.01)


def test_sessions_of_the_scenario_last_as_their_steps_say(play: Play) -> None:
    """A step of no length lasts for ever; only with `limits` does idling end the scenario's session."""
    limited = Session(f"{EXAMPLE_INSTANCE.replace('deviceinstance', 'session')}", limits=True)
    farm = FarmClient(play(sessions=(Session(), limited)))
    farm.advance(9999)
    assert farm.status(farm.emulator.default_session_arn) == "RUNNING"
    assert farm.status(limited.arn) == "COMPLETED"


def test_stop_goes_through_stopping(play: Play) -> None:
    """STOPPING, then COMPLETED; result and minutes are final only then; a second Stop changes nothing (FACTS)."""
    farm = FarmClient(play(stop_seconds=30))
    arn = farm.running()
    stopping = farm.api.stop_remote_access_session(arn=arn)["remoteAccessSession"]
    assert (stopping["status"], stopping["result"]) == ("STOPPING", "PENDING")
    assert "stopped" not in stopping
    farm.advance(29)
    again = farm.api.stop_remote_access_session(arn=arn)["remoteAccessSession"]
    assert again["deviceMinutes"]["total"] > stopping["deviceMinutes"]["total"]
    farm.advance(1)
    final = farm.session(arn)
    assert (final["status"], final["result"]) == ("COMPLETED", "STOPPED")
    farm.advance(600)
    assert farm.session(arn) == final
    assert farm.api.stop_remote_access_session(arn=arn)["remoteAccessSession"] == final


def test_a_session_that_waits_can_be_stopped(play: Play) -> None:
    """It leaves the queue, costs nothing, and never runs."""
    farm = FarmClient(play(metered_slots=1))
    first, second = farm.create(), farm.create()
    farm.api.stop_remote_access_session(arn=second)
    farm.api.stop_remote_access_session(arn=first)
    farm.advance(60)
    session = farm.session(second)
    assert (session["status"], session["deviceMinutes"]["total"]) == ("COMPLETED", 0.0)
    assert "started" not in session


def test_a_scenario_s_session_can_be_stopped(play: Play) -> None:
    """Also one whose timeline still waited for its first read."""
    farm = FarmClient(play("ready"))
    arn = farm.emulator.default_session_arn
    assert farm.api.stop_remote_access_session(arn=arn)["remoteAccessSession"]["status"] == "STOPPING"
    farm.advance(2)
    assert farm.session(arn)["result"] == "STOPPED"


def test_only_a_session_that_has_ended_can_be_deleted(play: Play) -> None:
    """Model, DeleteRemoteAccessSession: "You cannot delete a remote access session if it is still active."."""
    farm = FarmClient(play())
    arn = farm.running()
    with pytest.raises(farm.api.exceptions.ArgumentException):
        farm.api.delete_remote_access_session(arn=arn)
    farm.api.stop_remote_access_session(arn=arn)
    with pytest.raises(farm.api.exceptions.ArgumentException):
        farm.api.delete_remote_access_session(arn=arn)
    farm.advance(2)
    farm.api.delete_remote_access_session(arn=arn)
    with pytest.raises(farm.api.exceptions.NotFoundException):
        farm.session(arn)
    listed = farm.api.list_remote_access_sessions(arn=farm.project)["remoteAccessSessions"]
    assert [each["arn"] for each in listed] == [farm.emulator.default_session_arn]


def test_installing_replaces_the_app(play: Play) -> None:
    """Guide, appium-endpoint-interaction: the new app overrides the one before; the answer is the Upload."""
    farm = FarmClient(play())
    one, other = farm.upload(IPA), farm.upload(IPA)
    arn = farm.create(appArn=one)
    with pytest.raises(farm.api.exceptions.ArgumentException, match="apps go to a RUNNING one"):
        farm.api.install_to_remote_access_session(remoteAccessSessionArn=arn, appArn=other)
    farm.advance(2)
    answer = farm.api.install_to_remote_access_session(remoteAccessSessionArn=arn, appArn=other)
    assert (answer["appUpload"]["arn"], answer["appUpload"]["status"]) == (other, "SUCCEEDED")
    _, shown = Raw(farm.emulator).call("GetRemoteAccessSession", {"arn": arn})
    assert shown["remoteAccessSession"]["appUpload"] == other


def test_an_app_of_the_same_package_does_not_stay_beside_the_new_one(play: Play) -> None:
    """Guide, appium-endpoint-interaction: apps "with a different package name" remain, as `appium:otherApps`."""
    farm = FarmClient(play())

    def app(package_name: str) -> str:
        info = plistlib.dumps({"CFBundleIdentifier": package_name})
        return farm.upload(package({"Payload/A.app/Info.plist": info}))

    first, second, other = app("com.example.one"), app("com.example.one"), app("com.example.other")
    arn = farm.running(appArn=first, configuration={"auxiliaryApps": [other]})
    played: Any = farm.emulator._farm
    session = played.sessions[arn]
    farm.api.install_to_remote_access_session(remoteAccessSessionArn=arn, appArn=second)
    assert (session.app, session.other_apps) == (second, (other,))
    farm.api.install_to_remote_access_session(remoteAccessSessionArn=arn, appArn=other)
    assert (session.app, session.other_apps) == (other, (second,))


@pytest.mark.parametrize(
    ("scenario", "seconds", "status", "result"),
    [
        ("ready", 1.5, "RUNNING", "PENDING"),
        ("slow-start", 20, "PREPARING", "PENDING"),
        ("slow-start", 21, "RUNNING", "PENDING"),
        ("ends-early", 1, "COMPLETED", "ERRORED"),
        ("dies-mid-run", 60, "RUNNING", "PENDING"),
        ("pool", 1.5, "RUNNING", "PENDING"),
    ],
)
def test_shipped_scenarios_are_about_created_sessions_too(
    play: Play, scenario: str, seconds: float, status: str, result: str
) -> None:
    """A session that a client creates has the scenario's troubles, but for the one that replaces a dead one."""
    farm = FarmClient(play(scenario))
    arn = farm.create()
    farm.advance(seconds)
    assert (farm.session(arn)["status"], farm.session(arn)["result"]) == (status, result)


def test_what_cannot_be_created_is_refused(play: Play) -> None:
    """Unknown devices, projects, instances and apps, an app of the other platform, and one that did not succeed."""
    farm = FarmClient(play())
    ios = farm.device(platform="IOS", fleetType="PUBLIC")
    android = farm.device(platform="ANDROID", fleetType="PRIVATE")
    broken, app = farm.upload(b"no zip"), farm.upload(IPA)
    nowhere = ios["arn"][:-4] + "FFFF"
    cases: list[tuple[dict[str, Any], str]] = [
        ({"deviceArn": nowhere}, "NotFoundException"),
        ({"deviceArn": farm.project}, "ArgumentException"),
        ({"projectArn": farm.project + "x"}, "NotFoundException"),
        ({"instanceArn": android["instances"][0]["arn"]}, "ArgumentException"),
        ({"instanceArn": android["instances"][0]["arn"] + "x"}, "NotFoundException"),
        ({"appArn": broken}, "ArgumentException"),
        ({"appArn": app, "deviceArn": android["arn"]}, "ArgumentException"),
        ({"appArn": app + "x"}, "NotFoundException"),
        ({"interactionMode": "LOOK"}, "ValidationException"),
    ]
    if installed().knows("CreateRemoteAccessSession", "configuration", "auxiliaryApps"):
        cases.append(({"configuration": {"auxiliaryApps": [app] * 4}}, "ValidationException"))
    for wrong, code in cases:
        asked = {"projectArn": farm.project, "deviceArn": ios["arn"]} | wrong
        # On the wire: a client would refuse some of it itself.
        _, answer = Raw(farm.emulator).call("CreateRemoteAccessSession", asked)
        assert answer["__type"] == code, wrong
        farm.advance(1)


def test_ios_27_needs_the_version_of_appium(play: Play) -> None:
    """Guide, appium-endpoint-support: "You must set the Appium server version on iOS devices running version 27"."""
    farm = FarmClient(play(metered_slots=9))
    device = farm.devices(("OS_VERSION", "GREATER_THAN_OR_EQUALS", ["27"]), ("PLATFORM", "EQUALS", ["IOS"]))[0]
    if not installed().knows("CreateRemoteAccessSession", "configuration", "parameters"):
        farm.running(device)
        return
    with pytest.raises(farm.api.exceptions.ArgumentException, match="appium:version"):
        farm.create(device)
    farm.running(device, configuration={"parameters": {"appium:version": "3"}})
    with pytest.raises(farm.api.exceptions.ArgumentException, match="Appium version '1' is not available"):
        farm.create(configuration={"parameters": {"appium:version": "1"}})


def test_a_device_without_remote_access_is_refused(play: Play) -> None:
    """A scenario's own device stands beside the catalogue's."""
    mine = Device(
        "arn:aws:devicefarm:us-west-2::device:00000000000000000000000000000001", "Mine", {"remoteAccessEnabled": False}
    )
    farm = FarmClient(play(devices=(mine,)))
    with pytest.raises(farm.api.exceptions.ArgumentException, match="not enabled for remote access"):
        farm.create(farm.device(name="Mine"))
