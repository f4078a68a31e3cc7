"""The rows of the table: a module each, with one function that measures it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ..bench import Bench
from ..figure import Figure
from . import collecting, cost, driver, lateness, pools, reads, scheduling, startup

ROWS: Mapping[str, Callable[[Bench], Iterator[Figure]]] = {
    "startup": startup.measure,
    "cost": cost.measure,
    "lateness": lateness.measure,
    "reads": reads.measure,
    "collecting": collecting.measure,
    "driver": driver.measure,
    "scheduling": scheduling.measure,
    "pools": pools.measure,
}
