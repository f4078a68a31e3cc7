"""The wait, as a run sees it: in the background, shown on the terminal, and no longer than it must be."""

from __future__ import annotations

import os
import pty
import re
from contextlib import suppress

import pytest
from conftest import DISTRIBUTIONS, EXAMPLE_ARN

from pytest_devicefarm.emulator import Scenario, Session, Step


def booting(seconds: float | None, **session: object) -> Scenario:
    steps = (Step("PREPARING", seconds), Step("RUNNING"))
    return Scenario(sessions=(Session(steps=steps, from_first_read=True, **session),))


def test_reads_happen_during_collection(run, emulator, pytester):
    """Collection and boot run side by side: this collection ends only when the phone has been read as RUNNING."""
    server = emulator(Scenario(sessions=(Session(steps=(Step("PREPARING", 1000), Step("RUNNING"))),), speed=0))
    pytester.makeconftest(
        """
        from pathlib import Path

        statuses = []
        def pytest_devicefarm_status(session): statuses.append(str(session.status))
        """
    )
    pytester.makepyfile(
        """
        import boto3, os, urllib.request

        # Module level is collection. It asks the emulator for its calls by reading the session itself: the plugin's
        # first reading comes without any test having asked for it.
        client = boto3.client("devicefarm", region_name="us-west-2")
        marker = "collected"
        open(marker, "w").close()
        while not os.path.exists("read"): pass

        def test_it(devicefarm_session): pass
        """
    )
    import threading

    seen: list[str] = []

    def watch() -> None:
        """Once collection has begun, wait for the plugin's reading; then let the boot end, and collection go on."""
        while not done.wait(0.02):
            if (pytester.path / "collected").exists() and server.calls:
                seen.extend(call.operation for call in server.calls)
                server.clock.advance(2000)
                (pytester.path / "read").touch()
                return

    done = threading.Event()
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        result = run(against=server)
    finally:
        done.set()
        watcher.join()
    assert result.code == 0
    assert seen[0] == "GetRemoteAccessSession"


def test_each_change_of_status_is_a_line(run, emulator, pytester):
    """One line a change, with the elapsed time, the device and the mode; none with -q."""
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    shown = run(against=emulator(booting(0.3)))
    lines = [line for line in shown.out.splitlines() if line.startswith("devicefarm: ")]
    assert lines == [
        "devicefarm: 0:00 PREPARING  Apple iPhone 15 Pro, iOS 17.5.1, NO_VIDEO",
        "devicefarm: 0:01 RUNNING  Apple iPhone 15 Pro, iOS 17.5.1, NO_VIDEO",
    ]
    assert "devicefarm" not in run("-q", against=emulator(booting(0.3))).out.replace("--devicefarm", "")


def test_the_block_after_the_header_says_where_each_value_came_from(run, emulator, pytester, monkeypatch):
    """Option, environment, ini file and default are told apart."""
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    pytester.makeini("[pytest]\ndevicefarm_xcuitest = warn\ndevicefarm_queue_timeout = 2m\n")
    monkeypatch.setenv("DEVICEFARM_TIMEOUT", "5m")
    server = emulator(Scenario())
    result = run(f"--devicefarm-endpoint-url={server.url}", against=server)
    assert [line for line in result.out.splitlines() if line.startswith("devicefarm ")] == [
        f"devicefarm session: {EXAMPLE_ARN} (--devicefarm-session)",
        "devicefarm timeout: 5m (DEVICEFARM_TIMEOUT)",
        "devicefarm queue timeout: 2m (ini devicefarm_queue_timeout)",
        "devicefarm xcuitest: warn (ini devicefarm_xcuitest)",
        f"devicefarm endpoint url: {server.url} (--devicefarm-endpoint-url)",
    ]


def test_the_summary_counts_what_ran_on_the_device(run, emulator, pytester):
    """The block at the end names the device, the tests by outcome, status, result, minutes and console page."""
    arn = "arn:aws:devicefarm:us-west-2:123456789101:session:P/S/00000"
    pytester.makepyfile(
        """
        import pytest
        def test_a(devicefarm_session): pass
        def test_b(devicefarm_session): assert 0
        def test_c(devicefarm_session): pytest.skip()
        def test_d(): pass
        """
    )
    session = Session(arn=arn, fields={"deviceMinutes": {"total": 2.25}, "message": "hello"})
    out = run(against=emulator(Scenario(sessions=(session,)))).out.splitlines()
    start = next(number for number, line in enumerate(out) if "= AWS Device Farm =" in line)
    head, row = out[start + 1 : start + 3]
    assert head.split() == ["DEVICE", "PASS", "FAIL", "SKIP", "TIME", "MINUTES", "COST", "STATUS"]
    assert re.fullmatch(r"Apple iPhone 15 Pro, iOS 17.5.1 +1 +1 +1 +\ds +2.25  0.38  RUNNING", row)
    assert out[start + 3 : start + 6] == [
        "NO_VIDEO, result PENDING",
        "hello",
        "https://us-west-2.console.aws.amazon.com/devicefarm/home#/mobile/projects/P/sessions/S/00000",
    ]


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_warning_of_the_xcuitest_rule_is_a_pytest_warning(run, emulator, pytester, dist):
    """With `warn` an INTERACTIVE iOS session runs, and the warning is in pytest's summary, once."""
    pytester.makepyfile(
        """
        def test_a(devicefarm_session): pass
        def test_b(devicefarm_session): pass
        """
    )
    scenario = Scenario(sessions=(Session(fields={"interactionMode": "INTERACTIVE"}),))
    result = run(*dist, "--devicefarm-xcuitest=warn", against=emulator(scenario))
    warning = (
        f"DeviceFarmWarning: session 'EXAMPLE session' {EXAMPLE_ARN} is INTERACTIVE: XCUITest may not run on it "
        "(XCUITest runs in NO_VIDEO and VIDEO_ONLY)"
    )
    assert result.out.count(warning) == 1
    assert result.code == 0
    quiet = run(*dist, "--devicefarm-xcuitest=off", "-Werror", against=emulator(scenario))
    assert quiet.code == 0


def test_a_frozen_clock_or_a_mocked_boto3_in_a_test_is_no_lost_session(run, emulator, pytester):
    """Tests that need no session may freeze time and break boto3 while the phone boots."""
    pytest.importorskip("freezegun")
    pytester.makepyfile(
        """
        import freezegun, os
        from unittest import mock
        from botocore.exceptions import NoCredentialsError

        def wait_for(reads):
            import pathlib
            target = pathlib.Path("reads")
            while not target.exists() or int(target.read_text()) < reads: pass

        def test_frozen():
            with freezegun.freeze_time("2001-01-01"):
                wait_for(3)
        def test_mocked():
            with mock.patch("botocore.client.BaseClient._make_api_call", side_effect=NoCredentialsError) as call:
                while not call.called: pass
        def test_it(devicefarm_session): pass
        """
    )
    import threading

    server = emulator(booting(4.0))

    def count() -> None:
        while not done.wait(0.02):
            partial = pytester.path / "partial"
            partial.write_text(str(len(server.calls)))
            partial.rename(pytester.path / "reads")

    done = threading.Event()
    counter = threading.Thread(target=count)
    counter.start()
    try:
        result = run(against=server)
    finally:
        done.set()
        counter.join()
    assert result.code == 0, result.out + result.err
    assert "NoCredentialsError while a test was running; trying again" in result.out


def test_boot_times_are_remembered(run, emulator, pytester):
    """How long the device took is kept in pytest's cache, for the next run's readings."""
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    run("-p", "cacheprovider", against=emulator(booting(1.2)))
    import json

    remembered = json.loads((pytester.path / ".pytest_cache/v/devicefarm/boot_seconds").read_text())
    assert list(remembered) == ["IOS A3102"]
    assert 1.0 <= remembered["IOS A3102"][0] <= 10.0


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_terminal_shows_that_the_wait_goes_on(background, farm, pytester, dist):
    """A line that is written over and over, and is gone when the next one comes."""
    server = farm(boot=(Step("PREPARING", 3), Step("RUNNING")))
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    ours, runs = pty.openpty()
    run = background("--devicefarm-device=platform=IOS", "--color=no", *dist, against=server, terminal=runs)
    os.close(runs)
    shown = ""
    with os.fdopen(ours, errors="replace", newline="\n") as terminal, suppress(OSError):  # Linux's end of file
        for line in terminal:
            shown += line
    assert run.end() == 0, shown
    (line,) = [line for line in shown.split("\n") if "PREPARING ..." in line]
    assert re.search(r"\rdevicefarm: 0:0[1-9] PREPARING \.\.\. +\r", line)
    assert line.split("\r")[-1].strip() == "" or "RUNNING" in line.split("\r")[-1]


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_boot_is_no_part_of_a_test(run, emulator, pytester, dist):
    """What measures tests or limits their time, as pytest-timeout does, sees a test begin once there is a session."""
    pytester.makeconftest(
        """
        import pytest

        def note(text):
            with open("events", "a") as file: file.write(f"{text}\\n")

        def pytest_devicefarm_ready(session): note("ready")

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_protocol(item):
            note(item.name)
            return (yield)
        """
    )
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.skipif("True", reason="not today")
        def test_skipped(devicefarm_session): pass
        def test_it(devicefarm_session): pass
        """
    )
    result = run(*dist, against=emulator(booting(2)))
    assert result.code == 0, result.out
    events = (pytester.path / "events").read_text().split()
    assert events.index("ready") < events.index("test_it")
    assert dist or events[0] == "test_skipped"
