"""``python -m benchmarks``: measure, print a table, write JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .bench import Bench
from .environment import RESULTS, Environment, make_environment
from .figure import Figure, table
from .process import RunFailed
from .rows import ROWS

_BUSY = 0.5  #: the load from which on figures are doubtful; the benchmarks' own is 1, at times 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the rows asked for; returns 1 where one of them could not be measured."""
    options = _parser().parse_args(arguments)
    began, load = datetime.now(UTC), os.getloadavg()
    print("making the environment, from the project's wheel", file=sys.stderr)
    environment = make_environment(fresh=options.fresh)
    measured: dict[str, list[Figure]] = {}
    failed: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        for name in options.rows or ROWS:
            bench = Bench(environment, Path(folder) / name, options.quick)
            start = time.monotonic()
            print(f"{name}: ", end="", file=sys.stderr, flush=True)
            try:
                measured[name] = list(ROWS[name](bench))
            except RunFailed as error:
                failed[name] = str(error)
            print(f"{time.monotonic() - start:.0f} s", file=sys.stderr)
    loads = {"before": load, "after": os.getloadavg()}
    if measured:
        print(table(measured.items(), judged=not options.quick))
    _say_load(loads)
    if options.quick:
        print("this was the short form: no figure here is good enough to be held against its target")
    for name, reason in failed.items():
        print(f"{name} could not be measured: {reason}")
    print(_write(began, options.quick, environment, loads, measured, failed))
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}; default: all of them")
    parser.add_argument("--quick", action="store_true", help="the short form: whether it works, hardly more")
    parser.add_argument("--fresh", action="store_true", help="make the measured environment from nothing")
    parser.set_defaults(rows=[])
    return parser


def _say_load(loads: dict[str, tuple[float, float, float]]) -> None:
    before, after = (" ".join(f"{each:.2f}" for each in loads[when]) for when in ("before", "after"))
    print(f"\nload of {os.cpu_count()} processors over 1, 5 and 15 minutes: {before} before, {after} after")
    if loads["before"][0] > _BUSY or loads["after"][0] > _BUSY + 2:
        print("the machine was busy with something else: take the figures with care")


def _write(
    began: datetime,
    quick: bool,
    environment: Environment,
    loads: dict[str, tuple[float, float, float]],
    measured: dict[str, list[Figure]],
    failed: dict[str, str],
) -> Path:
    result: dict[str, Any] = {
        "began": began.isoformat(timespec="seconds"),
        "seconds": round((datetime.now(UTC) - began).total_seconds()),
        "quick": quick,
        "python": platform.python_version(),
        "system": platform.platform(),
        "processors": os.cpu_count(),
        "load": loads,
        "versions": environment.versions(),
        "rows": {name: [figure.to_json() for figure in figures] for name, figures in measured.items()},
        "failed": failed,
    }
    path = RESULTS / f"{began:%Y-%m-%d-%H%M%S}{'-quick' if quick else ''}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    return path


if __name__ == "__main__":
    sys.exit(main())
