"""``fetch``: the artifacts of a run that is over, by its JUnit XML."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from .errors import ConfigurationError, MalformedArn, UnavailableError
from .farm.artifacts import Collector, Source, folder_name, show_size
from .farm.clock import Clock
from .farm.service import Service
from .model.arn import parse_arn
from .model.text import printable
from .settings import ClientSettings

_TIMEOUT = 3600.0  #: seconds for all downloads
_MOST = 10 * 1024**3  #: bytes of one file
_ARN = re.compile(r"(devicefarm\.(?:((?:lost\.)?[0-9]{1,4})\.)?)session\.arn")


class Named(NamedTuple):
    """A session as a report names it."""

    arn: str
    number: str  #: its place in the pool: ``1``, or ``lost-1``
    device: str
    recorded: bool  #: as far as its mode tells


def fetch_report(report: Path, folder: Path, client: ClientSettings) -> None:
    """Download what the sessions of a report have by now, and print where it is.

    Raises `ConfigurationError` for what is no such report and for AWS set-ups that do not work, and
    `UnavailableError` where something could not be had.
    """
    sessions = named_in(report)
    service = Service(client)
    service.connect()  # so that bad credentials are one error, not one for each session
    progress = _show if sys.stderr.isatty() else lambda text: None
    collector = Collector(service, folder, timeout=_TIMEOUT, most=_MOST, clock=Clock(), progress=progress)
    artifacts = collector.collect(
        [Source(each.arn, folder_name(each.number, each.device), each.device or each.arn) for each in sessions]
    )
    progress("")
    for artifact in artifacts:
        print(printable(str(artifact.path)))
    of = f"{len(sessions)} sessions" if len(sessions) > 1 else "one session"
    print(f"{len(artifacts)} files of {of}, {show_size(collector.size)} downloaded now")
    videos = {each.session for each in artifacts if each.is_video}
    for each in sessions:
        if each.recorded and each.arn not in videos:
            print(f"no video of {each.device or each.arn} so far: it comes some minutes after the session's end")
    if collector.failures:
        misused = any(isinstance(each, ConfigurationError) for each in collector.failures)
        raise (ConfigurationError if misused else UnavailableError)("; ".join(map(str, collector.failures)))


def named_in(report: Path) -> list[Named]:
    """The sessions that a JUnit XML file names; raise `ConfigurationError` where it names none."""
    shown = printable(str(report))
    try:
        root = ElementTree.parse(report).getroot()
    except OSError as error:
        raise ConfigurationError(f"{shown} cannot be read: {error.strerror or type(error).__name__}") from None
    except (ElementTree.ParseError, ValueError, LookupError) as error:  # an encoding that there is none of
        raise ConfigurationError(f"{shown} is no JUnit XML file: {error}") from None
    found: dict[str, Named] = {}
    for kind in ("testsuite", "testcase"):
        for element in root.iter(kind):
            said = {each.get("name", ""): each.get("value", "") for each in element.findall("properties/property")}
            for named in _named(said, len(found) + 1, shown):
                found.setdefault(named.arn, named)
        if found:
            return list(found.values())
    raise ConfigurationError(
        f"{shown} names no session (devicefarm.session.arn): was it made by --junitxml in a run with a session?"
    )


def _named(said: Mapping[str, str], next_number: int, report: str) -> Iterator[Named]:
    for name, arn in said.items():
        if match := _ARN.fullmatch(name):
            try:
                parse_arn(arn, "session")
            except MalformedArn as error:
                raise ConfigurationError(f"{report}, {name}: {error}") from None
            number = match[2] or str(next_number)
            recorded = said.get(f"{match[1]}session.interaction_mode") != "NO_VIDEO"
            yield Named(arn, number.replace(".", "-"), printable(said.get(f"{match[1]}device.name", "")), recorded)


def _show(text: str) -> None:
    """On a terminal, in place."""
    sys.stderr.write(f"\r\x1b[K{text}")
    sys.stderr.flush()
