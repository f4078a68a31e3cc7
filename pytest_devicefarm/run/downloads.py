"""The artifacts of a run's sessions, after its end."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from ..errors import DeviceFarmWarning
from ..farm.artifacts import Collector, Source, show_size, source_of
from ..model.artifact import Artifact
from ..model.text import printable, show_duration
from ..settings import Settings
from .pool import Pool


def download(settings: Settings, pool: Pool, failed_on: Collection[object], folder: Path) -> tuple[Artifact, ...]:
    """Download what the settings ask for; ``failed_on`` are the ARNs of the sessions on which a test failed.

    Relative directories are below ``folder``. What does not come is told and warned of, and fails nothing.
    """
    sources = [
        source
        for source in _sources(pool)
        if settings.artifacts == "on" or (settings.artifacts == "failure" and source.session in failed_on)
    ]
    if not sources:
        return ()
    say, root = pool.listener.say, Path(settings.artifacts_dir)
    timeout = settings.artifacts_timeout
    late = f", waiting up to {show_duration(timeout)} for videos" if any(each.recorded for each in sources) else ""
    count = f"{len(sources)} sessions" if len(sources) > 1 else "the session"
    say(f"downloading the artifacts of {count} to {printable(str(root))}{late}")

    collector = Collector(
        pool.service,
        folder / root,
        timeout=timeout,
        most=settings.artifacts_max_size,
        clock=pool.clock,
        progress=pool.listener.progress,
    )
    artifacts = collector.collect(sources)
    say(f"artifacts: {len(artifacts)} files, {show_size(collector.size)} downloaded")
    missing = [f"the video of {each.label} has not come within {show_duration(timeout)}" for each in collector.late]
    for problem in [*map(str, collector.failures), *missing]:
        say(problem)
        with suppress(DeviceFarmWarning):  # made an error by the user's filters: nothing that fails here fails a run
            warnings.warn(DeviceFarmWarning(problem), stacklevel=1)
    if missing:
        say("what comes late can be had later: python -m pytest_devicefarm fetch REPORT.xml (of --junitxml)")
    return artifacts


def _sources(pool: Pool) -> Iterator[Source]:
    """The sessions that were used or paid for, numbered as in the suite's properties."""
    for slot in pool.slots:
        if slot.session is not None and pool.has_used(slot):
            yield source_of(slot.session, str(slot.number))
    replaced = [session for slot in pool.slots for session in slot.replaced]
    for number, session in enumerate(replaced, 1):
        yield source_of(session, f"lost-{number}")
