"""devicefarm_install: an app goes into the session through the controller, and what is known of it comes back."""

from __future__ import annotations

import re
import zipfile

import pytest
from conftest import DISTRIBUTIONS, EXAMPLE_ARN

from pytest_devicefarm.emulator import Fault, Scenario, Session, Upload

UPLOAD = "arn:aws:devicefarm:us-west-2:123456789101:upload:EXAMPLE-GUID-123-456/app"
ANDROID = Session(fields={"device": {"platform": "ANDROID", "os": "15"}})
SCENARIO = Scenario(sessions=(ANDROID,), uploads=(Upload(arn=UPLOAD, name="shop.apk", type="ANDROID_APP"),))


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_an_upload(run, emulator, tests, dist):
    """The call is made by the controller, for the worker's session; the test gets the upload, without its URL."""
    tests(
        f"""
        def test_it(devicefarm_install):
            upload = devicefarm_install({UPLOAD!r})
            assert (upload.arn, upload.name, upload.type, upload.status) == ({UPLOAD!r}, "shop.apk", "ANDROID_APP", "SUCCEEDED")
            assert upload.url is None and "url" not in upload.raw
        """
    )
    server = emulator(SCENARIO)
    result = run(*dist, against=server)
    assert result.code == 0, result.out
    (call,) = [call for call in server.calls if call.operation == "InstallToRemoteAccessSession"]
    assert call.params == {"remoteAccessSessionArn": EXAMPLE_ARN, "appArn": UPLOAD}
    assert result.properties("test_it")["devicefarm.device.name"]


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_file_is_uploaded_first(run, emulator, tests, pytester, dist):
    """A path, relative to the test's directory, of a file that the controller reads; it goes to the project given."""
    with zipfile.ZipFile(pytester.path / "shop.apk", "w") as package:
        package.writestr("AndroidManifest.xml", "")
    tests(
        """
        import pathlib

        def test_it(devicefarm_install):
            first = devicefarm_install("shop.apk")
            assert first.status == "SUCCEEDED"
            assert devicefarm_install(pathlib.Path("shop.apk").absolute()).arn == first.arn
        """
    )
    server = emulator(Scenario(sessions=(ANDROID,)))
    project = "arn:aws:devicefarm:us-west-2:123456789101:project:EXAMPLE-GUID-123-456"
    result = run(*dist, f"--devicefarm-project={project}", against=server)
    assert result.code == 0, result.out
    operations = [call.operation for call in server.calls]
    assert operations.count("CreateUpload") == 1
    assert operations.count("InstallToRemoteAccessSession") == 2


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize(
    ("app", "said"),
    [
        ("arn:aws:devicefarm:us-west-2:123456789101:run:x/y", "malformed ARN"),
        (
            "/nowhere/shop.apk",
            "give the project's ARN with --devicefarm-project, or an upload's ARN in place of the file",
        ),
        ("", "'' is no app: give an upload's ARN, or the path of an .ipa or .apk"),
        (None, "None is no app: give an upload's ARN, or the path of an .ipa or .apk"),
        (UPLOAD + "-none", f"installing app {UPLOAD}-none into session {EXAMPLE_ARN}: Device Farm does not know it"),
    ],
)
def test_what_is_no_app(run, emulator, tests, dist, app, said):
    """A ConfigurationError that a test can catch, in a worker too."""
    tests(
        f"""
        import pytest
        from pytest_devicefarm import ConfigurationError

        def test_it(devicefarm_install):
            with pytest.raises(ConfigurationError) as caught:
                devicefarm_install({app!r})
            assert {said!r} in str(caught.value)
        """
    )
    result = run(*dist, against=emulator(SCENARIO))
    assert result.code == 0, result.out


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_failure_shows_the_tests_own_line(run, emulator, tests, dist):
    """Neither ours nor boto3's are in its traceback."""
    tests(f"def test_it(devicefarm_install):\n    devicefarm_install({UPLOAD + '-none'!r})")
    result = run(*dist, against=emulator(SCENARIO))
    text = result.testcases["test_it"].findtext("failure")
    assert text.count("\n>") == 1
    assert re.findall(r"^(\S+\.py):\d+: ", text, re.MULTILINE) == ["test_it.py"]


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_trouble_is_tried_again(run, emulator, tests, dist):
    """Throttling heals."""
    tests(f"def test_it(devicefarm_install): devicefarm_install({UPLOAD!r})")
    faults = (Fault("InstallToRemoteAccessSession", "throttling", calls=[1]),)
    result = run(*dist, against=emulator(Scenario(sessions=(ANDROID,), uploads=SCENARIO.uploads, faults=faults)))
    assert result.code == 0, result.out
