"""Reads of AWS under ``-n 4`` against one process: the plugin reads in the controller, a fixture in each worker."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from ..bench import Bench
from ..emulator import Phone, serve
from ..figure import Figure, median
from ..process import WITHOUT
from ..suites import Kind, write_suite

# The plugin reads at 0, 1, 2 and 3 s, each up to a tenth early or late: halfway between two of those the number of
# reads does not depend on the jitter.
_PHONE = Phone(boot=2.5, from_first_read=True)
_TESTS = "".join(f"def test_{number}(devicefarm_session): pass\n" for number in range(8))
_KINDS: tuple[Kind, ...] = ("plugin", "by hand")


def measure(bench: Bench) -> Iterator[Figure]:
    """The number of reads of a whole run, and its ratio."""
    rounds = 1 if bench.quick else 3
    phones = [_PHONE] * (rounds * 4)
    with serve(bench.environment, phones, bench.folder / "emulator") as server, ThreadPoolExecutor(2) as pool:

        def reads(kind: Kind, phone: int, *arguments: str) -> int:
            """The reads of one run, on a phone and in a folder of its own, so that nothing is remembered."""
            suite = write_suite(bench.folder / f"suite-{phone}", kind, test_eight=_TESTS)
            bench.pytest.run(suite, *arguments, *(WITHOUT if kind == "by hand" else ()), env=server.env(phone))
            return server.reads(phone)

        unread = iter(range(len(phones)))
        for kind in _KINDS:
            pairs = []
            for _ in range(rounds):  # both at once: nothing is timed here
                one, many = pool.submit(reads, kind, next(unread)), pool.submit(reads, kind, next(unread), "-n", "4")
                pairs.append((one.result(), many.result()))
            yield median(f"{kind}, one process: reads", (one for one, _ in pairs))
            yield median(f"{kind}, -n 4: reads", (many for _, many in pairs))
            yield median(f"{kind}: ratio", (many / one for one, many in pairs), at_most=1 if kind == "plugin" else None)
