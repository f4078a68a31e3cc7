"""The very seconds: when a test ran on its session's clock, and what of the video and the logs is its own."""

from __future__ import annotations

import re
import struct
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import DISTRIBUTIONS, Run

from pytest_devicefarm.emulator import Emulator, Scenario, Session, Step

both = pytest.mark.parametrize("dist", DISTRIBUTIONS)

MODE = {"interactionMode": "VIDEO_ONLY"}


def times(result: Run, test: str) -> tuple[float, float]:
    said = result.properties(test)
    return float(said["devicefarm.test.started"]), float(said["devicefarm.test.ended"])


def running(emulator, *steps: Step, **more: object) -> Emulator:
    """A session that has been on its device for a minute when the emulator starts."""
    return emulator(Scenario(sessions=(Session(steps=steps or (Step("RUNNING"),), fields=MODE),), **more))  # type: ignore[arg-type]


@both
def test_each_test_says_its_seconds(run, emulator, pytester, dist):
    """Since the session started, without the wait for it: one after another, each as long as its test, its tear-down
    not counted unless it broke; a skip in a fixture has them too, a test without a session has none."""
    pytester.makepyfile(
        """
        import time, pytest

        @pytest.fixture
        def slow(devicefarm_session):
            yield
            time.sleep(0.6)

        @pytest.fixture
        def breaks(devicefarm_session):
            yield
            time.sleep(0.6)
            raise RuntimeError

        def test_first(devicefarm_session): time.sleep(0.3)
        def test_slow_end(slow): pass
        def test_broken_end(breaks): pass
        def test_fails(devicefarm_session): assert 0
        @pytest.fixture
        def skips(devicefarm_session): pytest.skip("no")
        def test_skips(skips): pass
        def test_other(): pass
        """
    )
    server = running(emulator, Step("PREPARING", 1.5), Step("RUNNING"))
    server.clock.advance(0.1)
    result = run("--devicefarm-artifacts=on", "--devicefarm-xcuitest=off", *dist, against=server)
    first = times(result, "test_first")
    # When the session was RUNNING, not when the test was first held up; the emulator's clock is 0.1 s ahead, unnoticed.
    assert first[0] >= 1.4
    lengths = {
        name: round(times(result, name)[1] - times(result, name)[0], 2)
        for name in result.testcases
        if name != "test_other"
    }
    assert lengths["test_first"] >= 0.3
    assert lengths["test_slow_end"] < 0.5
    assert lengths["test_broken_end"] >= 0.6
    assert not [name for name in result.properties("test_other") if "devicefarm" in name]
    ends = sorted(times(result, name) for name in lengths)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(ends))


def test_nothing_is_said_unless_artifacts_are_asked_for(run, emulator, pytester):
    """Two runs without them say the same of their tests."""
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    result = run("--devicefarm-xcuitest=off", against=running(emulator))
    assert not [name for name in result.properties("test_it") if "devicefarm.test" in name]


def test_a_frozen_clock_does_not_stop_the_sessions(run, emulator, pytester):
    """freezegun in a user's test freezes no second of ours."""
    pytester.makepyfile(
        """
        import freezegun
        @freezegun.freeze_time("2001-01-01")
        def test_it(devicefarm_session): pass
        """
    )
    server = running(emulator)
    server.clock.advance(60)
    result = run("--devicefarm-artifacts=on", "--devicefarm-xcuitest=off", against=server)
    assert 60 <= times(result, "test_it")[0] < 90


def test_a_test_that_is_run_again_says_the_seconds_of_the_last_time(run, emulator, pytester):
    """Under pytest-rerunfailures: once each, and of the same try."""
    pytest.importorskip("pytest_rerunfailures")
    pytester.makepyfile(
        """
        import time
        tries = []
        def test_flaky(devicefarm_session):
            tries.append(1)
            time.sleep(0.4)
            assert len(tries) == 3
        """
    )
    result = run("--devicefarm-artifacts=on", "--devicefarm-xcuitest=off", "--reruns=3", against=running(emulator))
    start, end = times(result, "test_flaky")
    assert 0.39 <= end - start < 0.75
    assert result.code == 0


def video_second(path: Path, at: float) -> int:
    """Which second the video shows at a moment; its tables say that it has a picture for each."""
    content = path.read_bytes()
    index = content.index(b"stts")
    count, each = struct.unpack_from(">II", content, index + 12)
    assert each == 1000  # of a thousandth of a second
    return min(int(at), count - 1)


@both
def test_a_failure_leads_to_its_second(run, emulator, pytester, dist):
    """The link's part of the video is where the device's own log says the same second, and the JUnit XML has those
    lines and the link."""
    pytester.makepyfile(
        """
        import time
        def test_passes(devicefarm_session): time.sleep(1.2)
        def test_fails(devicefarm_session):
            time.sleep(1.2)
            assert 0
        """
    )
    server = running(emulator, video_seconds=0, stop_seconds=0.1)
    server.clock.advance(62)
    result = run(
        "--devicefarm-artifacts=failure", "--devicefarm-stop", "--devicefarm-xcuitest=off", *dist, against=server
    )
    assert result.code == 1
    (folder,) = (pytester.path / "devicefarm-artifacts").iterdir()
    start, end = times(result, "test_fails")
    assert start >= 62
    assert video_second(folder / "video.mp4", start) == int(start)
    testcase = "".join(result.testcases["test_fails"].itertext())
    seconds = [int(each) for each in re.findall(r"Notice>: (\d+) seconds", testcase)]
    assert int(start) + 1 in seconds
    assert seconds[0] == pytest.approx(start - 5, abs=1.5)  # syslog says whole seconds
    assert seconds[-1] == pytest.approx(end, abs=1.5)
    path = f"devicefarm-artifacts/{folder.name}"
    said = result.properties("test_fails")
    link = f"{path}/video.mp4#t={said['devicefarm.test.started']},{said['devicefarm.test.ended']}"
    assert f"video: {link}" in testcase
    assert f"--- Syslog ({path}/syslog.syslog) ---" in testcase
    assert f"[[ATTACHMENT|{path}/video.mp4]]" in testcase
    assert "seconds" not in "".join(result.testcases["test_passes"].itertext())
