"""Waiting against collecting: tests that take 4 s to collect, and a phone that is ready 4 s after the first read.

Both count from the process's start to the first test's. The phone's time begins with the first read, as it does where
the session is created by whoever waits for it; a session that was created long before is ready in both cases.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..bench import Bench
from ..emulator import Phone, Server, serve
from ..figure import Figure, median
from ..process import WITHOUT
from ..suites import Kind, first_test, telling_test, write_suite

_KINDS: tuple[Kind, ...] = ("plugin", "by hand")


def measure(bench: Bench) -> Iterator[Figure]:
    """Seconds to the first test."""
    seconds, rounds = (1.0, 1) if bench.quick else (4.0, 3)
    phones = [Phone(seconds, from_first_read=True)] * (rounds * len(_KINDS))
    with serve(bench.environment, phones, bench.folder / "emulator") as server:
        unread = iter(range(len(phones)))
        for kind in _KINDS:
            times = [_until_first_test(bench, server, kind, next(unread), seconds) for _ in range(rounds)]
            # The longer of both, and 2 s for start-up and noticing: far from their sum.
            target = seconds + 2.0 if kind == "plugin" else None
            yield median(f"{kind}: {seconds:g} s and {seconds:g} s", times, unit="s", at_most=target)


def _until_first_test(bench: Bench, server: Server, kind: Kind, phone: int, seconds: float) -> float:
    suite = write_suite(bench.folder / f"suite-{phone}", kind, **telling_test(seconds))
    run = bench.pytest.run(suite, *(WITHOUT if kind == "by hand" else ()), env=server.env(phone))
    return first_test(suite)[0] - run.began
