"""Lateness: from RUNNING on the server to the first test's start, and the reads that it took to notice.

Simulated: a thousand phones that take 60 to 180 s, for the plugin's own wait and for the loops of others; "seen before"
is one earlier boot that took up to three per cent more or less. Real: a few phones at an emulator in another process,
in real time; one process of pytest each, with the cache file that one earlier run leaves.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from ..bench import Bench
from ..emulator import DEVICE_KIND, Phone, Server, serve
from ..figure import Figure, median, worst
from ..process import WITHOUT
from ..simulation import Outcome, loop_waits, plugin_waits
from ..suites import Kind, first_test, telling_test, write_suite

#: The loops that people use, and the seconds that they sleep between two reads.
_LOOPS = {"by hand": 5.0, "AWS's sample": 3.0, "AWS's action": 15.0}
#: Seconds that the real phones take: not all alike to a loop of five seconds.
_BOOTS = [60.0, 71.0, 82.0, 93.0, 104.0, 115.0, 126.0]
_KINDS: tuple[Kind, ...] = ("plugin", "by hand")


def measure(bench: Bench) -> Iterator[Figure]:
    """Seconds late and reads."""
    yield from _simulated(100 if bench.quick else 1000)
    yield from _real(bench, [4.0] if bench.quick else _BOOTS)


def _simulated(seeds: int) -> Iterator[Figure]:
    boots = [random.Random(seed).uniform(60.0, 180.0) for seed in range(seeds)]

    def seen(scatter: float) -> list[Outcome]:
        """Waits for phones that were seen once, when they took up to that share more or less."""
        chance = random.Random(scatter)
        before = [boot * chance.uniform(1 - scatter, 1 + scatter) for boot in boots]
        return [plugin_waits(seed, boot, [before[seed]]) for seed, boot in enumerate(boots)]

    yield from _figures("simulated, seen before", seen(0.03), targets=True)
    yield from _figures("simulated, seen, 15% off", seen(0.15))
    yield from _figures("simulated, never seen", [plugin_waits(seed, boot, []) for seed, boot in enumerate(boots)])
    for name, pause in _LOOPS.items():
        outcomes = [loop_waits(seed, boot, pause) for seed, boot in enumerate(boots)]
        yield from _figures(f"simulated, {name} ({pause:g} s)", outcomes)


def _real(bench: Bench, boots: Sequence[float]) -> Iterator[Figure]:
    """All phones boot at the same time: who waits needs no processor."""
    jobs = [(kind, boot) for kind in _KINDS for boot in boots]
    with (
        serve(bench.environment, [Phone(boot) for _, boot in jobs], bench.folder / "emulator") as server,
        ThreadPoolExecutor(len(jobs)) as pool,
    ):
        started = [pool.submit(_boot, bench, server, number, *job) for number, job in enumerate(jobs)]
        outcomes = [each.result() for each in started]
    yield from _figures("real, seen before", outcomes[: len(boots)], targets=True)
    yield from _figures("real, by hand (5 s)", outcomes[len(boots) :])


def _boot(bench: Bench, server: Server, phone: int, kind: Kind, boot: float) -> Outcome:
    suite = write_suite(bench.folder / f"{kind}-{boot}", kind, **telling_test())
    history = suite / ".pytest_cache" / "v" / "devicefarm" / "boot_seconds"
    if kind == "plugin":
        history.parent.mkdir(parents=True)
        history.write_text(json.dumps({DEVICE_KIND: [round(boot * 0.98, 1)]}))
    bench.pytest.run(suite, *(WITHOUT if kind == "by hand" else ()), env=server.env(phone))
    reads = server.reads(phone)
    if kind == "plugin":
        reads -= 1  # the one after the last test
        remembered = json.loads(history.read_text())
        # Under a key that the plugin does not use, this would be a phone that it never saw.
        assert len(remembered[DEVICE_KIND]) == 2, f"the plugin did not take the seeded history: {remembered}"
    began, started = first_test(suite)
    return Outcome(began - (started + boot), reads)


def _figures(name: str, outcomes: Sequence[Outcome], *, targets: bool = False) -> Iterator[Figure]:
    late = [outcome.lateness for outcome in outcomes]
    reads = [float(outcome.reads) for outcome in outcomes]
    yield median(f"{name}: median", late, unit="s", at_most=0.6 if targets else None)
    yield worst(f"{name}: worst", late, unit="s", at_most=1.3 if targets else None)
    yield median(f"{name}: reads", reads)
    if targets:
        yield worst(f"{name}: most reads", reads, at_most=40)
