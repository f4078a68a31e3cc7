"""What a failed test leaves behind: the screen, the page's source, and the driver's log."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

_LONGEST_NAME = 120  #: characters; file systems take 255 bytes
_SHOWN = 20_000  #: characters of a text in a report section; the file has all of it


class Piece(NamedTuple):
    """One thing that was gathered, or why it could not be."""

    title: str
    file: str  #: its file's name
    content: bytes | None
    problem: str = ""


def gather(source: Callable[[], str], screenshot: Callable[[], str], log: str) -> Iterator[Piece]:
    """The log first: it takes no command. ``screenshot`` is base64. A driver that is dead is asked once, not twice."""
    yield Piece("driver log", "driver.log", log.encode())
    try:
        yield Piece("screenshot", "screenshot.png", base64.b64decode(screenshot()))
    except Exception as error:
        problem = reason(error)
        yield Piece("screenshot", "screenshot.png", None, problem)
        if "session" in problem or "no answer" in problem:
            yield Piece("page source", "source.xml", None, "for the same reason")
            return
    try:
        yield Piece("page source", "source.xml", source().encode())
    except Exception as error:
        yield Piece("page source", "source.xml", None, reason(error))


def keep(piece: Piece, folder: Path) -> str:
    """Write a piece into ``folder``, and say what a report shows of it."""
    if piece.content is None:
        return f"not available: {piece.problem}"
    path = folder / piece.file
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(piece.content)
        where = str(path)
    except OSError as error:
        where = f"could not be written into {folder}: {error.strerror or type(error).__name__}"
    if piece.file.endswith(".png"):
        return where
    text = piece.content.decode()
    return f"{where}\n{text[-_SHOWN:] if piece.title == 'driver log' else text[:_SHOWN]}"


def folder_name(nodeid: str) -> str:
    """A name for a test's folder: readable, safe on every file system, and different for different tests."""
    readable = re.sub(r"[^A-Za-z0-9._-]+", "_", nodeid).strip("._-")
    digest = hashlib.sha256(nodeid.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{readable[-_LONGEST_NAME:]}-{digest}"  # the end of an ID says more than its beginning


def reason(error: Exception) -> str:
    """An exception on one line."""
    text = getattr(error, "msg", None) or str(error)
    return " ".join(f"{type(error).__name__}: {text}".split())
