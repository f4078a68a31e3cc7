"""Runs that are killed at a random moment leave no session running.

Twelve of them; ``DEVICEFARM_TEST_KILLS`` says how many instead (``tox -e kills``: 100).
"""

from __future__ import annotations

import os
import random
import signal
from importlib.util import find_spec

import pytest

from pytest_devicefarm.emulator import Fault

from .conftest import until

RUNS = int(os.environ.get("DEVICEFARM_TEST_KILLS") or 12)
LEASE = 3
SHORT_LEASES = f"""
    from pytest_devicefarm.farm import ownership
    ownership.LEASE, ownership.RENEWAL = {LEASE}, 1
"""
SUITE = """
    import pytest, time

    @pytest.mark.parametrize("n", range(10))
    def test_uses(devicefarm_session, n):
        time.sleep(0.3)
        assert n != 2
"""
SWALLOWS = """
    def test_swallows(devicefarm_session):
        until = time.monotonic() + 12
        while True:
            try:
                while time.monotonic() < until: time.sleep(0.05)
                break
            except BaseException:
                pass
"""
SLOW = (
    Fault("CreateRemoteAccessSession", "slow", calls={"every": 2}, seconds=0.5),
    Fault("TagResource", "slow", calls={"every": 2}, seconds=0.3),
    Fault("StopRemoteAccessSession", "slow", calls={"every": 2}, seconds=0.3),
    Fault("StopRemoteAccessSession", "throttling", calls={"every": 5}),
)


@pytest.mark.parametrize("number", range(RUNS))
def test_a_run_that_is_killed_leaves_nothing(background, farm, pytester, number):
    """Nothing created runs 10 s after SIGINT or SIGTERM; one sweep stops what SIGKILL has left; attached ones go on."""
    chance = random.Random(number)
    kind = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)[number % 3]
    group, xdist, swallows = bool(number // 3 % 2), bool(number // 6 % 2), chance.random() < 0.3
    server = farm(stop_seconds=0.5, faults=SLOW)
    pytester.makeconftest(SHORT_LEASES)
    pytester.makepyfile(SUITE + (SWALLOWS if swallows else ""))
    run = background(
        "--devicefarm-device=3*platform=ANDROID",
        f"--devicefarm-session={server.attached}",
        *(("-n2",) if xdist and find_spec("xdist") else ()),
        against=server,
    )
    if chance.random() < 0.7:  # most of them around creating, testing and stopping, the others also before
        until(lambda: server.calls("CreateRemoteAccessSession") or run.process.poll() is not None)
    moment = server.clock.now() + chance.uniform(0.0, 6.0)
    until(lambda: server.clock.now() > moment or run.process.poll() is not None)
    if run.process.poll() is None:
        killed = run.send(kind, group=group)
        if kind == signal.SIGKILL:
            run.end()
            assert until(lambda: server.clock.now() > killed + LEASE + 2)
            sweep = background("--devicefarm-sweep", against=server)
            assert sweep.end() == 0, sweep.output
        else:
            until(lambda: run.process.poll() is not None or server.clock.now() > killed + 10)
    assert server.running == [], run.output
    assert server.attached not in {call.params["arn"] for call in server.calls("StopRemoteAccessSession")}
