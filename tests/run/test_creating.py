"""Creating sessions: what is asked of Device Farm, in which project, and when."""

from __future__ import annotations

import re
import socket
from itertools import pairwise

import pytest
from conftest import DISTRIBUTIONS, MODEL, needs_xdist

from pytest_devicefarm.emulator import Project
from pytest_devicefarm.emulator.devices import catalogue

from .conftest import Farm

PREFIX = "arn:aws:devicefarm:us-west-2"
PROJECT = f"{PREFIX}:123456789101:project:EXAMPLE-GUID-123-456"
OTHER_PROJECT = f"{PREFIX}:123456789101:project:OTHER"
VPCE = f"{PREFIX}:123456789101:vpceconfiguration:00000000-0000-0000-0000-000000000001"
CREATE = "CreateRemoteAccessSession"
CONFIGURATION = MODEL.operation_model(CREATE).input_shape.members["configuration"].members
DEVICES = {f"{each['name']} {each['os']} {each['fleetType']}": each for each in catalogue()}
IPHONE, PIXEL = DEVICES["Apple iPhone 16 Pro 18.6.2 PUBLIC"], DEVICES["Google Pixel 9 15 PUBLIC"]
PRIVATE = DEVICES["Google Pixel 8 15 PRIVATE"]
ANDROID = "--devicefarm-device=platform=ANDROID"
TESTS = """
    def test_a(devicefarm_session): pass
    def test_b(devicefarm_device): pass
    def test_c(): pass
"""


def requests(server: Farm) -> list[dict]:
    return [call.params for call in server.calls(CREATE)]


@pytest.fixture
def create(run, pytester):
    """Run three tests, of which two need a session, with these options, and no session but those created."""

    def create(server: Farm, *options: str, tests: str = TESTS, session=()):
        pytester.makepyfile(tests)
        return run(*options, against=server.server, session=session)

    return create


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize(
    ("wanted", "device", "more"),
    [
        ("platform=IOS,os>=17,form_factor=PHONE", IPHONE, {"interactionMode": "NO_VIDEO"}),
        ("platform=ANDROID", PIXEL, {}),
        (PIXEL["arn"], PIXEL, {}),
        (
            "name=Apple iPhone SE (2022)|Apple iPhone 11",
            DEVICES["Apple iPhone SE (2022) 16.7.8 PUBLIC"],
            {"interactionMode": "NO_VIDEO"},
        ),
        (f"instance={PRIVATE['instances'][1]['arn']}", PRIVATE, {"instanceArn": PRIVATE["instances"][1]["arn"]}),
    ],
    ids=["ios", "android", "device", "names", "instance"],
)
def test_what_is_asked(farm, create, wanted, device, more, dist):
    """The most available device that fits, in the only project, under a name of the run's; on iOS in NO_VIDEO."""
    server = farm()
    result = create(server, f"--devicefarm-device={wanted}", *dist)
    assert result.code == 0, result.out + result.err
    (asked,) = requests(server)
    name = asked.pop("name")
    assert re.fullmatch(rf"pytest-devicefarm/\d{{8}}T\d{{6}}-[0-9a-f]{{8}}/{re.escape(socket.gethostname())}", name)
    assert asked == {"projectArn": PROJECT, "deviceArn": device["arn"], **more}
    assert result.properties("test_a")["devicefarm.device.name"] == device["name"]
    assert result.suite_properties["devicefarm.session.status"] == "COMPLETED"


@pytest.mark.skipif("parameters" not in CONFIGURATION, reason="this boto3 cannot name Appium's version")
def test_what_the_ini_file_asks(farm, create, pytester):
    """Each ini key of created sessions is in the request; iOS 27 gets the Appium version that it needs."""
    pytester.makeini(
        f"""
        [pytest]
        devicefarm_device = platform=IOS,os>=27
        devicefarm_interaction_mode = VIDEO_ONLY
        devicefarm_billing_method = METERED
        devicefarm_skip_app_resign = 1
        devicefarm_vpce_configuration_arn = {VPCE}
        devicefarm_device_proxy = proxy.example:8080
        devicefarm_appium_version = 3
        """
    )
    server = farm()
    result = create(server)
    assert result.code == 0, result.out + result.err
    (asked,) = requests(server)
    del asked["name"]
    assert asked == {
        "projectArn": PROJECT,
        "deviceArn": DEVICES["Apple iPhone 17 Pro 27.0 PUBLIC"]["arn"],
        "interactionMode": "VIDEO_ONLY",
        "skipAppResign": True,
        "configuration": {
            "billingMethod": "METERED",
            "vpceConfigurationArns": [VPCE],
            "deviceProxy": {"host": "proxy.example", "port": 8080},
            "parameters": {"appium:version": "3"},
        },
    }


def test_tags(farm, create, monkeypatch):
    """A session that was created is tagged with the run, the CI job and a lease in the future."""
    monkeypatch.setenv("CI_JOB_URL", "https://ci.example/jobs/7?x=y&z")
    server = farm()
    assert create(server, ANDROID).code == 0
    probe, tagged = (call for call in server.calls("TagResource"))
    assert probe.error == "NotFoundException"
    assert tagged.params["ResourceARN"] == server.created[0]["arn"]
    tags = {each["Key"]: each["Value"] for each in tagged.params["Tags"]}
    assert tags.pop("pytest-devicefarm:lease") > "2026"
    assert tags == {
        "pytest-devicefarm:run": server.created[0]["name"].split("/")[1],
        "pytest-devicefarm:job": "https://ci.example/jobs/7_x=y_z",
    }


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_lease_is_renewed_while_the_run_lives(farm, create, pytester, dist):
    """A test that takes long sees its session's lease move on."""
    pytester.makeconftest("from pytest_devicefarm.farm import ownership\nownership.RENEWAL = 0.5")
    server = farm()
    tests = """
        import time

        def test_long(devicefarm_session, devicefarm_client):
            def lease():
                answer = devicefarm_client.list_tags_for_resource(ResourceARN=devicefarm_session.arn)
                return {each["Key"]: each["Value"] for each in answer["Tags"]}["pytest-devicefarm:lease"]

            first, deadline = lease(), time.monotonic() + 20
            while lease() == first:
                assert time.monotonic() < deadline
                time.sleep(0.2)
    """
    result = create(server, ANDROID, *dist, tests=tests)
    assert result.code == 0, result.out


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("place", ["options", "variable", "ini"])
def test_several(farm, create, pytester, monkeypatch, place, dist):
    """A count and a second filter make three sessions on three devices, one create a second."""
    options = []
    if place == "options":
        options = [
            "--devicefarm-device=2*platform=ANDROID,os>=14",
            "--devicefarm-device=form_factor=TABLET,platform=IOS",
        ]
    elif place == "variable":
        monkeypatch.setenv("DEVICEFARM_DEVICE", "2*platform=ANDROID,os>=14; form_factor=TABLET,platform=IOS")
    else:
        pytester.makeini(
            "[pytest]\ndevicefarm_device =\n  2*platform=ANDROID,os>=14\n  form_factor=TABLET,platform=IOS"
        )
    server = farm()
    tests = f"""
        import time

        def test_all(devicefarm_session, devicefarm_client):
            deadline = time.monotonic() + 20
            while len(devicefarm_client.list_remote_access_sessions(arn="{PROJECT}")["remoteAccessSessions"]) < 4:
                assert time.monotonic() < deadline
                time.sleep(0.2)
    """
    result = create(server, *options, *dist, tests=tests)
    assert result.code == 0, result.out + result.err
    names = [each["device"]["name"] for each in server.created]
    assert names == ["Google Pixel 9", "Google Pixel 8", "Apple iPad Pro 11 (M4)"]
    at = [call.at for call in server.calls(CREATE)]
    assert all(later - earlier >= 0.95 for earlier, later in pairwise(at))
    assert not server.running


@needs_xdist
def test_attached_and_created_in_one_pool(farm, create):
    """Sessions that are there and sessions that are created share the tests; only the latter are stopped."""
    server = farm()
    tests = "import pytest\n" + "".join(
        f"@pytest.mark.devicefarm(platform={platform!r})\ndef test_{platform}(devicefarm_session): pass\n"
        for platform in ("IOS", "ANDROID")
    )
    result = create(server, ANDROID, "-nauto", tests=tests, session=server.attached)
    assert result.code == 0, result.out
    assert result.properties("test_IOS")["devicefarm.session.arn"] == server.attached
    assert result.properties("test_ANDROID")["devicefarm.session.arn"] == server.created[0]["arn"]
    assert list(server.stopped) == [server.created[0]["arn"]]


@pytest.mark.parametrize("given", ["Other", OTHER_PROJECT])
def test_the_project_that_was_named(farm, create, given):
    """By name or by ARN."""
    server = farm(projects=(Project(), Project(OTHER_PROJECT, "Other")))
    assert create(server, ANDROID, f"--devicefarm-project={given}").code == 0
    assert [asked["projectArn"] for asked in requests(server)] == [OTHER_PROJECT]


NOTHING_NEEDED = {
    "deselected by -m": ("-m", "not devicefarm"),
    "deselected by -k": ("-k", "test_c"),
    "deselected by name": ("--deselect=test_x.py::test_a", "--deselect=test_x.py::test_b"),
    "another test": ("test_x.py::test_c",),
}


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("options", NOTHING_NEEDED.values(), ids=NOTHING_NEEDED)
def test_nothing_is_created_for_tests_that_need_nothing(farm, run, pytester, options, dist):
    """Where no selected test needs a device AWS is not asked for anything."""
    pytester.makepyfile(test_x=TESTS)
    server = farm()
    result = run(ANDROID, *options, *dist, against=server.server, session=())
    assert result.code == 0, result.out
    assert list(result.testcases) == ["test_c"]
    assert server.server.calls == []


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_nothing_is_created_for_skipped_tests(farm, create, dist):
    """A test that is marked to be skipped needs no device."""
    server = farm()
    tests = """
        import pytest

        @pytest.mark.skip
        def test_a(devicefarm_session): pass
        def test_b(): pass
    """
    result = create(server, ANDROID, *dist, tests=tests)
    assert result.code == 0, result.out
    assert [len(each.findall("skipped")) for each in result.testcases.values()] == [1, 0]
    assert server.server.calls == []


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("option", ["--collect-only", "--setup-plan", "--fixtures", "--markers", "--help"])
def test_nothing_is_created_without_a_run(farm, create, option, dist):
    """Options that run no test ask nothing of AWS."""
    server = farm()
    assert create(server, ANDROID, option, *dist).code == 0
    assert server.server.calls == []


def test_a_need_that_shows_late(farm, create):
    """A test that asks by name at run time has its session created then."""
    server = farm()
    result = create(server, ANDROID, tests="def test_a(request): request.getfixturevalue('devicefarm_session')")
    assert result.code == 0, result.out
    assert len(server.created) == 1


@needs_xdist
def test_a_session_that_waits_for_a_slot(farm, create):
    """The account's quota of sessions makes one wait, which is said; it begins when the other has done its tests."""
    server = farm(metered_slots=1)
    tests = f"""
        import pytest

        @pytest.mark.devicefarm(name="Google Pixel 9")
        def test_9(devicefarm_session, devicefarm_client):
            for _ in range(1000):
                found = devicefarm_client.list_remote_access_sessions(arn="{PROJECT}")["remoteAccessSessions"]
                if "PENDING_CONCURRENCY" in [each["status"] for each in found]: break
            else: assert 0, found

        @pytest.mark.devicefarm(name="Google Pixel 8")
        def test_8(devicefarm_session): pass
    """
    result = create(server, "--devicefarm-device=2*platform=ANDROID", "-n2", tests=tests)
    assert result.code == 0, result.out
    assert "PENDING_CONCURRENCY (waiting for a free slot)  Google Pixel 8, Android 14" in result.out
    assert [len(each.findall("skipped")) for each in result.testcases.values()] == [0, 0]
    assert not server.running


@pytest.mark.parametrize("dist", [*DISTRIBUTIONS, pytest.param(("-q",), id="quiet")])
def test_keep(farm, create, dist):
    """--devicefarm-keep leaves a session running, says how to stop it, and keeps sweeps away from it."""
    server = farm()
    result = create(server, ANDROID, "--devicefarm-keep", *dist)
    assert result.code == 0, result.out
    (session,) = server.created
    assert session["status"] == "RUNNING"
    command = f"aws devicefarm stop-remote-access-session --region us-west-2 --arn {session['arn']}"
    assert re.search(f"^.* is kept running; stop it with: {command}$", result.out, re.MULTILINE)
    assert result.suite_properties["devicefarm.session.status"] == "RUNNING"
    swept = create(server, "--devicefarm-sweep")
    assert (swept.code, swept.out) == (0, "no session was left behind")


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("options", [(), ("--devicefarm-stop",)], ids=["left", "stopped"])
def test_stop(farm, create, options, dist):
    """A session that the user named is left alone, or stopped with --devicefarm-stop."""
    server = farm()
    result = create(server, *options, *dist, session=server.attached)
    assert result.code == 0, result.out
    assert list(server.stopped) == ([server.attached] if options else [])
    status = "COMPLETED" if options else "RUNNING"
    assert result.suite_properties["devicefarm.session.status"] == server.server.sessions[0]["status"] == status
