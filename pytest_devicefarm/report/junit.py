"""JUnit XML: the suite's properties, the device of a failure, and the error of a run without a session.

What each testcase says reaches the file through ``user_properties``; this module adds, once and before pytest writes
the file, what has no other way there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from ..model.session import Device
from ..model.text import printable
from ..settings import Junit
from .properties import Properties


def finish(xml: Any, *, junit: Junit, suite: Properties, error: str | None, devices: Mapping[int, str]) -> None:
    """Complete a run's ``LogXML`` before it is written.

    ``devices``, where each of them runs every test, has their names by the identity of the tests' reporters.
    """
    if junit in ("both", "testsuite"):
        for name, value in suite:
            xml.add_global_property(name, value)
    for reporter in xml.node_reporters_ordered:
        testcase = reporter.to_xml()
        if device := devices.get(id(reporter)):
            testcase.set("name", f"{testcase.get('name')} [{printable(device)}]")
        _say_device(testcase)
        if junit in ("testsuite", "none"):
            _drop_properties(testcase, {name for name, _ in suite})
        reporter.to_xml = lambda testcase=testcase: testcase
    if error:
        reporter = xml.node_reporter("devicefarm")
        reporter.attrs.update(classname="pytest_devicefarm", name="devicefarm")
        element = Element("error", message=printable(error))
        element.text = printable(error)  # GitLab shows the text, others the message
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
    said = {each.get("name"): each.get("value") for each in testcase.iter("property")}
    device = said.get("devicefarm.device.name") or said.get("devicefarm.session.arn")
    if device is None:
        return
    system = Device.from_response(
        {"platform": said.get("devicefarm.device.platform"), "os": said.get("devicefarm.device.os")}
    ).system
    line = f"AWS Device Farm: {device}" + (f" ({system})" if system else "")
    page = said.get("devicefarm.session.console_url")
    line += f" {page}\n" if page else "\n"
    out = testcase.find("system-out")
    if out is None:
        out = Element("system-out")
        testcase.append(out)
    out.text = line + (out.text or "")


def _drop_properties(testcase: Element, names: set[str]) -> None:
    for properties in testcase.findall("properties"):
        for each in properties.findall("property"):
            name = each.get("name") or ""
            if name in names or name.startswith("devicefarm."):
                properties.remove(each)
        if not len(properties):
            testcase.remove(properties)
