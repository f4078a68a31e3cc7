"""report/junit: what is added to pytest's own XML before it is written."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from _pytest.junitxml import LogXML  # nothing public makes one

from pytest_devicefarm.report.junit import Additions, describe_crash, finish

DEVICE = [
    ("devicefarm.session.arn", "ARN"),
    ("devicefarm.device.name", "Pixel 9"),
    ("devicefarm.device.platform", "ANDROID"),
    ("devicefarm.device.os", "15"),
    ("devicefarm.session.console_url", "https://console.example/S"),
]
LINE = "AWS Device Farm: Pixel 9 (Android 15) https://console.example/S\n"
SUITE = [("devicefarm.session.arn", "ARN"), ("devicefarm.session.status", "COMPLETED")]


@pytest.fixture(params=["xunit1", "xunit2"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    xml = LogXML(str(tmp_path / "report.xml"), None, "pytest", "no", "total", request.param, True)
    xml.pytest_sessionstart()
    return xml


def _report(
    name: str, outcome: Any, when: Any, properties: list[tuple[str, object]], out: str = ""
) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=f"test_x.py::{name}",
        location=("test_x.py", 0, name),
        keywords={},
        outcome=outcome,
        longrepr="it broke" if outcome == "failed" else ("test_x.py", 1, "why") if outcome == "skipped" else None,
        when=when,
        sections=[("Captured stdout call", out)] if out else [],
        user_properties=properties,
    )


def _test(
    log: Any, name: str, *, setup: str = "passed", call: str | None = "passed", properties: Any = DEVICE, out: str = ""
) -> None:
    """Let pytest log one test as a run does."""
    log.pytest_runtest_logreport(_report(name, setup, "setup", properties))
    if call:
        log.pytest_runtest_logreport(_report(name, call, "call", properties, out))
    log.pytest_runtest_logreport(_report(name, "passed", "teardown", properties, out))


def _written(log: Any, **arguments: Any) -> ET.Element:
    """The testsuite of the file that is written after `finish`."""
    finish(log, Additions(**{"suite": SUITE} | arguments))
    log.pytest_sessionfinish()
    suite = ET.parse(log.logfile).getroot().find("testsuite")
    assert suite is not None
    return suite


def _properties(element: ET.Element) -> list[tuple[str | None, str | None]]:
    return [(each.get("name"), each.get("value")) for each in element.findall("properties/property")]


def _case(suite: ET.Element, name: str) -> ET.Element:
    (case,) = (each for each in suite.iter("testcase") if each.get("name") == name)
    return case


@pytest.mark.parametrize(
    ("junit", "on_suite", "on_test"),
    [("both", True, True), ("testcase", False, True), ("testsuite", True, False), ("none", False, False)],
)
def test_where_properties_go(log: Any, junit: str, on_suite: bool, on_test: bool) -> None:
    """--devicefarm-junit says whether the suite, the tests, both or none have the properties; a test's own stay."""
    _test(log, "test_a", properties=[*DEVICE, ("own", "kept")])
    suite = _written(log, junit=junit)
    assert _properties(suite) == (SUITE if on_suite else [])
    assert _properties(_case(suite, "test_a")) == [*(DEVICE if on_test else []), ("own", "kept")]


@pytest.mark.parametrize("junit", ["testsuite", "none"])
def test_no_empty_element_is_left(log: Any, junit: str) -> None:
    """A test that had nothing but the device's properties has no element for them."""
    _test(log, "test_a")
    assert _case(_written(log, junit=junit), "test_a").find("properties") is None


@pytest.mark.parametrize("junit", ["both", "testcase", "testsuite", "none"])
@pytest.mark.parametrize(
    ("setup", "call", "tag"), [("passed", "failed", "failure"), ("failed", None, "error")], ids=["failure", "error"]
)
def test_failures_name_their_device(log: Any, junit: str, setup: str, call: str | None, tag: str) -> None:
    """A failed test, or one broken in set-up, has the device in its system-out, before what it printed."""
    log.logging = "all"
    _test(log, "test_a", setup=setup, call=call, out="printed")
    case = _case(_written(log, junit=junit), "test_a")
    assert case.find(tag) is not None
    (out,) = case.findall("system-out")
    assert out.text is not None
    assert out.text.startswith(LINE)
    assert out.text.count("AWS Device Farm") == 1
    assert "printed" in out.text


def test_failure_that_printed_nothing(log: Any) -> None:
    """The device is there where the test wrote nothing."""
    _test(log, "test_a", call="failed")
    assert _case(_written(log), "test_a").findtext("system-out") == LINE


@pytest.mark.parametrize(
    ("properties", "line"),
    [
        (DEVICE[:1], "AWS Device Farm: ARN\n"),
        (DEVICE[:2], "AWS Device Farm: Pixel 9\n"),
        (DEVICE[:3], "AWS Device Farm: Pixel 9 (Android)\n"),
        (DEVICE[:4], "AWS Device Farm: Pixel 9 (Android 15)\n"),
        ([("own", "x")], None),
        ([], None),
    ],
)
def test_what_is_said_of_a_device(log: Any, properties: Any, line: str | None) -> None:
    """As much as is known; of a test without a device nothing."""
    _test(log, "test_a", call="failed", properties=properties)
    assert _case(_written(log), "test_a").findtext("system-out") == line


@pytest.mark.parametrize(("setup", "call"), [("passed", "passed"), ("skipped", None), ("passed", "skipped")])
def test_others_say_no_device(log: Any, setup: str, call: str | None) -> None:
    """Only what failed needs its device in the output."""
    _test(log, "test_a", setup=setup, call=call)
    assert _case(_written(log), "test_a").find("system-out") is None


def test_every_test_on_every_device(log: Any) -> None:
    """Where each device runs every test, the device is in the name of the testcase, where it is known."""
    for name in ("test_a", "test_b", "test_c"):
        _test(log, name)
    one, two, _ = log.node_reporters_ordered
    suite = _written(log, devices={id(one): "Pixel 9", id(two): "bad\x1bname"})
    assert [each.get("name") for each in suite.iter("testcase")] == [
        "test_a [Pixel 9]",
        r"test_b [bad\x1bname]",
        "test_c",
    ]


MESSAGE = "session S ended before it was RUNNING: status COMPLETED"


def test_error_of_a_run_without_session(log: Any) -> None:
    """The run's error is one testcase in error, counted, beside the suite's properties."""
    suite = _written(log, error=MESSAGE)
    (case,) = suite.iter("testcase")
    assert (case.get("classname"), case.get("name")) == ("pytest_devicefarm", "devicefarm")
    (error,) = case
    assert (error.tag, error.get("message"), error.text) == ("error", MESSAGE, MESSAGE)
    assert (suite.get("tests"), suite.get("errors"), suite.get("failures")) == ("1", "1", "0")
    assert _properties(suite) == SUITE


def test_error_beside_tests(log: Any) -> None:
    """Tests that ran before the error stay as they are."""
    _test(log, "test_a")
    suite = _written(log, error=MESSAGE)
    assert [each.get("name") for each in suite.iter("testcase")] == ["test_a", "devicefarm"]
    assert (suite.get("tests"), suite.get("errors")) == ("2", "1")


def test_error_with_forbidden_characters(log: Any) -> None:
    """What XML forbids does not break the file."""
    suite = _written(log, error="bad \x00\x1b\ud800\ufffe name <&>")
    (error,) = suite.iter("error")
    assert error.get("message") == error.text == r"bad \x00\x1b\ud800\ufffe name <&>"


def test_nothing_to_say(log: Any) -> None:
    """With neither properties nor error the file is pytest's own."""
    _test(log, "test_a", properties=[])
    suite = _written(log, suite=[])
    assert suite.find("properties") is None
    assert [each.get("name") for each in suite.iter("testcase")] == ["test_a"]


def test_crashed_test(log: Any) -> None:
    """A test whose worker crashed has no tear-down, in which pytest writes properties: they are written all the same."""
    report = _report("test_a", "failed", "???", list(DEVICE))
    log.pytest_runtest_logreport(report)
    describe_crash(log, report)
    case = _case(_written(log), "test_a")
    assert _properties(case) == DEVICE
    assert case.findtext("system-out") == LINE


def test_crash_without_junit() -> None:
    """A run that writes no XML has nothing to complete."""
    describe_crash(None, _report("test_a", "failed", "???", list(DEVICE)))


@pytest.mark.parametrize(
    ("patterns", "on_suite", "on_test"),
    [
        (("*",), ["devicefarm.session.arn", "devicefarm.session.status"], [name for name, _ in DEVICE]),
        (("devicefarm.session.a*",), ["devicefarm.session.arn"], ["devicefarm.session.arn"]),
        (("*.name", "*.status"), ["devicefarm.session.status"], ["devicefarm.device.name"]),
        (("nothing",), [], []),
    ],
)
def test_globs_choose_properties(log: Any, patterns: Any, on_suite: list[str], on_test: list[str]) -> None:
    """The ini key's globs are held against whole names; a test's own properties stay, and so does the device's line."""
    _test(log, "test_a", call="failed", properties=[*DEVICE, ("own", "x"), ("hooks", "y")])
    suite = _written(log, patterns=patterns, names={"hooks"})
    assert [name for name, _ in _properties(suite)] == on_suite
    more = ["own", "hooks"] if patterns == ("*",) else ["own"]
    assert [name for name, _ in _properties(_case(suite, "test_a"))] == [*on_test, *more]
    assert _case(suite, "test_a").findtext("system-out") == LINE


def test_globs_know_no_numbers(log: Any) -> None:
    """In a pool, and of lost sessions, a glob takes a name with and without its number."""
    names = [
        "devicefarm.sessions",
        "devicefarm.1.session.arn",
        "devicefarm.2.session.arn",
        "devicefarm.lost.1.session.arn",
    ]
    suite = [(name, "x") for name in names]
    found = _written(log, suite=suite, patterns=("devicefarm.session.arn",))
    assert [name for name, _ in _properties(found)] == names[1:]
    log.global_properties.clear()
    found = _written(log, suite=suite, patterns=("devicefarm.2.*",))
    assert [name for name, _ in _properties(found)] == names[2:3]


def test_attachments(log: Any, tmp_path: Path) -> None:
    """A failure's files are a line each behind the output, images first, relative to the project's directory."""
    _test(log, "test_a", call="failed", out="printed")
    _test(log, "test_b", call="failed", properties=[])
    _test(log, "test_c")
    first, second, _ = (id(each) for each in log.node_reporters_ordered)
    files = [tmp_path / "a/video.mp4", tmp_path / "a/screen shot[1].png", Path("/elsewhere/b.log")]
    odd = [tmp_path / "a]]b.png", tmp_path / "a|b.png", tmp_path / "a\nb.png"]  # the form cannot say these
    suite = _written(log, attachments={first: [*files, *odd], second: files[:1]}, folder=tmp_path)
    said = _case(suite, "test_a").findtext("system-out") or ""
    assert said.startswith(LINE)
    assert said.endswith(
        "[[ATTACHMENT|a/screen shot[1].png]]\n[[ATTACHMENT|a/video.mp4]]\n[[ATTACHMENT|/elsewhere/b.log]]\n"
    )
    assert said.count("ATTACHMENT") == 3
    assert _case(suite, "test_b").findtext("system-out") == "[[ATTACHMENT|a/video.mp4]]\n"
    assert _case(suite, "test_c").find("system-out") is None
