"""``python -m pytest_devicefarm fetch``: what came after the run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from conftest import EXAMPLE_ARN

from pytest_devicefarm.emulator import Artifact, Emulator, Scenario, Session, Step

OTHER_ARN = "arn:aws:devicefarm:us-west-2:123456789101:session:EXAMPLE-GUID-123-456/other/00000"
ENDED = (Step("RUNNING", 0.01), Step("COMPLETED"))
MODE = {"interactionMode": "VIDEO_ONLY"}


def ended(*artifacts: Artifact, **more: object) -> Scenario:
    sessions = (Session(steps=ENDED, fields=MODE), Session(OTHER_ARN, "other", steps=ENDED, fields=MODE))
    return Scenario(**{"sessions": sessions, "artifacts": artifacts, "video_seconds": 0.0, **more})  # type: ignore[arg-type]


def report(path: Path, suite: dict[str, str], case: dict[str, str] | None = None) -> None:
    def properties(named: dict[str, str]) -> str:
        inner = "".join(f'<property name="{name}" value="{value}"/>' for name, value in named.items())
        return f"<properties>{inner}</properties>"

    testcase = f'<testcase name="t">{properties(case)}</testcase>' if case else ""
    path.write_text(f"<testsuites><testsuite>{properties(suite)}{testcase}</testsuite></testsuites>")


@pytest.fixture
def fetch(environment: None, tmp_path: Path):
    """Run the command in an empty directory: exit code, output, errors."""

    def fetch(*args: str, server: Emulator | None = None) -> tuple[int, str, str]:
        keys = {"AWS_ACCESS_KEY_ID": "emulator", "AWS_SECRET_ACCESS_KEY": "emulator"} if server else {}
        where = ["--endpoint-url", server.url] if server else []
        done = subprocess.run(
            [sys.executable, "-m", "pytest_devicefarm", "fetch", *args, *where],
            cwd=tmp_path,
            env={**os.environ, **keys},
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.returncode, done.stdout, done.stderr

    return fetch


def test_what_came_late_comes_into_the_runs_folders(run, fetch, emulator, pytester, tmp_path):
    """Beside what the run downloaded, which is not downloaded again."""
    server = emulator(Scenario(sessions=(Session(fields=MODE),)))
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    folder = tmp_path / "files"
    result = run(
        "--devicefarm-artifacts=on", f"--devicefarm-artifacts-dir={folder}", "--devicefarm-xcuitest=off", against=server
    )
    assert result.code == 0
    assert [each.name for each in folder.glob("*/*.log")] == ["appiumserverlogoutput.log"]
    keys = {"aws_access_key_id": "emulator", "aws_secret_access_key": "emulator"}
    client = boto3.client("devicefarm", region_name="us-west-2", endpoint_url=server.url, **keys)
    client.stop_remote_access_session(arn=server.default_session_arn)
    client.close()
    server.clock.advance(400)
    code, out, err = fetch(str(result.report), "--artifacts-dir", str(folder), server=server)
    assert (code, err) == (0, "")
    assert sorted(each.name for each in (folder / "1-apple-iphone-15-pro").iterdir()) == [
        "appium-server-output.log",
        "appiumserverlogoutput.log",
        "artifacts.json",
        "syslog.syslog",
        "video.mp4",
    ]
    assert str(folder / "1-apple-iphone-15-pro/video.mp4") in out.splitlines()
    assert "4 files of one session" in out
    assert fetch(str(result.report), "--artifacts-dir", str(folder), server=server)[1].endswith(
        ", 0 bytes downloaded now\n"
    )


def test_a_pools_report_names_several(fetch, emulator, tmp_path):
    """Numbered as there, those that were replaced too; the folder is named as the run would."""
    said = {
        "devicefarm.1.session.arn": EXAMPLE_ARN,
        "devicefarm.1.device.name": "Big Phone",
        "devicefarm.lost.1.session.arn": OTHER_ARN,
    }
    report(tmp_path / "report.xml", said)
    code, out, _ = fetch("report.xml", server=emulator(ended()))
    assert code == 0
    assert {each.name for each in (tmp_path / "devicefarm-artifacts").iterdir()} == {"1-big-phone", "lost-1"}
    assert "files of 2 sessions" in out


def test_a_report_without_suite_properties(fetch, emulator, tmp_path):
    """Of --devicefarm-junit=testcase: the testcases name them."""
    report(tmp_path / "report.xml", {}, {"devicefarm.session.arn": EXAMPLE_ARN})
    assert fetch("report.xml", server=emulator(ended()))[0] == 0
    assert (tmp_path / "devicefarm-artifacts/1/video.mp4").exists()


def test_a_video_that_is_not_there_yet_is_told(fetch, emulator, tmp_path):
    """It is no error: all that there is has been downloaded. A session that makes none is not waited for."""
    report(tmp_path / "report.xml", {"devicefarm.session.arn": EXAMPLE_ARN, "devicefarm.device.name": "Phone"})
    code, out, _ = fetch("report.xml", server=emulator(ended(video_seconds=1000.0)))
    assert code == 0
    assert "no video of Phone so far" in out
    said = {"devicefarm.session.arn": EXAMPLE_ARN, "devicefarm.session.interaction_mode": "NO_VIDEO"}
    report(tmp_path / "report.xml", said)
    assert "no video" not in fetch("report.xml", server=emulator(ended(video_seconds=1000.0)))[1]


def test_what_cannot_be_had_is_for_another_try(fetch, emulator, tmp_path):
    """69, one line; what could be had is there."""
    report(tmp_path / "report.xml", {"devicefarm.session.arn": EXAMPLE_ARN, "devicefarm.device.name": "Phone"})
    code, _, err = fetch("report.xml", server=emulator(ended(Artifact(count=2, fault="unavailable"))))
    assert (code, err) == (
        69,
        "ERROR: 2 artifacts of Phone could not be downloaded (Screenshot 1, Screenshot 2): HTTP 503\n",
    )
    assert (tmp_path / "devicefarm-artifacts/1-phone/video.mp4").exists()


def test_what_the_user_must_change(fetch, emulator, tmp_path):
    """4, and one line that says what and where."""
    (tmp_path / "no.xml").write_text("this is no XML")
    report(tmp_path / "none.xml", {"other": "1"})
    report(tmp_path / "broken.xml", {"devicefarm.session.arn": EXAMPLE_ARN.replace("session", "run")})
    report(tmp_path / "gone.xml", {"devicefarm.session.arn": EXAMPLE_ARN + "/gone"})
    report(tmp_path / "good.xml", {"devicefarm.session.arn": EXAMPLE_ARN})
    server = emulator(ended())
    for args, told in (
        (["missing.xml"], "missing.xml cannot be read: No such file or directory"),
        (["no.xml"], "no.xml is no JUnit XML file: syntax error: line 1, column 0"),
        (["none.xml"], "none.xml names no session (devicefarm.session.arn): was it made by --junitxml in a run"),
        (["broken.xml"], "broken.xml, devicefarm.session.arn: malformed ARN"),
        (["gone.xml"], f"artifacts of {EXAMPLE_ARN}/gone could not be had: listing them: "),
        (
            ["good.xml", "--devicefarm-profile", "nobody"],
            "(The config profile (nobody) could not be found): check AWS_PROFILE, --devicefarm-profile or",
        ),
        ([], "the following arguments are required: report: see python -m pytest_devicefarm fetch --help"),
    ):
        code, _, err = fetch(*args, server=server)
        assert (code, err.count("\n")) == (4, 1), (args, err)
        assert err.startswith("ERROR: ")
        assert told in err
    code, _, err = fetch("good.xml", "--endpoint-url", "nonsense")
    assert (code, err.count("\n")) == (4, 1)
