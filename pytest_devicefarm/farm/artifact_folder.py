"""Where a session's artifacts are kept: safe names, and a list by which a later run knows them again.

``devicefarm-artifacts/1-apple-iphone-15-pro/`` with ``video.mp4``, ``artifacts.json`` and so on.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ..errors import ConfigurationError
from ..model.artifact import LOGS, Artifact

_LIST = "artifacts.json"
_LONGEST = 48  #: characters of a name, each of which may take four bytes; file systems take 255 bytes
_LONGEST_EXTENSION = 8
_RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d")  #: devices of Windows, with any extension


def safe_name(text: str) -> str:
    """``Appium Server Output`` as ``appium-server-output``: nothing that a path, a shell or a URL reads."""
    words = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFKC", text).lower()).strip("-")[:_LONGEST].strip("-")
    return f"{words}-" if _RESERVED.fullmatch(words) else words


class Listed(NamedTuple):
    """An artifact as ListArtifacts tells it, without its URL."""

    arn: str
    type: str
    name: str
    extension: str


def file_name(listed: Listed, taken: Iterable[str]) -> str:
    """A name for an artifact's file that none of the ``taken`` is."""
    extension = safe_name(listed.extension)[:_LONGEST_EXTENSION] or ("log" if listed.type in LOGS else "")
    start = safe_name(listed.name) or safe_name(listed.type) or "artifact"
    end = f".{extension}" if extension else ""
    there = {_LIST, *taken}
    candidate, number = start + end, 1
    while candidate in there:
        number += 1
        candidate = f"{start}-{number}{end}"
    return candidate


class ArtifactFolder:
    """One session's folder below ``root``, none of the ``taken``; touched by one thread."""

    def __init__(self, root: Path, session: str, name: str, taken: Collection[Path] = ()) -> None:
        self.session = session
        self.path, self._there = _find(root, session, name, taken)
        self._names = dict(self._there)  #: those of artifacts that are on their way, too

    @property
    def artifacts(self) -> list[Artifact]:
        """Those that are there."""
        return [
            Artifact(
                session=self.session,
                type=listed.type,
                name=listed.name,
                extension=listed.extension,
                path=self.path / file,
            )
            for listed, file in self._there.items()
            if (self.path / file).is_file()
        ]

    def has(self, listed: Listed) -> bool:
        """Whether an artifact is there already."""
        return listed in self._there and (self.path / self._there[listed]).is_file()

    def place(self, listed: Listed) -> Path:
        """Where an artifact goes; raise `ConfigurationError` where there can be no folder."""
        if listed not in self._names:
            self._names[listed] = file_name(listed, self._names.values())
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"{self.path} cannot be made: {error.strerror or type(error).__name__}") from None
        return self.path / self._names[listed]

    def add(self, listed: Listed) -> None:
        """An artifact is where it was `place`d."""
        self._there[listed] = self._names[listed]

    def save(self) -> None:
        """Write the list; that it cannot be written costs a later run a second download, and no more."""
        unfinished = self.path / f".{_LIST}.{os.getpid()}.part"
        entries = [{"file": file, **listed._asdict()} for listed, file in self._there.items()]
        with suppress(OSError):
            unfinished.write_text(json.dumps({"session": self.session, "artifacts": entries}, indent=1), "utf-8")
            unfinished.replace(self.path / _LIST)


def _find(root: Path, session: str, name: str, taken: Collection[Path]) -> tuple[Path, dict[Listed, str]]:
    """The session's folder of an earlier run, with the files in it; else one that no other session has."""
    for path in sorted(root.glob(f"*/{_LIST}")):
        owner, files = _read(path)
        if owner == session:
            return path.parent, files
    candidate, number = root / name, 1
    while candidate in taken or (candidate / _LIST).exists():
        number += 1
        candidate = root / f"{name}-{number}"
    return candidate, {}


def _read(path: Path) -> tuple[str | None, dict[Listed, str]]:
    try:
        content = json.loads(path.read_text("utf-8"))
        files = {
            Listed(*(str(entry[name]) for name in Listed._fields)): os.path.basename(str(entry["file"]))
            for entry in content["artifacts"]
        }
        return str(content["session"]), files
    except (OSError, ValueError, TypeError, KeyError):  # a folder of somebody else's
        return None, {}
