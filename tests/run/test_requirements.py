"""Markers that say what a test needs: it runs where that is, and is skipped, with the reason, where nothing fits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import DISTRIBUTIONS, needs_xdist
from pools import ANDROID, TABLET, TELLS_WORKER, arn, arns, devices, pool, skips, workers

from pytest_devicefarm.emulator import Fault

#: What tests say that they ran on, in their testcases.
MIXED = f"""
{TELLS_WORKER}
needs = pytest.mark.devicefarm

@needs(platform="ANDROID")
@pytest.mark.parametrize("n", range(4))
def test_android(devicefarm_device, n): assert devicefarm_device.platform == "ANDROID"

@needs(platform="IOS")
class TestIos:
    @pytest.mark.parametrize("n", range(4))
    def test_ios(self, devicefarm_device, n): assert devicefarm_device.platform == "IOS"
    @needs(form_factor="TABLET", os=">=16,<17")
    def test_tablet(self, devicefarm_device): assert devicefarm_device.form_factor == "TABLET"
    @needs(platform="ANDROID")
    def test_nearest_wins(self, devicefarm_device): assert devicefarm_device.platform == "ANDROID"

@pytest.mark.parametrize("n", range(4))
def test_any(devicefarm_session, n): assert devicefarm_session.status == "RUNNING"
@pytest.mark.parametrize("n", range(4))
def test_free(n): pass
@needs(os="<10")
def test_nowhere(): assert 0
@needs(platform="ANDROID")
def test_marked_only(): pass
"""
THREE = ({}, TABLET, ANDROID)
POOL = [pytest.param(("-nauto",), id="nauto", marks=needs_xdist), pytest.param((), id="one-process")]


@needs_xdist
@pytest.mark.parametrize("dist", ["load", "worksteal", "loadscope", "loadfile", "loadgroup"])
def test_a_mixed_pool_runs_each_test_where_it_has_to(run, emulator, pytester, dist):
    """Under every --dist; the assertions are in the tests themselves, none ran twice, and one fits nowhere."""
    pytester.makepyfile(test_a=MIXED, test_b=MIXED)
    server = emulator(pool(*THREE))
    result = run("-nauto", f"--dist={dist}", against=server, session=arns(server))
    assert result.code == 0, result.out
    assert result.suite.attrib["tests"] == "40"
    assert "38 passed, 2 skipped" in result.out
    assert skips(result) == {"test_nowhere": skips(result)["test_nowhere"]}
    assert skips(result)["test_nowhere"].startswith("needs a device with os<10, there is iPhone 1 (iOS 17.5.1, PHONE")
    where = devices(result)
    assert where["test_tablet"] == "Apple iPad"
    assert where["test_nearest_wins"] == "Google Pixel 8"


@needs_xdist
def test_each_runs_every_test_where_it_fits(run, emulator, pytester):
    """--dist each: on every device that fits, and skipped on the others."""
    pytester.makepyfile(MIXED)
    server = emulator(pool(*THREE))
    result = run("-nauto", "--dist=each", against=server, session=arns(server))
    assert result.code == 0, result.out
    assert result.suite.attrib["tests"] == "60"
    # android 4, nearest wins and marked only on 2 others; ios 4 on 1, tablet on 2; nowhere on 3.
    assert result.suite.attrib["skipped"] == str(4 * 2 + 2 * 2 + 4 * 1 + 2 + 3)
    assert set(skips(result).values()) >= {
        "needs a device with platform=ANDROID; this one is iPhone 1 (iOS 17.5.1, PHONE, NO_VIDEO)"
    }


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize(
    ("marker", "runs"),
    [
        ('platform="IOS"', True),
        ('platform="ANDROID"', False),
        ('os=">=17"', True),
        ('os=">=16,<18"', True),
        ('os="<17.5"', False),
        ('form_factor="TABLET"', False),
        ("xcuitest=True", True),
        ('platform="IOS", os=">=18"', False),
    ],
)
def test_one_session_decides_alike_with_and_without_xdist(run, emulator, pytester, dist, marker, runs):
    """One process with one session skips what -n 2 with that session skips, and says what was needed and is there."""
    pytester.makepyfile(
        f"import pytest\n@pytest.mark.devicefarm({marker})\ndef test_it(devicefarm_session): pass\n"
        "def test_other(devicefarm_session): pass\n"
    )
    result = run(*dist, against=emulator(pool({})))
    assert result.code == 0
    assert list(skips(result)) == ([] if runs else ["test_it"])
    if not runs:
        assert skips(result)["test_it"].startswith("needs a device with ")
        assert "there is iPhone 1 (iOS 17.5.1, PHONE, NO_VIDEO)" in skips(result)["test_it"]


@pytest.mark.parametrize("options", POOL)
def test_xcuitest_needs_an_ios_session_that_can_run_it(run, emulator, pytester, options):
    """Neither Android nor an INTERACTIVE iOS session fits xcuitest=True, though the rule is off."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.devicefarm(xcuitest=True)
        def test_it(devicefarm_session): pass
        def test_other(devicefarm_session): pass
        """
    )
    server = emulator(pool({"fields": {"interactionMode": "INTERACTIVE"}}, ANDROID))
    result = run(*options, "--devicefarm-xcuitest=off", against=server, session=arns(server))
    assert result.code == 0
    assert list(skips(result)) == ["test_it"]
    assert "needs a device with xcuitest=true" in skips(result)["test_it"]


def test_one_process_takes_the_session_that_fits_its_first_test(run, emulator, pytester):
    """Two sessions in one process: the first that fits; what only the other fits is skipped, with the remedy."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.devicefarm(platform="ANDROID")
        def test_android(devicefarm_session): pass
        def test_any(devicefarm_session): pass
        @pytest.mark.devicefarm(platform="IOS")
        def test_ios(devicefarm_session): pass
        """
    )
    server = emulator(pool({}, ANDROID))
    result = run(against=server, session=arns(server))
    assert result.code == 0
    where = devices(result)
    assert where["test_android"] == where["test_any"] == "Google Pixel 8"
    reason = skips(result)["test_ios"]
    assert reason.startswith("needs a device with platform=IOS, there is Google Pixel 8 (Android 14, PHONE, NO_VIDEO)")
    assert "; no worker drives " in reason
    assert reason.endswith("give -n auto")


@needs_xdist
def test_one_worker_takes_a_session_that_some_test_fits(run, emulator, pytester):
    """-n 1 and two sessions: not the first that is ready, if none of the tests can run there."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.devicefarm(platform="ANDROID")
        @pytest.mark.parametrize("n", range(3))
        def test_android(devicefarm_session, n): pass
        """
    )
    server = emulator(pool({}, ANDROID))
    result = run("-n1", against=server, session=arns(server))
    assert result.code == 0
    assert set(devices(result).values()) == {"Google Pixel 8"}
    assert not skips(result)


@pytest.mark.parametrize("options", POOL)
@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ('"IOS"', "has the nameless argument 'IOS'"),
        ('platfrom="IOS"', "platfrom"),
        ('xcuitest="yes"', "xcuitest is 'yes': expected True or False"),
    ],
)
def test_a_marker_that_states_no_requirement_ends_the_run_with_4(run, emulator, pytester, options, marker, message):
    """One line, with and without xdist, and no test is run."""
    pytester.makepyfile(
        f"import pytest\n@pytest.mark.devicefarm({marker})\ndef test_it(devicefarm_session): pass\ndef test_free(): pass\n"
    )
    server = emulator(pool({}, {}))
    result = run(*options, against=server, session=arns(server))
    assert result.code == 4
    assert message in result.error_line
    assert result.error_line.startswith(f"ERROR: {pytester.path.name[:-1]}.py::test_it: ")
    assert "passed" not in result.out


@needs_xdist
def test_the_most_restricted_tests_go_first(run, emulator, pytester):
    """The tablet runs the one test that only it fits before those that the phone can run as well."""
    pytester.makepyfile(
        """
        import pytest, time

        @pytest.mark.parametrize("n", range(6))
        def test_any(devicefarm_session, n): time.sleep(0.05)
        @pytest.mark.devicefarm(form_factor="TABLET")
        def test_tablet(devicefarm_session): pass
        """
    )
    server = emulator(pool({}, TABLET))
    result = run("-nauto", against=server, session=arns(server))
    assert result.code == 0
    order = [name for name in result.testcases if devices(result)[name] == "Apple iPad"]
    assert order[0] == "test_tablet"


@needs_xdist
@pytest.mark.parametrize("dist", ["loadscope", "loadfile", "loadgroup"])
def test_a_group_stays_whole_where_a_session_fits_all_of_it(run, emulator, pytester, dist):
    """Needs of several kinds, and none at all: one worker, on the one device that fits all."""
    pytester.makepyfile(
        f"""{TELLS_WORKER}
pytestmark = pytest.mark.xdist_group("together")

@pytest.mark.devicefarm(platform="IOS")
def test_ios(devicefarm_session): pass
@pytest.mark.devicefarm(form_factor="TABLET")
def test_tablet(devicefarm_session): pass
def test_any(devicefarm_session): pass
def test_free(): pass
"""
    )
    server = emulator(pool({}, ANDROID, TABLET))
    result = run("-nauto", f"--dist={dist}", against=server, session=arns(server))
    assert result.code == 0
    assert len(set(workers(result).values())) == 1
    assert {device for device in devices(result).values() if device} == {"Apple iPad"}


@needs_xdist
@pytest.mark.parametrize("dist", ["loadscope", "loadfile", "loadgroup"])
@pytest.mark.parametrize("late", [False, True], ids=["ready", "devices-known-late"])
def test_a_group_that_no_session_fits_is_taken_apart(run, emulator, pytester, dist, late):
    """Tests for iOS and for Android in one group run, each where it can; so they do if the devices come late."""
    pytester.makepyfile(
        f"""{TELLS_WORKER}
pytestmark = pytest.mark.xdist_group("together")

@pytest.mark.devicefarm(platform="IOS")
@pytest.mark.parametrize("n", range(2))
def test_ios(devicefarm_session, n): pass
@pytest.mark.devicefarm(platform="ANDROID")
@pytest.mark.parametrize("n", range(2))
def test_android(devicefarm_session, n): pass
def test_free(): pass
@pytest.mark.devicefarm(form_factor="TABLET")
def test_tablet(devicefarm_session): pass
"""
    )
    # By its name the second one is found only once the list can be read, some seconds later.
    server = emulator(pool({}, ANDROID, faults=(Fault("ListRemoteAccessSessions", "unavailable", calls=[1, 2, 3]),)))
    sessions = [arn(1), "phone 2"] if late else arns(server)
    more = ("--devicefarm-project=Example project",) if late else ()
    result = run("-nauto", f"--dist={dist}", *more, against=server, session=sessions)
    assert result.code == 0
    where = devices(result)
    assert {where["test_ios[0]"], where["test_ios[1]"]} == {"iPhone 1"}
    assert {where["test_android[0]"], where["test_android[1]"]} == {"Google Pixel 8"}
    assert list(skips(result)) == ["test_tablet"]


@pytest.mark.parametrize("options", POOL)
def test_a_test_that_asks_by_name_gets_a_session(run, emulator, pytester, options):
    """Only getfixturevalue, in the whole run: every worker has a session, so each of them gets its own."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("n", range(6))
        def test_it(request, n): assert request.getfixturevalue("devicefarm_session").status == "RUNNING"
        """
    )
    server = emulator(pool({}, {}))
    result = run(*options, against=server, session=arns(server))
    assert result.code == 0
    assert all(device.startswith("iPhone") for device in devices(result).values())


@needs_xdist
def test_the_documentations_example_runs(run, emulator, pytester):
    """docs/xdist.md: each of its tests finds a session in a pool of a phone, a tablet and an Android phone."""
    page = Path(__file__).parents[2] / "docs" / "xdist.md"
    (example,) = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    pytester.makepyfile(example)
    server = emulator(pool(*THREE))
    result = run("-nauto", against=server, session=arns(server))
    assert result.code == 0
    assert not skips(result)
    assert devices(result)["test_split_view"] == "Apple iPad"
    assert devices(result)["test_back_gesture"] == "Google Pixel 8"
