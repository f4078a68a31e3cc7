"""What sessions leave behind is downloaded after a run's end, whatever becomes of it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import DISTRIBUTIONS, EXAMPLE_ARN, needs_xdist

from pytest_devicefarm.emulator import Artifact, Fault, Scenario, Session, Step

BOOT = (Step("PREPARING", 0.1), Step("RUNNING"))
ANDROID = "--devicefarm-device=platform=ANDROID"
ON = "--devicefarm-artifacts=on"
LOGS = {"logcat.logcat", "appium-server-output.log"}

both = pytest.mark.parametrize("dist", DISTRIBUTIONS)


def scenario(*artifacts: Artifact, video_seconds: float = 0.1, **more: object) -> Scenario:
    """Sessions that clients create are there and gone at once."""
    return Scenario(
        artifacts=artifacts, video_seconds=video_seconds, stop_seconds=0.1, boot=BOOT, metered_slots=4, **more
    )  # type: ignore[arg-type]


@pytest.fixture
def suite(pytester):
    """A test that passes and one that fails."""
    pytester.makepyfile(
        """
        def test_passes(devicefarm_session): pass
        def test_fails(devicefarm_session): assert 0
        """
    )


def files(root: Path) -> dict[str, set[str]]:
    """By the name of a folder, what is in it beside the list."""
    return {folder.name: {each.name for each in folder.iterdir()} - {"artifacts.json"} for folder in root.iterdir()}


@pytest.fixture
def created(run, emulator, monkeypatch):
    """Run with a created session on an emulator that plays this."""

    def start(*args: str, played: Scenario | None = None):
        server = emulator(played or scenario())
        for name, value in {
            "AWS_ENDPOINT_URL_DEVICE_FARM": server.url,
            "AWS_ENDPOINT_URL_STS": server.url,
            "AWS_ACCESS_KEY_ID": "emulator",
            "AWS_SECRET_ACCESS_KEY": "emulator",
        }.items():
            monkeypatch.setenv(name, value)
        return run(f"--devicefarm-project={server.scenario.projects[0].arn}", *args)

    return start


@both
def test_everything_is_downloaded(created, suite, pytester, dist):
    """Of a created session, once it is stopped: logs, the video, which comes late, and the rest; exit code and reports
    are those of the tests."""
    result = created(
        ANDROID, ON, *dist, played=scenario(Artifact(count=3), Artifact("Odd", "LOG", "NEW", "bin"), video_seconds=2)
    )
    assert result.code == 1
    (folder,) = files(pytester.path / "devicefarm-artifacts").items()
    assert re.fullmatch("1-[a-z0-9-]+", folder[0])
    assert folder[1] == LOGS | {"video.mp4", "odd.bin", *(f"screenshot-{number}.png" for number in (1, 2, 3))}
    assert (pytester.path / "devicefarm-artifacts" / folder[0] / "video.mp4").read_bytes()[4:8] == b"ftyp"
    assert (
        "devicefarm: downloading the artifacts of the session to devicefarm-artifacts, waiting up to 10m" in result.out
    )
    assert re.search(r"^devicefarm: artifacts: 7 files, [0-9.]+ kB downloaded$", result.out, re.MULTILINE)
    assert "DeviceFarmWarning" not in result.out


@pytest.fixture
def two_platforms(pytester):
    """A test for Android, which passes, and one for iOS, which fails."""
    pytester.makepyfile(
        """
        import pytest
        @pytest.mark.devicefarm(platform="ANDROID")
        def test_passes(devicefarm_session): pass
        @pytest.mark.devicefarm(platform="IOS")
        def test_fails(devicefarm_session): assert 0
        """
    )
    return ANDROID, "--devicefarm-device=platform=IOS", "-n2"


@needs_xdist
def test_a_pool_has_a_folder_for_each_session(created, two_platforms, pytester):
    """With the number that it has in the suite's properties."""
    result = created(*two_platforms, ON)
    assert result.code == 1
    names = {
        f"{number}-" + re.sub(r"\W+", "-", result.suite_properties[f"devicefarm.{number}.device.name"].lower())
        for number in (1, 2)
    }
    folders = files(pytester.path / "devicefarm-artifacts")
    assert {name for name, there in folders.items() if "appium-server-output.log" in there} == names


@needs_xdist
def test_after_failures_only(created, two_platforms, pytester):
    """Nothing of a session on which no test failed; all of the other."""
    options = (*two_platforms, "--devicefarm-artifacts=failure")
    assert created(*options, "--devicefarm-artifacts-dir=out/deep").code == 1
    (folder,) = files(pytester.path / "out/deep")
    assert folder.startswith("2-apple-")
    assert created(*options, "--devicefarm-artifacts-dir=none", "-k", "passes").code == 0
    assert not (pytester.path / "none").exists()


def test_nothing_is_downloaded_unless_asked_for(created, suite, pytester):
    """No call either."""
    assert created(ANDROID).code == 1
    assert not (pytester.path / "devicefarm-artifacts").exists()


def test_an_attached_session_gives_what_there_is(run, emulator, suite, pytester):
    """It runs on, so its video is not waited for; the variable asks for it, too."""
    server = emulator(Scenario(sessions=(Session(fields={"interactionMode": "VIDEO_ONLY"}),), video_seconds=0))
    pytester.makeini("[pytest]\ndevicefarm_artifacts = on\n")
    result = run(against=server)
    assert result.code == 1
    assert files(pytester.path / "devicefarm-artifacts") == {"1-apple-iphone-15-pro": {"appiumserverlogoutput.log"}}
    assert server.sessions[0]["status"] == "RUNNING"


def test_200_files_of_which_10_fail_3_come_late_and_1_never_ends(created, suite, pytester):
    """The run ends in its bound with the tests' exit code; nothing is half-written; each trouble is a line and a
    warning."""
    pytester.makeini("[pytest]\ndevicefarm_artifacts_timeout = 12\n")
    shots = Artifact(count=183)
    played = scenario(
        shots,
        Artifact("Bad", count=10, fault="unavailable"),
        Artifact("Late", "FILE", "REPORT", "bin", count=3, seconds=4),
        Artifact("Endless", "FILE", "X", "bin", fault="endless"),
        video_seconds=2,
    )
    begun = time.monotonic()
    result = created(ANDROID, ON, played=played)
    assert time.monotonic() - begun < 45
    assert result.code == 1
    (there,) = files(pytester.path / "devicefarm-artifacts").values()
    assert there == LOGS | {"video.mp4"} | {f"screenshot-{n}.png" for n in range(1, 184)} | {
        f"late-{n}.bin" for n in (1, 2, 3)
    }
    device = result.suite_properties["devicefarm.device.name"]
    for trouble in (
        f"10 artifacts of {device} could not be downloaded (Bad 1, Bad 10, Bad 2, ...): HTTP 503",
        f"an artifact of {device} could not be downloaded (Endless): not done within 12s",
    ):
        assert f"devicefarm: {trouble}" in result.out
        assert f"DeviceFarmWarning: {trouble}" in result.out
    assert result.suite_properties["devicefarm.session.status"] == "COMPLETED"


def test_a_video_that_does_not_come_is_told_with_the_remedy(created, suite, pytester):
    """The run ends without it, as it would have."""
    pytester.makeini("[pytest]\ndevicefarm_artifacts_timeout = 1\n")
    result = created(ANDROID, ON, "-k", "passes", played=scenario(video_seconds=1000))
    assert result.code == 0
    device = result.suite_properties["devicefarm.device.name"]
    assert f"devicefarm: the video of {device} has not come within 1s" in result.out
    assert "python -m pytest_devicefarm fetch REPORT.xml" in result.out
    (there,) = files(pytester.path / "devicefarm-artifacts").values()
    assert there == LOGS


@pytest.mark.parametrize("strict", [(), ("-Werror",)])
def test_what_cannot_be_listed_fails_nothing(created, suite, strict):
    """A role without ListArtifacts; not even where warnings are errors."""
    result = created(
        ANDROID, ON, "-k", "passes", *strict, played=scenario(faults=(Fault("ListArtifacts", "access-denied"),))
    )
    assert result.code == 0
    assert "could not be had: listing them: " in result.out
    assert "devicefarm:ListArtifacts" in result.out
    assert "INTERNALERROR" not in result.out + result.err


def test_a_directory_that_cannot_be_made_fails_nothing(created, suite, pytester):
    """One line, not one for each file."""
    (pytester.path / "taken").write_text("")
    result = created(ANDROID, ON, "-k", "passes", "--devicefarm-artifacts-dir=taken")
    assert result.code == 0
    assert len(re.findall("^devicefarm: 3 artifacts of .* cannot be made: ", result.out, re.MULTILINE)) == 1


def test_ctrl_c_ends_the_wait_for_a_video(suite, pytester, emulator, environment):
    """At once, with 2 as every interruption; what was there is there."""
    server = emulator(scenario(video_seconds=1000))
    variables = {
        **os.environ,
        "AWS_ENDPOINT_URL_DEVICE_FARM": server.url,
        "AWS_ENDPOINT_URL_STS": server.url,
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_SECRET_ACCESS_KEY": "emulator",
    }
    project = f"--devicefarm-project={server.scenario.projects[0].arn}"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", ANDROID, project, ON, "-k", "passes"]
    process = subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    root = pytester.path / "devicefarm-artifacts"
    while not list(root.glob("*/logcat.logcat")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=10)
    assert process.returncode == 2
    assert next(iter(files(root).values())) >= {"logcat.logcat"}
    assert "Traceback" not in out


def test_no_url_is_in_anything_that_stays(created, suite, pytester):
    """Presigned URLs are credentials, also where downloads fail."""
    result = created(ANDROID, ON, "-vv", "--showlocals", "-olog_level=DEBUG", played=scenario(Artifact(fault="cut")))
    kept = [path.read_bytes() for path in pytester.path.rglob("*") if path.is_file()]
    everything = b"".join([*kept, result.out.encode(), result.err.encode()])
    assert b"X-Amz-Signature" not in everything
    assert b"/artifacts/arn" not in everything


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("devicefarm_artifacts = maybe", "ini devicefarm_artifacts: 'maybe' is none of off, on, failure"),
        (
            "devicefarm_artifacts_max_size = big",
            "ini devicefarm_artifacts_max_size: 'big' is no size: expected one such as 500m or 2g",
        ),
        (
            "devicefarm_artifacts_timeout = soon",
            "ini devicefarm_artifacts_timeout: 'soon' is no duration: expected one such as 90, 90s, 15m, 1h or 1m30s, at most a day",
        ),
    ],
)
def test_values_that_are_none(run, suite, pytester, line, text):
    """One clear line."""
    pytester.makeini(f"[pytest]\n{line}\n")
    result = run(f"--devicefarm-session={EXAMPLE_ARN}")
    assert (result.code, result.error_line) == (4, f"ERROR: {text}")
