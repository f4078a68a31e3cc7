"""A file that a session left behind, once it is on this machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import quote

from ..errors import ConfigurationError
from .text import show_number

#: What ListArtifacts is asked for (model): a session's artifacts take all three.
CATEGORIES = ("FILE", "LOG", "SCREENSHOT")

#: Properties of a test's reports: when it ran, in seconds since its session started.
TEST_STARTED, TEST_ENDED = "devicefarm.test.started", "devicefarm.test.ended"

VIDEO = "VIDEO"
#: Types that are a log by lines: the device's, and Appium's after the end and, unknown to the model, before it.
LOGS = ("DEVICE_LOG", "APPIUM_SERVER_OUTPUT", "APPIUM_SERVER_LOG_OUTPUT")


class Span(NamedTuple):
    """A stretch of a session, in seconds since it started."""

    start: float
    end: float

    @classmethod
    def of(cls, properties: Mapping[str, str]) -> Self | None:
        """When a test ran, by the properties of its report; None where they do not say it."""
        try:
            return cls(float(properties[TEST_STARTED]), float(properties[TEST_ENDED]))
        except (KeyError, ValueError):
            return None

    @property
    def fragment(self) -> str:
        """``t=12.5,20``: where a player begins and pauses (W3C, Media Fragments URI).

        At least a second: Chromium takes no notice of a stretch without a length, and plays from 0.
        """
        end = max(self.end, round(self.start + 1, 3))
        return f"t={show_number(self.start)},{show_number(end)}"


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """One file. ``type`` and ``name`` are the service's own, of which there may be others than are known."""

    session: str  #: ARN
    type: str  #: VIDEO, DEVICE_LOG, APPIUM_SERVER_OUTPUT, ...
    name: str  #: of any characters
    extension: str  #: without a dot, of any characters, and often empty
    path: Path  #: absolute; its last two parts are a folder for each session and a safe file name

    @property
    def is_video(self) -> bool:
        return self.type == VIDEO

    @property
    def is_image(self) -> bool:
        return self.path.suffix.lower() in (".png", ".jpg", ".jpeg", ".gif", ".webp")

    @property
    def is_log(self) -> bool:
        return self.type in LOGS

    def link(self, folder: Path, span: Span | None = None) -> str:
        """The file's URL for a report in ``folder``: relative, quoted, and of a video the ``span``."""
        try:
            path = Path(os.path.relpath(self.path, folder)).as_posix()
        except ValueError:  # on another drive of Windows
            return self.path.as_uri()
        return quote(path) + (f"#{span.fragment}" if span and self.is_video else "")


def parse_size(text: str) -> int:
    """Bytes of ``500``, ``20k``, ``500m`` or ``2g``, by powers of 1024."""
    number, unit = text.strip()[:-1], text.strip()[-1:].lower()
    if unit.isdigit():
        number, unit = text.strip(), ""
    if not (number.isascii() and number.isdigit() and len(number) <= 12 and unit in ("", "k", "m", "g")):
        raise ConfigurationError(f"{text[:80]!r} is no size: expected one such as 500m or 2g")
    return int(number) << 10 * " kmg".index(unit or " ")
