"""Pools: a suite on 1, 2, 4 and 8 sessions, and a hundred sessions waited for at once.

60 tests of 0.5 s with as many workers as sessions, from the first test's start to the last one's end: against the
ideal (30 s by the number of sessions), and against plain xdist with as many workers, a trivial fixture and no plugin.
The hundred sessions are simulated: how late each is found, and the most reads of AWS in any second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from ..bench import Bench
from ..emulator import Phone, serve
from ..figure import Figure, median, worst
from ..process import WITHOUT
from ..rounds import interleave
from ..simulation import pool_waits
from ..suites import Kind, write_suite

_COUNT = 60
_SECONDS = 0.5
_TESTS = """
import pathlib, time

import pytest

@pytest.mark.parametrize("n", range({count}))
def test_it(devicefarm_session, n):
    start = time.time()
    time.sleep({seconds})
    pathlib.Path(f"time-{{n}}").write_text(f"{{start}} {{time.time()}}")
"""
_KINDS: tuple[Kind, ...] = ("plugin", "trivial")


class Arm(NamedTuple):
    """One of the runs of a round."""

    kind: Kind
    sessions: int


def measure(bench: Bench) -> Iterator[Figure]:
    """Ratios of the time in which tests ran, then seconds late and reads a second."""
    yield from _suites(bench)
    yield from _hundred(2 if bench.quick else 20)


def _suites(bench: Bench) -> Iterator[Figure]:
    seconds = 0.1 if bench.quick else _SECONDS
    pools = (1, 8) if bench.quick else (1, 2, 4, 8)
    tests = _TESTS.format(count=_COUNT, seconds=seconds)
    suites = {kind: write_suite(bench.folder / kind, kind, test_60=tests) for kind in _KINDS}
    with serve(bench.environment, [Phone()] * max(pools), bench.folder / "emulator") as server:

        def run(arm: Arm) -> float:
            suite = suites[arm.kind]
            env = server.env()
            if arm.kind == "plugin":
                env |= {"DEVICEFARM_SESSION": " ".join(map(server.arn, range(arm.sessions)))}
            without = WITHOUT if arm.kind == "trivial" else ()
            bench.pytest.run(suite, "-n", str(arm.sessions), *without, env=env)
            return _span(suite)

        arms = [Arm(kind, sessions) for sessions in pools for kind in _KINDS]
        calls: dict[Arm, Callable[[], float]] = {arm: partial(run, arm) for arm in arms}
        spans = interleave(calls, 1 if bench.quick else 3)

    for sessions in pools:
        ideal = _COUNT * seconds / sessions
        ours, plain = (spans[Arm(kind, sessions)] for kind in _KINDS)
        name = f"{sessions} session" + ("s" if sessions > 1 else "")
        yield median(f"{name}: ratio to the ideal", (each / ideal for each in ours), at_most=1.15)
        yield median(f"{name}: plain xdist, ratio to the ideal", (each / ideal for each in plain))
        yield median(f"{name}: ratio to plain xdist", map(float.__truediv__, ours, plain), at_most=1.0)


def _span(suite: Path) -> float:
    """Seconds from the first test's start to the last one's end; every test must have run."""
    files = list(suite.glob("time-*"))
    assert len(files) == _COUNT, f"{len(files)} tests ran"
    times = [tuple(map(float, file.read_text().split())) for file in files]
    for file in files:
        file.unlink()
    return max(end for _, end in times) - min(start for start, _ in times)


def _hundred(seeds: int) -> Iterator[Figure]:
    for name, longest_queue, seen in (("never seen", 0.0, False), ("seen before", 0.0, True), ("queued", 600.0, False)):
        outcomes = [pool_waits(seed, 100, longest_queue=longest_queue, seen=seen) for seed in range(seeds)]
        late = [each for outcome in outcomes for each in outcome.lateness]
        yield median(f"100 at once, {name}: late, median", late, unit="s")
        yield worst(f"100 at once, {name}: late, worst", late, unit="s", at_most=25)
        most = [float(outcome.most_reads_a_second) for outcome in outcomes]
        yield worst(f"100 at once, {name}: most reads a second", most, at_most=5)
