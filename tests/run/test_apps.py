"""Apps of created sessions: uploaded once, shown, refused before anything is paid."""

from __future__ import annotations

import io
import json
import plistlib
import re
import zipfile
from pathlib import Path

import pytest
from conftest import DISTRIBUTIONS, MODEL

from pytest_devicefarm.emulator import Fault, Session, Upload
from pytest_devicefarm.emulator.devices import catalogue

from .conftest import Farm

CREATE = "CreateRemoteAccessSession"
ARN = "arn:aws:devicefarm:us-west-2:123456789101:upload:EXAMPLE-GUID-123-456/MINE"
ANDROID, IOS = "--devicefarm-device=platform=ANDROID", "--devicefarm-device=platform=IOS"
TESTS = "def test_a(devicefarm_session): pass"

pytestmark = pytest.mark.skipif(
    "appArn" not in MODEL.operation_model(CREATE).input_shape.members, reason="this boto3 creates sessions without apps"
)


def package(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def ipa(minimum: str = "15.0") -> bytes:
    info = plistlib.dumps({"CFBundleIdentifier": "com.example.shop", "MinimumOSVersion": minimum})
    return package(**{"Payload/Shop.app/Info.plist": info})


def apk(content: str = "") -> bytes:
    return package(**{"AndroidManifest.xml": b"", "classes.dex": content.encode()})


@pytest.fixture
def create(run, pytester):
    """Write these files, and run a test that needs a session with these options."""

    def create(server: Farm, *options: str, **files: bytes):
        pytester.makepyfile(TESTS)
        for name, data in files.items():
            (pytester.path / name.replace("_", ".")).write_bytes(data)
        return run(*options, against=server.server, session=())

    return create


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_apps_are_uploaded_once(farm, create, dist):
    """A file is uploaded before its session is created, which a pipe shows in lines; a second run finds it there."""
    server = farm()
    files = {"shop_apk": apk("shop"), "helper_apk": apk("helper")}
    options = (ANDROID, "--devicefarm-app=shop.apk", "--devicefarm-aux-app=helper.apk", *dist)
    first = create(server, *options, **files)
    assert first.code == 0, first.out + first.err
    uploaded = [call.params["name"].rpartition("-")[0] for call in server.calls("CreateUpload")]
    assert uploaded == ["shop", "helper"]
    for name in ("shop.apk", "helper.apk"):
        assert f"devicefarm: uploading {name} (0.0 MB)\n" in first.out
        assert f"devicefarm: uploaded {name}; Device Farm processes it\n" in first.out
    (asked,) = (call.params for call in server.calls(CREATE))
    assert asked["appArn"].startswith("arn:aws:devicefarm:us-west-2:123456789101:upload:")
    (helper,) = asked["configuration"]["auxiliaryApps"]
    assert asked["appArn"] != helper
    second = create(server, *options)
    assert second.code == 0, second.out + second.err
    assert "devicefarm: upload" not in second.out
    assert len(server.calls("CreateUpload")) == 2
    assert server.calls(CREATE)[1].params["appArn"] == asked["appArn"]


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_uploading_heals(farm, create, dist):
    """An upload is tried again, which is said."""
    server = farm(faults=(Fault("CreateUpload", "throttling", calls=[1], message="slow"),))
    result = create(server, ANDROID, "--devicefarm-app=shop.apk", *dist, shop_apk=apk())
    assert result.code == 0, result.out + result.err
    assert "devicefarm: ThrottlingException: slow; trying again" in result.out


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_an_upload_that_is_there(farm, create, dist):
    """An upload's ARN is looked at, and used."""
    server = farm(uploads=(Upload(ARN, "shop.apk", "ANDROID_APP", fields={"metadata": "{}"}),))
    result = create(server, ANDROID, f"--devicefarm-app={ARN}", *dist)
    assert result.code == 0, result.out + result.err
    assert server.calls(CREATE)[0].params["appArn"] == ARN
    assert not server.calls("CreateUpload")


NO_APPS = {
    "no zip": (
        ("--devicefarm-app=shop.apk",),
        {"shop_apk": b"nothing"},
        "--devicefarm-app: shop.apk is no app: it is no zip file",
    ),
    "missing": (("--devicefarm-app=shop.ipa",), {}, "--devicefarm-app: there is no app at shop.ipa: check the path"),
    "directory": (
        ("--devicefarm-app=.",),
        {},
        "--devicefarm-app: . is no app but a directory: give an .ipa or .apk file",
    ),
    "empty": (
        ("--devicefarm-app=shop.apk",),
        {"shop_apk": b""},
        "--devicefarm-app: shop.apk is no app: the file is empty",
    ),
    "no manifest": (
        ("--devicefarm-app=shop.apk",),
        {"shop_apk": ipa()},
        "--devicefarm-app: shop.apk is no Android app",
    ),
    "auxiliary": (
        ("--devicefarm-app=shop.apk", "--devicefarm-aux-app=helper.apk"),
        {"shop_apk": apk(), "helper_apk": b"nothing"},
        "--devicefarm-aux-app: helper.apk is no app: it is no zip file",
    ),
    "four auxiliary": (
        tuple(f"--devicefarm-aux-app={name}.apk" for name in "abcd"),
        {},
        "--devicefarm-aux-app: a session takes 3 at most",
    ),
    "ini": (("-o", "devicefarm_app=shop.apk"), {"shop_apk": b"nothing"}, "ini devicefarm_app: shop.apk is no app: "),
}


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize(("options", "files", "line"), NO_APPS.values(), ids=NO_APPS)
def test_files_that_are_no_apps(farm, create, options, files, line, dist):
    """Refused when the run begins: nothing is collected, and AWS is not asked for anything."""
    server = farm()
    result = create(server, ANDROID, *options, *dist, **files)
    assert result.error_line.startswith(f"ERROR: {line}"), result.error_line
    assert result.code == 4
    assert "collected" not in result.out
    assert server.server.calls == []


TABLETS = json.dumps({"form_factors": ["TABLET"]})
MISFITS = {
    "platform": (
        IOS,
        ("--devicefarm-app=shop.apk",),
        {"shop_apk": apk()},
        (),
        "app shop.apk is for Android, the device Apple iPhone",
    ),
    "newer": (
        IOS,
        ("--devicefarm-app=shop.ipa",),
        {"shop_ipa": ipa("99.0")},
        (),
        "needs iOS 99.0 or newer, the device Apple iPhone",
    ),
    "named": (
        ANDROID,
        (f"--devicefarm-app={ARN}",),
        {},
        (Upload(ARN, "shop.ipa", "IOS_APP", fields={"metadata": "{}"}),),
        "app shop.ipa is for iOS, the device Google Pixel",
    ),
    "form factor": (
        "--devicefarm-device=platform=IOS,form_factor=PHONE",
        (f"--devicefarm-app={ARN}",),
        {},
        (Upload(ARN, "shop.ipa", "IOS_APP", fields={"metadata": TABLETS}),),
        "app shop.ipa is for TABLET, the device Apple iPhone",
    ),
    "auxiliary": (
        ANDROID,
        ("--devicefarm-app=shop.apk", f"--devicefarm-aux-app={ARN}"),
        {"shop_apk": apk()},
        (Upload(ARN, "helper.ipa", "IOS_APP", fields={"metadata": "{}"}),),
        "app helper.ipa is for iOS, the device Google Pixel",
    ),
}


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize(("device", "options", "files", "uploads", "line"), MISFITS.values(), ids=MISFITS)
def test_apps_that_do_not_fit(farm, create, device, options, files, uploads, line, dist):
    """What Device Farm tells of an app decides before a session is created and paid."""
    server = farm(uploads=uploads)
    result = create(server, device, *options, *dist, **files)
    assert result.error_line.startswith("ERROR: no device can be used for ")
    assert line in result.error_line
    assert result.code == 4
    assert not server.calls(CREATE)


def test_the_app_decides_among_devices(farm, create):
    """Of the devices that fit the filter one is taken on which the app runs."""
    server = farm(
        uploads=(Upload(ARN, "shop.ipa", "IOS_APP", fields={"metadata": json.dumps({"minimum_os": "26.1"})}),)
    )
    result = create(server, IOS, f"--devicefarm-app={ARN}")
    assert result.code == 0, result.out + result.err
    assert [each["device"]["name"] for each in server.created] == ["Apple iPhone 17"]


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_an_upload_that_failed(farm, create, dist):
    """The service's own message is told, and no session is created."""
    upload = Upload(ARN, "shop.ipa", "IOS_APP", fields={"status": "FAILED", "message": "We could not open it."})
    server = farm(uploads=(upload,))
    result = create(server, IOS, f"--devicefarm-app={ARN}", *dist)
    assert result.error_line == f"ERROR: Device Farm could not process app {ARN}: We could not open it."
    assert result.code == 4
    assert not server.calls(CREATE)


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_an_upload_that_is_no_app(farm, create, dist):
    """A test package is no app."""
    server = farm(uploads=(Upload(ARN, "tests.zip", "APPIUM_PYTHON_TEST_PACKAGE"),))
    result = create(server, IOS, f"--devicefarm-app={ARN}", *dist)
    assert result.error_line.startswith(f"ERROR: {ARN} is no app: its type is APPIUM_PYTHON_TEST_PACKAGE")
    assert result.code == 4


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_nothing_is_uploaded_for_tests_that_need_nothing(farm, create, dist):
    """Where no selected test needs a device the file stays where it is."""
    server = farm()
    result = create(server, ANDROID, "--devicefarm-app=shop.apk", "-m", "not devicefarm", *dist, shop_apk=apk())
    assert result.code == 5
    assert server.server.calls == []


PAGE = Path(__file__).parents[2] / "docs/creating.md"


def test_the_least_permissions(farm, run, create, pytester):
    """With exactly the policy of docs/creating.md apps, devices, instances, tags and sweeps work; nothing in it is idle."""
    (text,) = re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
    policy = json.loads(text)
    private = next(each for each in catalogue() if each["fleetType"] == "PRIVATE" and each["platform"] == "ANDROID")
    dead = Session(
        "arn:aws:devicefarm:us-west-2:123456789101:session:EXAMPLE-GUID-123-456/DEAD/00000",
        "pytest-devicefarm/20260301T115500-0123abcd/ci-7",
        {"created": 1.7e9},
    )
    server = farm(iam=policy, sessions=(dead,))
    options = ("--devicefarm-app=shop.apk", "--devicefarm-aux-app=helper.apk", "--devicefarm-project=Example project")
    instance = f"--devicefarm-device=instance={private['instances'][0]['arn']}"
    ran = create(server, instance, *options, shop_apk=apk("shop"), helper_apk=apk("helper"))
    assert ran.code == 0, ran.out + ran.err
    assert "sessions cannot be tagged" not in ran.out
    swept = run("--devicefarm-sweep", against=server.server, session=())
    assert (swept.code, swept.out) == (0, f"stopped {dead.arn} ({dead.name})")
    allowed = {
        action.removeprefix("devicefarm:")
        for statement in policy["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }
    assert {call.operation for call in server.server.calls} == allowed
    assert {call.error for call in server.server.calls} == {None, "NotFoundException"}  # the probe of tagging
