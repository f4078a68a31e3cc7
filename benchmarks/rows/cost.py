"""The cost a test: empty tests that use the session, against the same tests with a trivial fixture and no plugin.

A run of n tests takes a fixed time and n times that of a test. Both come from runs of two sizes: in each round,

    a test  = (time of many tests - time of few) / (many - few)
    more    = a test with the plugin - a test without it
    fixed   = (time of few with the plugin - time of few without it) - few * more

where ``more`` in the last line is the median over all rounds. Times are those of whole processes, so collection counts
as a part of a test's cost, and start-up, boto3's import, the client and the two reads as fixed. The session is RUNNING
before the first run, at an emulator in another process.

A busy machine only ever adds to a run's time, by more than the figures sought here. "Quickest" is ``more`` made of the
least time of each kind of run over all rounds: look at it where the middle half is wide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from ..bench import Bench
from ..emulator import Phone, serve
from ..figure import Figure, median
from ..process import WITHOUT
from ..rounds import interleave
from ..suites import Kind, empty_tests, write_suite

_US = 1e6


@dataclass(frozen=True)
class Arm:
    """One of the runs of a round."""

    kind: Kind
    many: bool
    junit: bool = False


@dataclass(frozen=True)
class Rounds:
    """The seconds of every run; each list has one value a round."""

    seconds: dict[Arm, list[float]]
    few: int
    many: int

    def a_test(self, kind: Kind, junit: bool) -> list[float]:
        """Microseconds a test."""
        pairs = zip(self.seconds[Arm(kind, False, junit)], self.seconds[Arm(kind, True, junit)], strict=True)
        return [(long - short) / (self.many - self.few) * _US for short, long in pairs]

    def more(self, kind: Kind, junit: bool) -> list[float]:
        """Microseconds a test more than with the trivial fixture."""
        return [a - b for a, b in zip(self.a_test(kind, junit), self.a_test("trivial", junit), strict=True)]

    def fixed(self, kind: Kind, junit: bool) -> list[float]:
        """Seconds a run more than with the trivial fixture, whatever the number of tests."""
        slope = median("", self.more(kind, junit)).value / _US
        pairs = zip(self.seconds[Arm(kind, False, junit)], self.seconds[Arm("trivial", False, junit)], strict=True)
        return [a - b - self.few * slope for a, b in pairs]

    def quickest(self) -> Rounds:
        """The round that has the quickest run of each arm."""
        return Rounds({arm: [min(seconds)] for arm, seconds in self.seconds.items()}, self.few, self.many)


def measure(bench: Bench) -> Iterator[Figure]:
    """Microseconds a test and the fixed cost, without JUnit and with it."""
    few, many = (100, 600) if bench.quick else (100, 2000)
    arms = [Arm("by hand", False), Arm("by hand", True)]
    for junit in (False, True):
        arms += [Arm("plugin", False, junit), Arm("trivial", False, junit)]
        arms += [Arm("plugin", True, junit), Arm("trivial", True, junit)]
    suites = {
        (arm.kind, arm.many): write_suite(
            bench.folder / f"{arm.kind}-{arm.many}", arm.kind, **empty_tests(many if arm.many else few)
        )
        for arm in arms
        if not arm.junit
    }
    with serve(bench.environment, [Phone()], bench.folder / "emulator") as server:

        def run(arm: Arm) -> float:
            arguments = ("-q", *(("--junitxml=report.xml",) if arm.junit else ()))
            without = WITHOUT if arm.kind != "plugin" else ()
            return bench.pytest.run(suites[arm.kind, arm.many], *arguments, *without, env=server.env()).seconds

        calls: dict[Arm, Callable[[], float]] = {arm: partial(run, arm) for arm in arms}
        rounds = Rounds(interleave(calls, 1 if bench.quick else 15), few, many)

    for junit, target in ((False, 30), (True, 150)):
        means = "with JUnit" if junit else "without JUnit"
        yield median(f"{means}: more a test", rounds.more("plugin", junit), unit="us", at_most=target)
        yield median(f"{means}: more a test, quickest", rounds.quickest().more("plugin", junit), unit="us")
        yield median(f"{means}: a test without the plugin", rounds.a_test("trivial", junit), unit="us")
        yield median(f"{means}: fixed cost", rounds.fixed("plugin", junit), unit="s", at_most=0.5)
    yield median("by hand: more a test", rounds.more("by hand", False), unit="us")
    yield median("by hand: more a test, quickest", rounds.quickest().more("by hand", False), unit="us")
    yield median("by hand: fixed cost", rounds.fixed("by hand", False), unit="s")
