"""A test's own lines of a log that a whole session has written.

Every tool writes its time in its own way; a line that has none belongs to the one before it. The forms were seen in
the logs of Appium (with and without ``--local-timezone``), logcat (threadtime, year and epoch formats) and syslog.
"""

from __future__ import annotations

import re
from array import array
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from math import isnan
from pathlib import Path

from ..model.artifact import Span
from ..model.text import printable

_BEFORE = 5  #: lines shown before a test's own
_MOST = 200  #: lines shown; a failure's reason is at their end
_LONGEST_LINE = 500  #: characters
_BLOCK = 64 * 1024  #: bytes read at once: what a longer line has more counts as the next one
_COLOUR = re.compile("\x1b\\[[0-9;]*m")  #: Appium writes for terminals
_ZONE_STEP = 1800.0  #: seconds between two time zones
_FARTHEST_ZONE = 14 * 3600.0  #: seconds

_TIME = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,:](?P<fraction>\d{1,9}))?"
_ZONE = r"\s?(?P<zone>Z|[+-]\d\d:?\d\d)?"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FORMS = (
    re.compile(rf"\W{{0,3}}(?P<year>\d{{4}})[-/](?P<month>\d\d)[-/](?P<day>\d\d)[T ]{_TIME}{_ZONE}", re.ASCII),
    re.compile(rf"\W{{0,3}}(?P<month>\d\d)-(?P<day>\d\d) {_TIME}{_ZONE}", re.ASCII),  # logcat
    re.compile(rf"\W{{0,3}}(?P<name>{'|'.join(_MONTHS)}) {{1,2}}(?P<day>\d{{1,2}}) {_TIME}", re.ASCII),  # syslog
    re.compile(r"\s{0,20}(?P<epoch>1\d{9})\.(?P<fraction>\d{1,9})\b", re.ASCII),  # logcat -v epoch
    re.compile(rf"\W{{0,3}}(?:\w{{1,10}}\t)?{_TIME}{_ZONE}", re.ASCII),  # no date at all
)


class Log:
    """A log by the seconds since its session started; it is read once, and only the places of its lines are kept.

    ``last`` is when it ends, about: times without a zone are those of the zone in which that fits.
    """

    def __init__(self, path: Path, started: datetime, last: datetime) -> None:
        self._path = path
        self._places = array("q")  #: where lines begin, in bytes; at the end the file's size
        self._times = array("d")  #: of the lines; not a number before the first that has one
        self._resolution = 1.0  #: seconds within which a line was written
        self._read(started, last)

    def lines(self, span: Span) -> list[str]:
        """The lines of a stretch of the session, with a few before it; none where none was written within it."""
        within = [at for at, time in enumerate(self._times) if span.start - self._resolution < time <= span.end]
        if not within:
            return []
        end = within[-1] + 1
        start = max(within[0] - _BEFORE, end - _MOST, 0)
        with self._path.open("rb") as file:
            file.seek(self._places[start])
            block = file.read(self._places[end] - self._places[start])
        return [_shown(line) for line in block.decode("utf-8", "replace").removesuffix("\n").split("\n")]

    def _read(self, started: datetime, last: datetime) -> None:
        place, time, local = 0, float("nan"), False
        with self._path.open("rb") as file:
            while line := file.readline(_BLOCK):
                if found := _time(line):
                    moment, zone = _moment(found, started)
                    if moment is not None:
                        time = (moment - started).total_seconds()
                        local |= not zone
                        self._resolution = 0.001 if found.groupdict().get("fraction") else 1.0
                self._places.append(place)
                self._times.append(time)
                place += len(line)
        self._places.append(place)
        if local and not isnan(time):
            off = round((time - (last - started).total_seconds()) / _ZONE_STEP) * _ZONE_STEP
            if abs(off) <= _FARTHEST_ZONE:
                self._times = array("d", (each - off for each in self._times))


def _shown(line: str) -> str:
    line = printable(_COLOUR.sub("", line[: 2 * _LONGEST_LINE]).rstrip("\r").replace("\t", "    "))
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}..."


def _time(line: bytes) -> re.Match[str] | None:
    text = line[:120].decode("ascii", "replace")
    if "\x1b" in text:
        text = _COLOUR.sub("", text)
    return next(filter(None, (form.match(text) for form in _FORMS)), None)


def _moment(found: re.Match[str], started: datetime) -> tuple[datetime | None, bool]:
    """The time of a line, and whether its zone is known; what it leaves out is as near to ``started`` as can be."""
    parts = found.groupdict()
    fraction = float(f"0.{parts.get('fraction') or 0}")
    if epoch := parts.get("epoch"):
        return datetime.fromtimestamp(int(epoch) + fraction, UTC), True
    numbers = {
        name: int(parts[name]) for name in ("year", "month", "day", "hour", "minute", "second") if parts.get(name)
    }
    if name := parts.get("name"):
        numbers["month"] = _MONTHS.index(name) + 1
    numbers["second"] = min(numbers["second"], 59)  # a leap second
    if "year" in numbers:
        choices = [numbers]
    elif "day" in numbers:
        choices = [{**numbers, "year": started.year + years} for years in (-1, 0, 1)]
    else:
        days = [started + timedelta(days=days) for days in (-1, 0, 1)]
        choices = [{**numbers, "year": each.year, "month": each.month, "day": each.day} for each in days]
    zone = _zone(parts.get("zone"))
    moments = []
    for choice in choices:
        with suppress(ValueError):  # the 29th of February in another year, or no date at all
            moments.append(datetime(**choice, tzinfo=zone or UTC) + timedelta(seconds=fraction))
    return min(moments, key=lambda moment: abs(moment - started), default=None), zone is not None


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    if text == "Z":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes)) if minutes < 24 * 60 else UTC
