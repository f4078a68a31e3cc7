"""report/github: the job's summary, and annotations."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import needs_xdist

from pytest_devicefarm.emulator import Scenario
from pytest_devicefarm.report.github import SummaryReport, markdown, workflow_commands

from .samples import STRANGE, failed, overview, row

ROOT = Path("/home/ci/project")


def test_summary() -> None:
    """Each device with its tests, minutes, cost and page; each failed test with its device; what it all cost."""
    failures = (failed(1), failed(2, said={}))
    text = markdown(overview(row(1, {"passed": 2, "failed": 1, "error": 3}), row(2), failures=failures))
    assert text.splitlines() == [
        "### AWS Device Farm",
        "",
        "| Device | OS | Status | Result | Tests | Minutes | Cost | Session |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        "| Phone 1 | iOS 17.5.1 | COMPLETED | PASSED | 2 passed, 1 failed, 3 errors | 3.5 | 0.60 | [console](https://console.example/S1) |",
        "| Phone 2 | iOS 17.5.1 | COMPLETED | PASSED | no test used it | 3.5 | 0.60 | [console](https://console.example/S2) |",
        "",
        "Cost: 1.19 USD for 7 minutes at 0.17: 0.78 waiting, 0.41 tests",
        "",
        "#### Failed",
        "",
        "| Test | Device | Message |",
        "| --- | --- | --- |",
        r"| tests/test\_a.py::test\_1 | [Phone 1 (iOS 17.5.1)](https://console.example/S1) | assert 1 == 2 |",
        r"| tests/test\_a.py::test\_2 |  | assert 1 == 2 |",
        "",
    ]


def test_a_run_without_a_session_says_why() -> None:
    """The error stands where it is seen first."""
    assert "\n**no device \\| at all**\n" in markdown(overview(error="no device | at all"))


def test_strange_texts_stay_in_their_cells() -> None:
    """No name and no message ends a cell or a row, is HTML, or makes the summary too large."""
    session = row(1, {"failed": 1}, device__name=STRANGE, session__status=STRANGE)
    test = failed(1, nodeid=STRANGE, message=STRANGE, said=session.said)
    text = markdown(overview(session, failures=(test,) * 150))
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table[:3]} == {9}
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table[3:]} == {4}
    assert len(table) == 3 + 2 + 100
    assert "\nand 50 more\n" in text
    assert "<" not in text
    assert len(text.encode()) < 2**20


def test_summary_is_appended(tmp_path: Path) -> None:
    """A step may run pytest twice; UTF-8, whatever the locale."""
    file = tmp_path / "summary.md"
    file.write_text("before\n")
    report = SummaryReport(file)
    report.finish(overview(row(1, device__name="Télé \U0001f4f1")))
    report.finish(overview(row(1)))
    text = file.read_text("utf-8")
    assert text.startswith("before\n### AWS")
    assert text.count("### AWS Device Farm") == 2
    assert "Télé \U0001f4f1" in text


def test_annotations() -> None:
    """One for each failure on a device, which its title names; where the file is in the workspace is what GitHub wants."""
    run = overview(failures=(failed(1), failed(2, said={}), failed(3, nodeid="a,b:c%.py::test[1,2]")))
    assert list(workflow_commands(run, ROOT, Path("/home/ci"))) == [
        "::error file=project/tests/test_a.py,line=10,title=test_a.py%3A%3Atest_1 on Phone 1 (iOS 17.5.1)::assert 1 == 2",
        "::error file=project/tests/test_a.py,line=30,title=a%2Cb%3Ac%25.py%3A%3Atest[1%2C2] on Phone 3 (iOS 17.5.1)::assert 1 == 2",
    ]
    for workspace in (None, Path("/elsewhere")):
        assert next(iter(workflow_commands(run, ROOT, workspace))).startswith("::error file=tests/test_a.py,line=10,")


def test_no_more_annotations_than_are_shown() -> None:
    """GitHub keeps ten of a step; the run's own error is the first of them."""
    run = overview(failures=tuple(failed(number) for number in range(20)), error="100% gone")
    found = list(workflow_commands(run, ROOT, None))
    assert len(found) == 10
    assert found[0] == "::error title=AWS Device Farm::100%25 gone"


@pytest.mark.parametrize("text", [STRANGE, "a\r\n::error::b", "x,line=1:2%"])
def test_strange_texts_stay_in_their_command(text: str) -> None:
    """Whatever a name or message holds: one line, one command, with the three properties."""
    test = failed(1, nodeid=text, message=text, file=text, said=row(1, device__name=text).said)
    (line,) = workflow_commands(overview(failures=(test,)), ROOT, None)
    assert len(line.splitlines()) == 1
    assert line.isprintable() or "\U0001f4f1" in line
    command, _, message = line[2:].partition("::")
    assert [each.partition("=")[0] for each in command.removeprefix("error ").split(",")] == ["file", "line", "title"]
    assert message


@needs_xdist
def test_messages_of_workers(run, emulator, pytester, monkeypatch):
    """What pytest says in a text, of a test or of a crash, is the message: not xdist's line about the worker."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    pytester.makepyfile(
        """
        import os
        import pytest

        @pytest.mark.xfail(strict=True, reason="bug 12")
        def test_mended(devicefarm_session): pass
        def test_crashes(devicefarm_session): os._exit(3)
        """
    )
    out = run("-n1", against=emulator(Scenario())).out
    assert re.findall("^::error .*?::(.*)$", out, re.MULTILINE) == [
        "[XPASS(strict)] bug 12",
        "worker 'gw0' crashed while running 'test_messages_of_workers.py::test_crashes'",
    ]
