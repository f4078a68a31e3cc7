"""Pools: several sessions, one worker to each, and what happens when phones or workers do not come."""

from __future__ import annotations

import pytest
from conftest import needs_xdist
from pools import ANDROID, QUEUED, TELLS_WORKER, arn, arns, devices, pool, skips, workers

from pytest_devicefarm.emulator import Step

pytestmark = needs_xdist

TWENTY = f"""
{TELLS_WORKER}
import time
from pathlib import Path

@pytest.mark.parametrize("n", range(20))
def test_it(devicefarm_session, n, worker_id):
    Path(f"began-{{worker_id}}").touch()
    deadline = time.monotonic() + 20  # until every worker has begun
    while len(list(Path().glob("began-*"))) < WORKERS and time.monotonic() < deadline:
        time.sleep(0.01)
"""


def twenty(workers: int) -> str:
    """Tests of which the first ones wait until so many workers are at work."""
    return TWENTY.replace("WORKERS", str(workers))


@pytest.mark.parametrize("dist", ["load", "worksteal"])
def test_each_session_has_a_worker_and_each_test_runs_once(run, emulator, pytester, dist):
    """-n auto is one worker to a session; all of them work, and each testcase names the device that it ran on."""
    pytester.makepyfile(twenty(3))
    server = emulator(pool({}, {}, {}))
    result = run("-nauto", f"--dist={dist}", against=server, session=arns(server))
    assert result.code == 0
    assert "created: 3/3 workers" in result.out
    assert result.suite.attrib["tests"] == "20"
    where = devices(result)
    assert len(where) == 20
    assert set(where.values()) == {"iPhone 1", "iPhone 2", "iPhone 3"}
    pairs = {(workers(result)[name], device) for name, device in where.items()}
    assert len(pairs) == 3
    for name in result.testcases:
        properties = result.properties(name)
        assert properties["devicefarm.session.arn"] == arn(int(properties["devicefarm.device.name"][-1]))


def test_the_suite_says_all_sessions_in_the_order_given(run, emulator, pytester):
    """devicefarm.sessions is the count; the numbers are those of the command line, not of who was ready first."""
    pytester.makepyfile(twenty(3))
    server = emulator(pool({}, ANDROID, {}))
    result = run("-nauto", against=server, session=[arn(3), arn(1), arn(2)])
    suite = result.suite_properties
    assert suite["devicefarm.sessions"] == "3"
    assert [suite[f"devicefarm.{number}.session.arn"] for number in (1, 2, 3)] == [arn(3), arn(1), arn(2)]
    assert [suite[f"devicefarm.{number}.device.platform"] for number in (1, 2, 3)] == ["IOS", "IOS", "ANDROID"]
    assert suite["devicefarm.2.session.status"] == "RUNNING"
    assert not any(name.startswith(("devicefarm.session.", "devicefarm.4.")) for name in suite)


def test_one_process_reads_and_each_session_as_often_as_alone(run, emulator, pytester):
    """A session that is RUNNING at once is read twice, at the start and at the end, however many there are."""
    pytester.makepyfile(twenty(2))
    server = emulator(pool({}, {}))
    assert run("-nauto", against=server, session=arns(server)).code == 0
    read = [call.params["arn"] for call in server.calls if call.operation == "GetRemoteAccessSession"]
    assert sorted(read) == sorted([*arns(server), *arns(server)])


def test_workers_beyond_the_sessions_run_what_needs_no_device(run, emulator, pytester):
    """With two more workers than sessions those two run only tests that need none."""
    pytester.makepyfile(
        f"""
        {TELLS_WORKER.replace(chr(10), chr(10) + " " * 8)}
        import time

        @pytest.mark.parametrize("n", range(8))
        def test_phone(devicefarm_session, n): time.sleep(0.1)
        @pytest.mark.parametrize("n", range(8))
        def test_free(n): time.sleep(0.1)
        """
    )
    server = emulator(pool({}, {}))
    result = run("-n4", against=server, session=arns(server))
    assert result.code == 0
    where = workers(result)
    drivers = {worker for name, worker in where.items() if "phone" in name}
    others = {worker for name, worker in where.items() if "free" in name} - drivers
    assert (len(drivers), len(others)) == (2, 2)
    assert len(where) == 16


@pytest.mark.parametrize("options", [("-n1",), ()], ids=["n1", "one-process"])
def test_idle_sessions_are_named_with_the_remedy(run, emulator, pytester, options):
    """With fewer workers than sessions the first that is ready has the work; the others are idle, and it is said."""
    pytester.makepyfile(twenty(1))
    server = emulator(pool({"steps": QUEUED}, {}, {"steps": QUEUED}))
    result = run(*options, against=server, session=arns(server))
    assert result.code == 0
    assert set(devices(result).values()) == {"iPhone 2"}
    assert "devicefarm workers: 1 for 3 sessions, so 2 stay idle: give -n auto" in result.out


@pytest.mark.parametrize("sessions", [1, 2, 3])
def test_a_replacement_drives_the_session_of_the_worker_that_crashed(run, emulator, pytester, sessions):
    """Tests that only the crashed worker's device fits run on its replacement, with one session and with several."""
    pytester.makepyfile(
        f"""
        import os, pytest, time
        from pathlib import Path

        android = pytest.mark.devicefarm(platform="ANDROID")
        @android
        def test_crash(): os._exit(7)
        @android
        @pytest.mark.parametrize("n", range(6))
        def test_android(devicefarm_session, n): Path("again").touch()
        @pytest.mark.skipif({sessions} == 1, reason="")
        @pytest.mark.devicefarm(platform="IOS")
        @pytest.mark.parametrize("n", range(6))
        def test_ios(devicefarm_session, n):
            deadline = time.monotonic() + 20  # still at work when the other one crashes
            while not Path("again").exists() and time.monotonic() < deadline:
                time.sleep(0.01)
        """
    )
    server = emulator(pool(*[{}, {}, ANDROID][3 - sessions :]))
    result = run("-nauto", against=server, session=arns(server))
    assert result.code == 1
    assert "crashed while running" in result.testcases["test_crash"].find("error").attrib["message"]
    where = devices(result)
    assert {where[f"test_android[{n}]"] for n in range(6)} | {where["test_crash"]} == {"Google Pixel 8"}
    if sessions > 1:
        assert all(where[f"test_ios[{n}]"].startswith("iPhone") for n in range(6))
        assert not skips(result)
    assert len(result.testcases) == 13


def test_workers_that_crash_before_their_phones_are_ready_are_replaced(run, emulator, pytester):
    """Free tests kill both workers while the phones boot; every other test still runs where it has to."""
    pytester.makepyfile(
        """
        import os, pytest

        @pytest.mark.parametrize("n", range(2))
        def test_crash(n): os._exit(7)
        @pytest.mark.devicefarm(platform="ANDROID")
        def test_android(devicefarm_session): pass
        @pytest.mark.devicefarm(platform="IOS")
        def test_ios(devicefarm_session): pass
        @pytest.mark.parametrize("n", range(4))
        def test_free(n): pass
        """
    )
    booting = {"steps": (Step("PREPARING", 3.0), Step("RUNNING"))}
    server = emulator(pool(booting, ANDROID | booting))
    result = run("-nauto", against=server, session=arns(server))
    assert result.code == 1
    where = devices(result)
    assert where.pop("test_android") == "Google Pixel 8"
    assert where.pop("test_ios") == "iPhone 1"
    assert result.suite.attrib["errors"] == "2"
    assert not skips(result)


def test_a_crashed_test_may_be_run_again(run, emulator, pytester):
    """pytest-rerunfailures hands a test back whose worker has crashed: it runs on the replacement."""
    pytest.importorskip("pytest_rerunfailures")
    pytester.makepyfile(
        """
        import os, pytest, time

        def test_crash(devicefarm_session):
            if not os.path.exists("crashed"):
                open("crashed", "w").close()
                time.sleep(0.5)  # the plugin's own message, that the test has reruns, is read in a thread
                os._exit(7)
        @pytest.mark.parametrize("n", range(4))
        def test_it(devicefarm_session, n): pass
        """
    )
    server = emulator(pool({}, {}))
    result = run("-nauto", "--reruns=1", against=server, session=arns(server))
    assert result.code == 0, result.out
    assert "1 rerun" in result.out
