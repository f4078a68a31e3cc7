"""JUnit XML: the suite's properties, the device of a failure, and the error of a run without a session.

What each testcase says reaches the file through ``user_properties``; this module adds, once and before pytest writes
the file, what has no other way there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from ..model.text import printable
from ..settings import Junit
from .properties import Properties, chosen, device_of


@dataclass(frozen=True, kw_only=True)
class Additions:
    """What a run's XML gets beside what pytest writes."""

    junit: Junit = "both"  #: where properties go
    patterns: Collection[str] = ("*",)  #: globs of those that do
    suite: Properties = field(default_factory=list)
    names: Collection[str] = ()  #: of properties that hooks have put on tests
    error: str = ""  #: why the run ended before its tests did
    #: By the identity of a reporter, where each device runs all tests.
    devices: Mapping[int, str] = field(default_factory=dict)
    attachments: Mapping[int, Collection[Path]] = field(default_factory=dict)  #: likewise, of failed tests
    evidence: Mapping[int, str] = field(default_factory=dict)  #: likewise, what logs and videos hold about them
    folder: Path = Path()  #: what the paths of attachments are relative to


def finish(xml: Any, additions: Additions) -> None:
    """Complete a run's ``LogXML`` before it is written."""
    if additions.junit in ("both", "testsuite"):
        for name, value in additions.suite:
            if chosen(name, additions.patterns):
                xml.add_global_property(name, value)
    ours = {name for name, _ in additions.suite} | set(additions.names)
    patterns = additions.patterns if additions.junit in ("both", "testcase") else ()
    for reporter in xml.node_reporters_ordered:
        testcase = reporter.to_xml()
        if device := additions.devices.get(id(reporter)):
            testcase.set("name", f"{testcase.get('name')} [{printable(device)}]")
        _say_device(testcase)
        _say(testcase, additions.evidence.get(id(reporter), ""))
        _attach(testcase, additions.attachments.get(id(reporter), ()), additions.folder)
        _choose(testcase, ours, patterns)
        reporter.to_xml = lambda testcase=testcase: testcase
    if additions.error:
        reporter = xml.node_reporter("devicefarm")
        reporter.attrs.update(classname="pytest_devicefarm", name="devicefarm")
        element = Element("error", message=printable(additions.error))
        element.text = printable(additions.error)  # GitLab shows the text, others the message
        reporter.append(element)


def describe_crash(xml: Any | None, report: Any) -> None:
    """Write a report's properties into its testcase: pytest does so after a test's tear-down, which never came."""
    if xml is not None:
        reporter = xml.node_reporter(report)
        for name, value in report.user_properties:
            reporter.add_property(name, value)


def _say_device(testcase: Element) -> None:
    """Name the device in a failure's system-out: GitLab reads no properties."""
    if testcase.find("failure") is None and testcase.find("error") is None:
        return
    said = {each.get("name", ""): each.get("value", "") for each in testcase.iter("property")}
    if device := device_of(said):
        page = said.get("devicefarm.session.console_url")
        out = _system_out(testcase)
        out.text = f"AWS Device Farm: {device}" + (f" {page}\n" if page else "\n") + (out.text or "")


def _attach(testcase: Element, paths: Iterable[Path], folder: Path) -> None:
    """Name files in system-out as GitLab and Jenkins's attachments plugin read it: a line each, images first.

    GitLab shows one file, and wants it relative to the project's directory, which Jenkins takes, too.
    """
    shown = [_relative(path, folder) for path in sorted(paths, key=lambda path: path.suffix.lower() not in _IMAGES)]
    takes = [each for each in shown if each.isprintable() and "|" not in each and "]]" not in each]
    _say(testcase, "".join(f"[[ATTACHMENT|{each}]]\n" for each in takes))


def _say(testcase: Element, more: str) -> None:
    """Write something at the end of system-out."""
    if more:
        out = _system_out(testcase)
        text = out.text or ""
        out.text = text + ("\n" if text and not text.endswith("\n") else "") + more


_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp")


def _relative(path: Path, folder: Path) -> str:
    return (path.relative_to(folder) if path.is_relative_to(folder) else path).as_posix()


def _system_out(testcase: Element) -> Element:
    out = testcase.find("system-out")
    if out is None:
        out = Element("system-out")
        testcase.append(out)
    return out


def _choose(testcase: Element, ours: Collection[str], patterns: Collection[str]) -> None:
    """Leave what the user chose of this package's properties, and all others."""
    for properties in testcase.findall("properties"):
        for each in properties.findall("property"):
            name = each.get("name") or ""
            if (name in ours or name.startswith("devicefarm.")) and not chosen(name, patterns):
                properties.remove(each)
        if not len(properties):
            testcase.remove(properties)
