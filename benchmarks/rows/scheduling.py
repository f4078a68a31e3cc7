"""The scheduler's cost: 200 tests of 5 ms under ``-n 2``, every other one on the session, against plain xdist.

Only the worker that drives the session may run the tests that use it, so that half of the work cannot be spread; the
plain run, with a trivial fixture, is free to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from ..bench import Bench
from ..emulator import Phone, serve
from ..figure import Figure, median
from ..process import WITHOUT, Run
from ..rounds import interleave
from ..suites import Kind, write_suite

_TESTS = "import time\n" + "".join(
    f"def test_{number}({'devicefarm_session' if number % 2 else ''}): time.sleep(0.005)\n" for number in range(200)
)


def measure(bench: Bench) -> Iterator[Figure]:
    """Whole processes: seconds, and their ratio."""
    kinds: tuple[Kind, ...] = ("plugin", "trivial")
    suites = {kind: write_suite(bench.folder / kind, kind, test_200=_TESTS) for kind in kinds}
    with serve(bench.environment, [Phone()], bench.folder / "emulator") as server:

        def run(kind: Kind) -> Run:
            arguments = ("-n", "2", *(WITHOUT if kind == "trivial" else ()))
            return bench.pytest.run(suites[kind], *arguments, env=server.env())

        calls: dict[Kind, Callable[[], Run]] = {kind: partial(run, kind) for kind in kinds}
        runs = interleave(calls, 1 if bench.quick else 11)
    pairs = list(zip(runs["plugin"], runs["trivial"], strict=True))
    yield median("plugin", (run.seconds for run in runs["plugin"]), unit="s")
    yield median("plain xdist", (run.seconds for run in runs["trivial"]), unit="s")
    yield median("ratio", (ours.seconds / plain.seconds for ours, plain in pairs))
    yield median("more", (ours.seconds - plain.seconds for ours, plain in pairs), unit="s")
