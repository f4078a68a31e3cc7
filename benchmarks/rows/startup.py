"""Start-up: the plugin installed but not used, beside plugins that most people find light enough.

A pair is the same run of one test with the plugin and without it (``-p no:NAME``), and the figure is the median of the
pairs' ratios. pytest and xdist, which the plugin depends on, are in all of them; of the measured plugins only the
pair's own. "Nothing at all" is a pair of two equal runs: how far its median is from 1 is how far to trust the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from ..bench import Bench
from ..figure import Figure, median
from ..process import Run
from ..rounds import interleave
from ..suites import write_suite

_NOTHING = "nothing at all"
#: For each pair, the plugins that are off in both of its runs, and the one that is off in the second.
_PAIRS = {
    "pytest-devicefarm": (("docker", "html", "metadata"), "devicefarm"),
    "pytest-docker": (("devicefarm", "html", "metadata"), "docker"),
    "pytest-html": (("devicefarm", "docker"), "html"),
    _NOTHING: (("devicefarm", "docker", "html", "metadata"), None),
}
_IMPORTED = """
import json, sys

def test_imported():
    heavy = [name for name in sys.modules if name.startswith(("boto", "pytest_devicefarm.model"))]
    open("imported.json", "w").write(json.dumps(sorted(heavy)))
"""


def measure(bench: Bench) -> Iterator[Figure]:
    """Ratios of whole processes, and what an unused plugin imports."""
    suite = write_suite(bench.folder / "one-test", "plugin", test_one="def test_one(): pass\n")

    def run(off: tuple[str, ...]) -> Callable[[], Run]:
        arguments = [word for name in off for word in ("-p", f"no:{name}")]
        return lambda: bench.pytest.run(suite, *arguments, peers=True)

    arms: dict[tuple[str, bool], Callable[[], Run]] = {}
    for name, (off, own) in _PAIRS.items():
        arms[name, True] = run(off)
        arms[name, False] = run((*off, own) if own else off)
    runs = interleave(arms, 1 if bench.quick else 41)

    figures = {}
    for name in _PAIRS:
        pairs = list(zip(runs[name, True], runs[name, False], strict=True))
        target = 1.05 if name == "pytest-devicefarm" else None
        figures[name] = median(f"{name}, ratio", (a.seconds / b.seconds for a, b in pairs), at_most=target)
        yield figures[name]
        if name == "pytest-devicefarm":
            yield median(f"{name}, ratio of CPU time", (a.cpu_seconds / b.cpu_seconds for a, b in pairs))
            yield median(f"{name}, more", ((a.seconds - b.seconds) * 1000 for a, b in pairs), unit="ms")
    ours, docker, html = (figures[name].value for name in ("pytest-devicefarm", "pytest-docker", "pytest-html"))
    above = [ours - min(docker, html)]
    yield Figure(name="above the lower of docker and html", value=above[0], at_most=0, samples=above)

    suite = write_suite(bench.folder / "imported", "plugin", test_imported=_IMPORTED)
    bench.pytest.run(suite)
    imported = json.loads((suite / "imported.json").read_text())
    yield Figure(name="modules of boto3 and the models imported", value=len(imported), at_most=0, samples=[0])
