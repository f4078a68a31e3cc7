"""Measuring several things side by side, so that whatever else the machine does hits all of them alike."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

Arm = TypeVar("Arm", bound=Hashable)
Result = TypeVar("Result")


def interleave(arms: Mapping[Arm, Callable[[], Result]], rounds: int) -> dict[Arm, list[Result]]:
    """Call every arm once a round, each round in the opposite order of the one before; results by arm and round.

    One round more is made first and thrown away: it compiles the tests and fills the machine's caches. Not so before a
    single round, which is there to see that everything works.
    """
    for call in arms.values() if rounds > 1 else ():
        call()
    results: dict[Arm, list[Result]] = {arm: [] for arm in arms}
    for number in range(rounds):
        for arm in list(arms)[:: -1 if number % 2 else 1]:
            results[arm].append(arms[arm]())
    return results
