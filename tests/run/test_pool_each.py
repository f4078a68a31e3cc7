"""``--dist each``: every test on every device, told apart by the device in the testcase's name."""

from __future__ import annotations

import pytest
from conftest import needs_xdist
from pools import ANDROID, BROKEN, READY, arn, arns, pool

from pytest_devicefarm.emulator import Step

pytestmark = needs_xdist

SUITE = """
import pytest

@pytest.mark.parametrize("n", range(3))
def test_it(devicefarm_session, n): pass
def test_free(): pass
@pytest.mark.devicefarm(platform="ANDROID")
def test_android(devicefarm_device): assert devicefarm_device.platform == "ANDROID"
"""
TESTS = ["test_it[0]", "test_it[1]", "test_it[2]", "test_free", "test_android"]


def outcome(case) -> str:
    """What became of a test."""
    return next((child.tag for child in case if child.tag in ("failure", "error", "skipped")), "passed")


@pytest.mark.parametrize("first", ["ready", "booting"])
def test_every_test_runs_on_every_device(run, emulator, pytester, first):
    """Each testcase's name has its device, whichever was ready first; a marker skips where it does not fit."""
    pytester.makepyfile(SUITE)
    steps = READY if first == "ready" else (Step("PREPARING", 2), *READY)
    server = emulator(pool({"steps": steps}, ANDROID))
    result = run("-nauto", "--dist=each", against=server, session=arns(server))
    assert result.code == 0
    assert sorted(result.testcases) == sorted(
        f"{test} [{device}]" for test in TESTS for device in ("iPhone 1", "Google Pixel 8")
    )
    assert result.suite.attrib["tests"] == "10"
    for name in result.testcases:
        if "test_free" not in name and name != "test_android [iPhone 1]":
            assert result.properties(name)["devicefarm.device.name"] == name.partition(" [")[2][:-1]
    assert outcome(result.testcases["test_android [iPhone 1]"]) == "skipped"
    assert outcome(result.testcases["test_android [Google Pixel 8]"]) == "passed"
    assert result.suite_properties["devicefarm.sessions"] == "2"


def test_two_devices_of_one_name_are_told_apart(run, emulator, pytester):
    """They get the number of their session, in the order given."""
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    server = emulator(pool({"name": "iPhone"}, {"name": "iPhone"}, ANDROID))
    result = run("-nauto", "--dist=each", against=server, session=[arn(3), arn(1), arn(2)])
    assert result.code == 0
    said = {name: result.properties(name)["devicefarm.session.arn"] for name in result.testcases}
    assert said == {
        "test_it [Google Pixel 8]": arn(3),
        "test_it [iPhone #2]": arn(1),
        "test_it [iPhone #3]": arn(2),
    }


def test_more_workers_than_sessions_are_refused(run, emulator, pytester):
    """They would have no device to run every test on: exit 4, one line, before anything is asked of AWS."""
    pytester.makepyfile(SUITE)
    server = emulator(pool({}, {}))
    result = run("-n3", "--dist=each", against=server, session=arns(server))
    assert result.code == 4
    assert result.error_line == (
        "ERROR: --dist each runs every test on every device: 3 workers for 2 sessions are too many; give -n auto"
    )
    assert server.calls == []


def test_fewer_workers_than_sessions_leave_devices_idle(run, emulator, pytester):
    """It is said, with the remedy."""
    pytester.makepyfile(SUITE)
    server = emulator(pool({}, {}))
    result = run("-n1", "--dist=each", against=server, session=arns(server))
    assert result.code == 0
    assert len(result.testcases) == 5
    assert "devicefarm workers: 1 for 2 sessions, so 1 stays idle: give -n auto" in result.out


def test_the_tests_of_a_device_that_never_comes_are_skipped(run, emulator, pytester):
    """The other device runs everything; the missing one's tests say why they did not run."""
    pytester.makepyfile(SUITE)
    server = emulator(pool({"steps": BROKEN}, ANDROID))
    result = run("-nauto", "--dist=each", against=server, session=arns(server))
    assert result.code == 0
    ran = {name: outcome(case) for name, case in result.testcases.items()}
    assert {name: ran[name] for name in ran if "Pixel" in name} == {
        f"{test} [Google Pixel 8]": "passed" for test in TESTS
    }
    assert {name: ran[name] for name in ran if "Pixel" not in name} == {
        test: "passed" if test == "test_free" else "skipped" for test in TESTS
    }
    reason = result.testcases["test_it[0]"].find("skipped").attrib["message"]
    assert reason.startswith("no device came for this worker: ")
    assert "no such luck" in reason


def test_no_device_at_all_is_69(run, emulator, pytester):
    """Every test that needs one fails with the one reason, and the run with 69."""
    pytester.makepyfile(SUITE)
    server = emulator(pool({"steps": BROKEN}, {"steps": BROKEN}))
    result = run("-nauto", "--dist=each", against=server, session=arns(server))
    assert result.code == 69
    assert "no such luck" in result.error_line


def test_a_session_that_cannot_be_used_ends_the_run_with_4(run, emulator, pytester):
    """NotFound for one of two: one line."""
    pytester.makepyfile(SUITE)
    server = emulator(pool({}))
    result = run("-nauto", "--dist=each", against=server, session=[arn(1), arn(9)])
    assert result.code == 4
    assert "phone-9" in result.error_line


def test_a_crashed_workers_tests_go_on_with_its_device(run, emulator, pytester):
    """The replacement runs what was left for the same device; the other device is not touched."""
    pytester.makepyfile(
        """
        import os, pytest

        def test_crash(devicefarm_device):
            if devicefarm_device.platform == "ANDROID": os._exit(7)
        @pytest.mark.parametrize("n", range(3))
        def test_it(devicefarm_session, n): pass
        """
    )
    server = emulator(pool({}, ANDROID))
    result = run("-nauto", "--dist=each", against=server, session=arns(server))
    assert result.code == 1
    names = [f"test_it[{n}] [{device}]" for n in range(3) for device in ("iPhone 1", "Google Pixel 8")]
    assert all(outcome(result.testcases[name]) == "passed" for name in names)
    assert outcome(result.testcases["test_crash [Google Pixel 8]"]) == "error"
    assert outcome(result.testcases["test_crash [iPhone 1]"]) == "passed"
    assert len(result.testcases) == 8
