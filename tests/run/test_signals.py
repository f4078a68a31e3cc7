"""Signals that end a run: each created session has its Stop within five seconds, whatever a test makes of them."""

from __future__ import annotations

import signal

import pytest
from conftest import DISTRIBUTIONS, needs_xdist

from pytest_devicefarm.emulator import Fault, Session, Step

from .conftest import until

SWALLOWS = """
    import pathlib, time

    def test_swallows(devicefarm_session):
        until = time.monotonic() + {seconds}
        pathlib.Path("testing").touch()
        while True:
            try:
                while time.monotonic() < until: time.sleep(0.05)
                break
            except BaseException:
                pass
"""
WAITS = """
    import pathlib, time

    def test_waits(devicefarm_session):
        pathlib.Path("testing").touch()
        time.sleep(100)
"""
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("number", SIGNALS)
def test_an_interrupted_run_ends_with_2(background, farm, pytester, number, dist):
    """While an attached phone boots: pytest's own exit code, the reports, no wait for the wait, and no Stop."""
    server = farm(sessions=(Session(steps=(Step("PREPARING"),)),))
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    run = background(f"--devicefarm-session={server.attached}", *dist, against=server)
    assert until(lambda: "PREPARING" in run.output)
    run.send(number)
    assert run.end() == 2, run.output
    assert "no tests ran" in run.output
    assert run.properties["devicefarm.session.status"] == "PREPARING"
    assert server.stopped == {}


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("group", [False, True], ids=["process", "group"])
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_stops_what_was_created(background, farm, pytester, number, group, dist):
    """Within 5 s; the exit code is 2, the JUnit file is there, and the attached session goes on."""
    server = farm()
    pytester.makepyfile(WAITS)
    run = background(
        "--devicefarm-device=2*platform=ANDROID", f"--devicefarm-session={server.attached}", *dist, against=server
    )
    assert until(lambda: len(server.created) == 2), run.output
    run.wait_for("testing")
    sent = run.send(number, group=group)
    assert run.end() == 2, run.output
    assert set(server.stopped) == {each["arn"] for each in server.created}
    assert max(server.stopped.values()) - sent < 5
    assert run.properties["devicefarm.2.session.status"] in ("STOPPING", "COMPLETED")
    assert "goes on without it" not in run.output


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("number", SIGNALS)
def test_a_test_that_swallows_the_interrupt(background, farm, pytester, number, dist):
    """The Stop calls go out while it still runs, and the run ends with 2 after it."""
    server = farm()
    pytester.makepyfile(SWALLOWS.format(seconds=7))
    run = background("--devicefarm-device=2*platform=ANDROID", *dist, against=server)
    assert until(lambda: len(server.created) == 2), run.output
    run.wait_for("testing")
    sent = run.send(number, group=True)
    assert until(lambda: not server.running, 5)
    assert max(server.stopped.values()) - sent < 5
    assert run.end() == 2, run.output
    assert run.report.exists()


def test_a_session_that_a_signal_stopped_is_not_lost(background, farm, pytester):
    """A test that fails because of it says nothing of a loss, and no other session is created."""
    server = farm()
    pytester.makepyfile(SWALLOWS.format(seconds=4) + "        assert 0, 'own'\n")
    run = background("--devicefarm-device=platform=ANDROID", "--devicefarm-lost=replace", against=server)
    run.wait_for("testing")
    run.send(signal.SIGINT)
    assert run.end() == 2, run.output
    assert run.testcases["test_swallows"].find("failure").attrib["message"].startswith("AssertionError: own")
    assert "Device Farm session ended" not in run.output
    assert len(server.created) == 1


@needs_xdist
def test_ten_sessions(background, farm, pytester):
    """All ten have their Stop within 5 s of the signal, while a test swallows the interrupt."""
    server = farm(rate_limits=True)
    pytester.makepyfile(SWALLOWS.format(seconds=8))
    run = background("--devicefarm-device=10*platform=ANDROID", against=server)
    assert until(lambda: len(server.created) == 10), run.output
    run.wait_for("testing")
    sent = run.send(signal.SIGTERM)
    assert until(lambda: len(server.stopped) == 10, 5)
    assert max(server.stopped.values()) - sent < 5
    assert run.end() == 2, run.output


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("swallows", [False, True])
def test_githubs_cancel(background, farm, pytester, swallows, dist):
    """SIGINT, 7.5 s, SIGTERM, 2.5 s, SIGKILL, to the entry process alone: nothing that was created is RUNNING."""
    server = farm()
    pytester.makepyfile(SWALLOWS.format(seconds=60) if swallows else WAITS)
    run = background("--devicefarm-device=2*platform=ANDROID", *dist, against=server)
    assert until(lambda: len(server.created) == 2), run.output
    run.wait_for("testing")
    for number, seconds in ((signal.SIGINT, 7.5), (signal.SIGTERM, 2.5), (signal.SIGKILL, 1)):
        run.send(number)
        if until(lambda: run.process.poll() is not None, seconds):
            break
    assert server.running == []
    assert len(server.stopped) == 2


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("number", SIGNALS)
def test_while_a_session_is_being_created(background, farm, pytester, number, dist):
    """A Create whose answer is on its way: the session is stopped as soon as it is known."""
    server = farm(faults=(Fault("CreateRemoteAccessSession", "slow", seconds=2),))
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    run = background("--devicefarm-device=platform=IOS", *dist, against=server)
    assert until(lambda: server.created), run.output
    sent = run.send(number)
    assert run.end() == 2, run.output
    assert len(server.created) == 1
    assert server.running == []
    assert max(server.stopped.values()) - sent < 5


def test_a_create_whose_answer_is_lost(background, farm, pytester):
    """The run is over before it could be found out whether there is a session: it is found by its name, and stopped."""
    lost = Fault("CreateRemoteAccessSession", "lost-answer")
    server = farm(faults=(lost, Fault("ListRemoteAccessSessions", "server-error", calls=[1, 2, 3])))
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    run = background("--devicefarm-device=platform=IOS", against=server)
    assert until(lambda: server.calls("ListRemoteAccessSessions")), run.output
    run.send(signal.SIGINT)
    assert run.end() == 2, run.output
    assert server.running == []


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_signal_while_the_run_ends(background, farm, pytester, dist):
    """While it waits for COMPLETED: no longer then, with every report, and 2.

    With xdist a session is stopped as soon as its worker is done, so there the signal may come before the end.
    """
    server = farm(stop_seconds=1000)
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    run = background("--devicefarm-device=platform=IOS", *dist, against=server)
    assert until(lambda: server.stopped), run.output
    run.send(signal.SIGTERM)
    assert run.end(10) == 2, run.output
    assert dist or 'value="STOPPING"' in run.report.read_text()
    assert "1 passed" in run.output


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_more_signals_do_not_break_a_stop_off(background, farm, pytester, dist):
    """Whoever presses Ctrl-C again and again, while a Stop is tried again, does not leave a session running."""
    server = farm(faults=(Fault("StopRemoteAccessSession", "throttling", calls=[1, 2, 3]),))
    pytester.makepyfile(WAITS)
    run = background("--devicefarm-device=platform=IOS", *dist, against=server)
    run.wait_for("testing")
    run.send(signal.SIGINT)

    def again() -> bool:
        run.send(signal.SIGINT)
        return not server.running or run.process.poll() is not None

    assert until(lambda: server.calls("StopRemoteAccessSession"))
    assert until(again)
    run.end()
    assert server.running == []


def test_an_event_loop_of_a_tests_own(background, farm, pytester):
    """It may take over all signals for as long as it lives; a signal that comes after it is seen again."""
    server = farm()
    pytester.makepyfile(
        """
        import asyncio, signal

        def test_loop(devicefarm_session):
            async def main():
                loop = asyncio.get_running_loop()
                heard = asyncio.Event()
                loop.add_signal_handler(signal.SIGUSR1, heard.set)
                signal.raise_signal(signal.SIGUSR1)
                await asyncio.wait_for(heard.wait(), 5)
            asyncio.run(main())
        """
        + SWALLOWS.format(seconds=7).replace("\n    ", "\n        ")
    )
    run = background("--devicefarm-device=platform=IOS", against=server)
    run.wait_for("testing")
    sent = run.send(signal.SIGTERM)
    assert until(lambda: not server.running, 5)
    assert max(server.stopped.values()) - sent < 5
    assert run.end() == 2, run.output
    assert "2 passed" in run.output
