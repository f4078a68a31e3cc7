"""The files about one test: what was written while it ran, and what its session left behind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..model.artifact import Artifact, Span

_SECTION = re.compile(r"Captured devicefarm (.+) (setup|call|teardown)")
_LONGEST_PATH = 4096  #: characters, of Linux


@dataclass(frozen=True)
class Attachment:
    """A file for a test's report. ``span``: the test's own part of a video. ``lines``: its own of a log."""

    artifact: Artifact
    span: Span | None = None
    lines: str = ""

    @property
    def title(self) -> str:
        return self.artifact.name

    @property
    def path(self) -> Path:
        return self.artifact.path

    def link(self, folder: Path) -> str:
        """Its URL for a report in ``folder``."""
        return self.artifact.link(folder, self.span)


def from_sections(sections: Iterable[tuple[str, str]], session: str) -> Iterator[Attachment]:
    """The files that a test's report sections name: ``devicefarm screenshot``, and a path in the first line.

    A worker on another host may have written them; only those that are here count.
    """
    for title, content in sections:
        found = _SECTION.fullmatch(title)
        first = content.partition("\n")[0].strip()
        if not found or not first or len(first) > _LONGEST_PATH or not first.isprintable():
            continue
        path = Path(first)
        if path.is_absolute() and path.is_file():
            kind = found[1].upper().replace(" ", "_")
            yield Attachment(
                Artifact(session=session, type=kind, name=found[1], extension=path.suffix.lstrip("."), path=path)
            )
