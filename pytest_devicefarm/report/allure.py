"""Allure: the device of each test, its page in the console, its files, and the run's surroundings.

allure-pytest writes a test's result when the test ends, in the process that ran it. What comes later, as artifacts do,
is added to the files that it wrote, whose format is Allure's public one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ..model.text import printable, shorten
from .attachment import Attachment, from_sections
from .overview import ARN, FailedTest, Overview
from .properties import device_of

_LONGEST = 200  #: characters of a parameter
_TEST, _SESSION = "devicefarm.test", "devicefarm.session"  #: labels by which a result is found again


class AllureHooks:
    """Registered with ``--alluredir``, in each process that runs tests.

    ``every_device``: each device runs every test, so that a test has one history on each.
    """

    def __init__(self, *, every_device: bool) -> None:
        self._every_device = every_device
        self._attached: set[Path] = set()  #: to the test that runs

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        said = {str(name): str(value) for name, value in report.user_properties}
        if report.when == "setup":
            self._attached.clear()
        if ARN in said:
            self._describe(said)
        if report.failed:
            self._say_failed(report, said.get(ARN, ""))
        return report

    def _describe(self, said: Mapping[str, str]) -> None:
        """Again for each phase: a test may ask for its session late, and Allure takes the same thing once."""
        import allure

        device = shorten(printable(device_of(said)), _LONGEST)
        allure.dynamic.parameter("device", device, excluded=not self._every_device)
        if page := said.get("devicefarm.session.console_url"):
            allure.dynamic.link(page, name="AWS Device Farm")

    def _say_failed(self, report: pytest.TestReport, arn: str) -> None:
        import allure

        allure.dynamic.label(_TEST, printable(report.nodeid))
        if arn:
            allure.dynamic.label(_SESSION, arn)
        for each in from_sections(report.sections, arn):
            if each.path not in self._attached:
                self._attached.add(each.path)
                extension = each.path.suffix.lstrip(".") or "txt"
                allure.attach.file(str(each.path), each.title, _type_of(each), extension)


class AllureReport:
    """Registered in the process that knows all sessions. ``began``: the run's start, in epoch seconds."""

    def __init__(self, folder: Path, began: float) -> None:
        self._folder = folder
        self._began = began

    def finish(self, overview: Overview) -> None:
        """Raises `OSError`."""
        file = self._folder / "environment.properties"
        there = file.read_text("latin-1").splitlines() if file.exists() else []
        ours = {_escaped(name, key=True): _escaped(value) for name, value in overview.suite}
        kept = [each for each in there if not each.startswith("devicefarm.") and each.partition("=")[0] not in ours]
        lines = [*kept, *(f"{name}={value}" for name, value in ours.items())]
        _replace(file, "".join(f"{line}\n" for line in lines).encode("latin-1"))
        late = {
            (printable(test.nodeid), test.said.get(ARN, "")): test
            for test in overview.failed
            if any(each.span or each.lines for each in test.attachments)
        }
        for path, result in self._results() if late else ():
            labels = {each["name"]: each.get("value", "") for each in result.get("labels", ())}
            test = late.get((labels.get(_TEST, ""), labels.get(_SESSION, "")))
            if test is not None:
                self._attach(path, result, test)

    def _results(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        """The results that this run has written."""
        for path in self._folder.glob("*-result.json"):
            with suppress(ValueError, KeyError, TypeError):  # not Allure's
                result = json.loads(path.read_text("utf-8"))
                if result["start"] >= self._began * 1000:
                    yield path, result

    def _attach(self, path: Path, result: dict[str, Any], test: FailedTest) -> None:
        attachments = [self._take(each) for each in test.attachments if each.span or each.lines]
        result.setdefault("attachments", []).extend(each for pair in attachments for each in pair)
        _replace(path, json.dumps(result, ensure_ascii=False).encode("utf-8", "backslashreplace"))

    def _take(self, attachment: Attachment) -> Iterator[dict[str, str]]:
        """The test's own lines of a log, else the file."""
        extension = "txt" if attachment.lines else attachment.path.suffix.lstrip(".") or "txt"
        target = self._folder / f"{uuid4()}-attachment.{extension}"
        if attachment.lines:
            target.write_text(attachment.lines, "utf-8", "backslashreplace")
        else:
            try:
                os.link(attachment.path, target)  # a session's video is large, and may be that of many tests
            except OSError:
                shutil.copyfile(attachment.path, target)
        when = f", {attachment.span.fragment}" if attachment.span and attachment.artifact.is_video else ""
        yield {"name": f"{printable(attachment.title)}{when}", "source": target.name, "type": _type_of(attachment)}


def _type_of(attachment: Attachment) -> str:
    """Allure shows text where the report is, and offers the rest for download."""
    if attachment.artifact.is_log or attachment.path.suffix == ".log":
        return "text/plain"
    return guess_type(attachment.path)[0] or "application/octet-stream"


def _replace(file: Path, content: bytes) -> None:
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.part")
    unfinished.write_bytes(content)
    unfinished.replace(file)


def _escaped(text: str, *, key: bool = False) -> str:
    """A text of a Java properties file, which is Latin-1: a backslash before what has a meaning, the rest by number."""
    text = text.replace("\\", "\\\\")
    text = re.sub(r"([:=\s])" if key else r"^(\s)", r"\\\1", text)
    units = text.encode("utf-16-be", "surrogatepass")
    codes = [int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]
    return "".join(chr(code) if 0x20 <= code < 0x7F else f"\\u{code:04x}" for code in codes)
