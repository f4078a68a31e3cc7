"""Who runs what under xdist, and who talks to AWS."""

from __future__ import annotations

import pytest
from conftest import needs_xdist
from pools import arns, devices, pool

from pytest_devicefarm.emulator import Scenario, Session, Step

pytestmark = needs_xdist

BOOTING = Scenario(sessions=(Session(steps=(Step("PREPARING", 0.5), Step("RUNNING")), from_first_read=True),))


def workers_of(result) -> dict[str, str]:
    """Which worker ran which test, as the tests recorded it."""
    return {name: result.properties(name).get("worker", "") for name in result.testcases}


SUITE = """
    import pytest

    @pytest.fixture(autouse=True)
    def worker(record_property, worker_id): record_property("worker", worker_id)

    @pytest.mark.parametrize("n", range(5))
    def test_session(devicefarm_session, n): assert devicefarm_session.status == "RUNNING"
    @pytest.mark.parametrize("n", range(5))
    def test_free(n): pass
    class TestMixed:
        def test_needs(self, devicefarm_device): pass
        def test_needs_not(self): pass
"""


@pytest.mark.parametrize("dist", ["load", "worksteal", "loadscope", "loadfile", "loadgroup"])
def test_one_worker_drives_the_session_and_the_others_take_the_rest(run, emulator, pytester, dist):
    """Under every --dist each test runs once, those of the session on one worker, and groups stay together."""
    pytester.makepyfile(
        test_a=SUITE,
        test_b="""
        import pytest

        @pytest.fixture(autouse=True)
        def worker(record_property, worker_id): record_property("worker", worker_id)

        @pytest.mark.xdist_group("one")
        def test_x(): pass
        @pytest.mark.xdist_group("one")
        def test_y(): pass
        """,
    )
    result = run("-n3", f"--dist={dist}", against=emulator(BOOTING))
    assert result.code == 0
    where = {name.split("@")[0]: worker for name, worker in workers_of(result).items()}
    assert len(where) == 14
    drivers = {worker for name, worker in where.items() if "session" in name or name == "test_needs"}
    assert len(drivers) == 1
    assert result.suite.attrib["tests"] == "14"
    if dist in ("loadscope", "loadfile"):
        assert where["test_needs"] == where["test_needs_not"]
        assert where["test_x"] == where["test_y"]
    if dist == "loadfile":
        assert len({worker for name, worker in where.items() if name not in ("test_x", "test_y")}) == 1
    if dist == "loadgroup":
        assert where["test_x"] == where["test_y"]


def test_the_same_reports_and_reads_however_the_tests_are_distributed(run, emulator, pytester):
    """-n 2, -n auto and one process: the same properties on the same tests, and the same number of AWS calls."""
    pytester.makepyfile(test_a=SUITE.replace('record_property("worker", worker_id)', "pass"))
    reports, calls = [], []
    for options in ((), ("-n2",), ("-nauto",)):
        server = emulator(Scenario())
        result = run(*options, against=server)
        assert result.code == 0
        reports.append({name: result.properties(name) for name in result.testcases})
        calls.append([call.operation for call in server.calls])
    assert reports[0] == reports[1] == reports[2]
    # The first and the last reading, and for the cost whether minutes are paid.
    assert calls == [["GetRemoteAccessSession", "GetRemoteAccessSession", "GetAccountSettings"]] * 3


def test_n_auto_is_one_worker_for_one_session(run, emulator, pytester):
    """-n auto means the number of sessions, whatever the number of processors."""
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    result = run("-nauto", against=emulator(Scenario()))
    assert "created: 1/1 worker" in result.out


def test_workers_need_no_credentials(run, emulator, pytester, monkeypatch):
    """A worker gets the session from the controller: it imports no boto3 and sees no AWS variable."""
    pytester.makeconftest(
        """
        import os, sys

        def pytest_configure(config):
            if hasattr(config, "workerinput"):
                for name in [name for name in os.environ if name.startswith("AWS_")]:
                    del os.environ[name]
        """
    )
    pytester.makepyfile(
        """
        import os, sys

        def test_it(devicefarm_session, devicefarm_device, worker_id):
            assert worker_id == "gw0"
            assert devicefarm_session.arn and devicefarm_device.name
            assert "boto3" not in sys.modules and not [n for n in os.environ if n.startswith("AWS_")]
        def test_client(devicefarm_client): pass
        """
    )
    result = run("-n1", against=emulator(Scenario()))
    assert len(result.testcases["test_it"].findall("failure")) == 0
    assert "no AWS credentials were found" in result.testcases["test_client"].findtext("error")


@pytest.mark.parametrize("when", ["session test", "free test on the driver"])
def test_a_crashed_workers_replacement_inherits_the_session(run, emulator, pytester, when):
    """The run goes on, every other test passes on the replacement, and the crashed test says its device too."""
    crash = "devicefarm_session" if when == "session test" else ""
    pytester.makepyfile(
        f"""
        import os, pytest

        @pytest.mark.parametrize("n", range(4))
        def test_session(devicefarm_session, n): pass
        def test_crash({crash}): os._exit(7)
        @pytest.mark.parametrize("n", range(4))
        def test_after(devicefarm_session, n): pass
        """
    )
    server = emulator(Scenario())
    result = run("-n1", against=server)
    crashed = result.testcases["test_crash"]
    assert "crashed" in crashed.find("error").attrib["message"]
    assert ("devicefarm.device.name" in result.properties("test_crash")) is (when == "session test")
    if when == "session test":
        assert crashed.findtext("system-out").startswith("AWS Device Farm: Apple iPhone 15 Pro")
    others = [name for name in result.testcases if name != "test_crash"]
    assert len(others) == 8
    assert all("devicefarm.device.name" in result.properties(name) for name in others)
    assert result.suite.attrib["errors"] == "1"
    assert [call.operation for call in server.calls].count("GetRemoteAccessSession") == 2
    assert result.code == 1


def test_a_worker_that_crashes_while_the_phone_boots_is_replaced(run, emulator, pytester):
    """A free test kills the driver before it ever had the session; its replacement gets it."""
    pytester.makepyfile(
        """
        import os

        def test_crash(): os._exit(7)
        def test_free(): pass
        def test_session(devicefarm_session): pass
        """
    )
    server = emulator(
        Scenario(sessions=(Session(steps=(Step("PREPARING", 3.0), Step("RUNNING")), from_first_read=True),))
    )
    result = run("-n1", against=server)
    assert result.properties("test_session")["devicefarm.device.name"] == "Apple iPhone 15 Pro"
    assert result.suite.attrib["errors"] == "1"


def test_free_tests_run_while_the_phone_boots(run, emulator, pytester):
    """Tests that need no session are not held up: one of them makes the phone ready by letting time pass."""
    server = emulator(Scenario(sessions=(Session(steps=(Step("PREPARING", 1000), Step("RUNNING"))),), speed=0))
    pytester.makepyfile(
        """
        def test_session(devicefarm_session): pass
        def test_free(devicefarm_client):
            open("ran", "w").close()
        """
    )
    import threading

    def release() -> None:
        while not (pytester.path / "ran").exists():
            if done.wait(0.05):
                return
        server.clock.advance(1001)

    done = threading.Event()
    watcher = threading.Thread(target=release)
    watcher.start()
    try:
        result = run("-n2", against=server)
    finally:
        done.set()
        watcher.join()
    assert result.code == 0
    assert set(result.testcases) == {"test_session", "test_free"}


def test_workers_that_collect_differently_are_told_so(run, emulator, pytester):
    """xdist's own check of the collections stays in force."""
    pytester.makepyfile(
        """
        import os, pytest

        @pytest.mark.parametrize("n", [os.environ["PYTEST_XDIST_WORKER"]])
        def test_it(devicefarm_session, n): pass
        """
    )
    result = run("-n2", against=emulator(Scenario()))
    assert "Different tests were collected between gw" in result.out
    assert result.code == 1


def test_dist_each_runs_every_test_on_the_driver(run, emulator, pytester):
    """--dist each with one worker runs all tests there, once the phone is ready."""
    pytester.makepyfile(test_a=SUITE)
    result = run("--dist=each", "--tx=popen", against=emulator(BOOTING))
    assert result.code == 0
    assert set(workers_of(result).values()) == {"gw0"}


def test_maxfail_ends_the_run(run, emulator, pytester):
    """-x stops the run as it does without the plugin, and the session is still reported."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("n", range(20))
        def test_session(devicefarm_session, n): assert 0
        """
    )
    result = run("-n2", "-x", against=emulator(Scenario()))
    assert result.code in (1, 2)
    assert len(result.testcases) < 20
    assert result.suite_properties["devicefarm.session.status"] == "RUNNING"


@pytest.mark.parametrize("options", [("-p", "no:xdist"), ("-n0",)], ids=["no-xdist", "n0"])
def test_without_workers_there_is_one_process(run, emulator, pytester, options):
    """-p no:xdist and -n0: one process drives the first session that is ready, and says which are idle."""
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    server = emulator(pool({}, {}))
    result = run(*options, against=server, session=arns(server))
    assert result.code == 0
    assert devices(result)["test_it"].startswith("iPhone")
    assert "devicefarm workers: 1 for 2 sessions, so 1 stays idle: give -n auto" in result.out


def test_failures_are_run_again_on_some_device(run, emulator, pytester):
    """--reruns: each test says its device, and all pass in the end."""
    pytest.importorskip("pytest_rerunfailures")
    pytester.makepyfile(
        """
        import os, pytest

        @pytest.mark.parametrize("n", range(4))
        def test_it(devicefarm_session, n):
            marker = f"failed-{n}"
            if not os.path.exists(marker):
                open(marker, "w").close()
                assert 0
        """
    )
    server = emulator(pool({}, {}))
    result = run("-nauto", "--reruns=1", against=server, session=arns(server))
    assert result.code == 0
    assert "4 passed, 4 rerun" in result.out
    assert set(devices(result).values()) <= {"iPhone 1", "iPhone 2"}


def test_many_tests_of_many_needs_each_run_once(run, emulator, pytester):
    """2,000 tests with twenty different needs, on four of eight sessions: each runs once."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("n", [pytest.param(n, marks=pytest.mark.devicefarm(os=f">={n % 20 / 2}")) for n in range(2000)])
        def test_it(n): pass
        """
    )
    server = emulator(pool(*[{}] * 8))
    result = run("-n4", "-q", against=server, session=arns(server))
    assert result.code == 0
    assert result.suite.attrib["tests"] == "2000"


def test_maxfail_ends_a_pool(run, emulator, pytester):
    """-x stops the run on all devices."""
    pytester.makepyfile(
        """
        import pytest, time

        @pytest.mark.parametrize("n", range(40))
        def test_it(devicefarm_session, n):
            time.sleep(0.05)
            assert n
        """
    )
    server = emulator(pool({}, {}))
    result = run("-nauto", "-x", against=server, session=arns(server))
    assert result.code in (1, 2)
    assert len(result.testcases) < 40
    assert result.suite_properties["devicefarm.2.session.status"] == "RUNNING"
