"""Pools whose phones come late, or never: the run goes on with the others, as far as it can."""

from __future__ import annotations

import pytest
from conftest import DISTRIBUTIONS, needs_xdist
from pools import ANDROID, BROKEN, QUEUED, READY, arn, arns, devices, pool, skips

from pytest_devicefarm.emulator import Step

TEN = """
import pytest

@pytest.mark.parametrize("n", range(10))
def test_it(devicefarm_session, n): pass
"""
POOL = [pytest.param(("-nauto",), id="nauto", marks=needs_xdist), pytest.param((), id="one-process")]
LATER = {"steps": (Step("PREPARING", 3), *READY)}  # when the others have been read
INTERACTIVE = {"fields": {"interactionMode": "INTERACTIVE"}}


@pytest.mark.parametrize("options", POOL)
def test_nobody_waits_for_a_phone_that_is_not_needed(run, emulator, pytester, options):
    """Of three phones one stays queued for ever: the others do all the work, the run ends, and says which stayed."""
    pytester.makepyfile(TEN.replace("pass", "import time; time.sleep(0.1)"))
    server = emulator(pool({"steps": QUEUED}, {}, {}))
    result = run(*options, against=server, session=arns(server))
    assert result.code == 0
    assert set(devices(result).values()) <= {"iPhone 2", "iPhone 3"}
    assert len(result.testcases) == 10
    summary = result.out.partition("= AWS Device Farm =")[2].splitlines()
    (row,) = [line for line in summary if line.startswith("1 iPhone 1, iOS 17.5.1")]
    assert row.split()[-1] == "PENDING_CONCURRENCY"
    assert "1 NO_VIDEO, result PENDING, no test used it" in summary
    assert result.suite_properties["devicefarm.1.session.status"] == "PENDING_CONCURRENCY"


@needs_xdist
def test_work_starts_on_each_device_as_soon_as_it_is_ready(run, emulator, pytester):
    """A phone is let out of the queue only by a test on another one; and what only it fits is waited for."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.devicefarm(platform="ANDROID")
        def test_android(devicefarm_session): pass
        @pytest.mark.parametrize("n", range(10))
        def test_any(devicefarm_session, n): open(f"any-{n}", "w").close()
        """
    )
    import threading

    def let_out() -> None:
        def waits() -> bool:  # its boot begins with its first reading
            return len(list(pytester.path.glob("any-*"))) < 10 or arn(1) not in [
                call.params.get("arn") for call in server.calls
            ]

        while waits():
            if done.wait(0.02):
                return
        server.clock.advance(1001)

    server = emulator(pool(ANDROID | {"steps": (Step("PREPARING", 1000), Step("RUNNING"))}, {}, {}, speed=0))
    done = threading.Event()
    watcher = threading.Thread(target=let_out)
    watcher.start()
    try:
        result = run("-nauto", against=server, session=arns(server))
    finally:
        done.set()
        watcher.join()
    assert result.code == 0
    where = devices(result)
    assert where.pop("test_android") == "Google Pixel 8"
    assert "Google Pixel 8" not in where.values()


@pytest.mark.parametrize("options", POOL)
def test_a_phone_that_never_comes_is_said_and_the_others_do_its_work(run, emulator, pytester, options):
    """A session that breaks before it is ready costs no test that another one fits."""
    pytester.makepyfile(TEN)
    server = emulator(pool({"steps": BROKEN}, LATER))
    result = run(*options, against=server, session=arns(server))
    assert result.code == 0
    assert set(devices(result).values()) == {"iPhone 2"}
    lines = [line for line in result.out.splitlines() if line.endswith("; the run goes on without it")]
    assert len(lines) == 1
    assert lines[0].startswith("devicefarm: [1] ")
    assert "no such luck" in lines[0]
    assert result.suite_properties["devicefarm.1.session.status"] == "COMPLETED"
    assert result.suite_properties["devicefarm.2.session.status"] == "RUNNING"


@pytest.mark.parametrize("options", POOL)
def test_what_only_the_missing_phone_fits_is_skipped_with_the_reason(run, emulator, pytester, options):
    """An Android test without an Android phone is skipped; it says what was needed and what there was."""
    pytester.makepyfile(
        """
        import pytest

        def test_any(devicefarm_session): pass
        @pytest.mark.devicefarm(platform="ANDROID")
        def test_android(devicefarm_session): pass
        """
    )
    server = emulator(pool(ANDROID | {"steps": BROKEN}, LATER))
    result = run(*options, against=server, session=arns(server))
    assert result.code == 0
    assert skips(result) == {
        "test_android": "needs a device with platform=ANDROID, there is iPhone 2 (iOS 17.5.1, PHONE, NO_VIDEO); "
        "Google Pixel 8 (Android 14, PHONE, NO_VIDEO), which did not come"
    }


@needs_xdist
def test_a_test_that_asks_late_has_the_phone_that_comes_late(farm, run, pytester):
    """Its worker, which gets no more tests, is still one to which a session may go."""
    pytester.makepyfile(
        """
        import time
        def test_a(devicefarm_session): time.sleep(1)
        def test_b(devicefarm_session): time.sleep(1)
        def test_c(request): request.getfixturevalue("devicefarm_session")
        def test_d(request): request.getfixturevalue("devicefarm_session")
        """
    )
    server = farm(metered_slots=1, boot=(Step("PREPARING", 1), *READY), stop_seconds=0.1)
    result = run("-nauto", "--devicefarm-device=2*platform=IOS", against=server.server, session=())
    assert result.code == 0, result.out


@pytest.mark.parametrize("options", POOL)
def test_a_run_to_which_no_phone_came_fails_with_69(run, emulator, pytester, options):
    """Try again later: one line, and the JUnit file has the error and what is known of each session."""
    pytester.makepyfile(TEN)
    server = emulator(pool({"steps": BROKEN}, {"steps": BROKEN}))
    result = run(*options, against=server, session=arns(server))
    assert result.code == 69
    assert "no such luck" in result.error_line
    assert "error" in {child.tag for child in result.testcases["devicefarm"]}
    assert result.suite_properties["devicefarm.2.session.status"] == "COMPLETED"
    assert not [name for name, device in devices(result).items() if device and name != "devicefarm"]


@pytest.mark.parametrize("options", POOL)
def test_min_sessions_is_how_many_must_come(run, emulator, pytester, options):
    """With a bar of two, one of two is not enough: 69, and the line says so."""
    pytester.makeini("[pytest]\ndevicefarm_min_sessions = 2\n")
    pytester.makepyfile(TEN)
    server = emulator(pool({"steps": BROKEN}, LATER))
    result = run(*options, against=server, session=arns(server))
    assert result.code == 69
    assert result.error_line.startswith("ERROR: 1 of 2 sessions did not come, 2 must: ")


@pytest.mark.parametrize("options", POOL)
@pytest.mark.parametrize(
    ("phones", "sessions", "message"),
    [
        pytest.param((LATER,), [arn(1), arn(9)], "phone-9", id="not-found"),
        pytest.param((LATER, INTERACTIVE), [arn(1), arn(2)], "--devicefarm-xcuitest=warn", id="xcuitest"),
        pytest.param(({},), [arn(1), arn(1)], "is named twice", id="same-arn"),
        pytest.param(
            ({},),
            [
                arn(1),
                "https://us-west-2.console.aws.amazon.com/devicefarm/home#/mobile/projects/EXAMPLE-GUID-123-456/"
                "sessions/phone-1/00000",
            ],
            "is named twice",
            id="same-by-url",
        ),
        pytest.param((LATER,), [arn(1), "phone 1"], "is named twice", id="same-by-name"),
        pytest.param(
            ({},), [arn(1), arn(2).replace("123456789101", "210987654321")], "in 2 AWS accounts", id="two-accounts"
        ),
    ],
)
def test_what_the_user_must_change_ends_the_run_with_4(run, emulator, pytester, options, phones, sessions, message):
    """A session that cannot be used is no phone that did not come: one line, whatever the other sessions do."""
    pytester.makepyfile(TEN)
    server = emulator(pool(*phones))
    more = ("--devicefarm-project=Example project",) if "phone 1" in sessions else ()
    result = run(*options, *more, against=server, session=sessions)
    assert result.code == 4
    assert message in result.error_line
    assert [call.operation for call in server.calls if not call.operation.startswith(("Get", "List"))] == []


@pytest.mark.parametrize("options", DISTRIBUTIONS)
def test_a_bar_that_cannot_be_reached_is_told_at_once(run, emulator, pytester, options):
    """devicefarm_min_sessions is at most the number of sessions."""
    pytester.makeini("[pytest]\ndevicefarm_min_sessions = 3\n")
    pytester.makepyfile(TEN)
    server = emulator(pool({}, {}))
    result = run(*options, against=server, session=arns(server))
    assert result.code == 4
    assert "3 is none of 1 to 2, the number of sessions" in result.error_line
    assert server.calls == []
