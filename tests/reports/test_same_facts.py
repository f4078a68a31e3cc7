"""Every report of the same run says the same, however its tests are distributed, and the same as the others."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from textwrap import dedent

import pytest
from conftest import properties_of

from pytest_devicefarm.emulator import Scenario

from .conftest import PAGE, PHONE, two_phones

DEVICE = "Apple iPhone 15 Pro (iOS 17.5.1)"
SUITE = """
import pytest

def test_passed(devicefarm_session): pass
def test_failed(devicefarm_session): assert 0, "broke"
def test_skipped(devicefarm_session): pytest.skip("why not")
@pytest.mark.xfail
def test_expected(devicefarm_session): assert 0
@pytest.fixture
def broken(devicefarm_session): raise RuntimeError("set-up broke")
def test_broken(broken): pass
@pytest.mark.parametrize("n", [1, 2])
def test_number(devicefarm_device, n): assert n == 1
def test_free(): pass
def test_free_fails(): assert 0
"""
#: When the emulators of the two runs were started.
VOLATILE = {"devicefarm.session.created", "devicefarm.session.started"}
#: Those that used the session.
USED = {"passed", "failed", "skipped", "expected", "broken", "number[1]", "number[2]"}
FAILED = {"failed", "broken", "number[2]", "free_fails"}


def short(nodeid: str) -> str:
    return re.sub(r".*test_suite(\.py)?(::|#)test_|^test_|::(setup|teardown)$", "", nodeid)


def steady(pairs) -> dict[str, str]:
    return {name: value for name, value in pairs if name not in VOLATILE}


def junit_facts(result):
    suite = result.run.suite
    cases = {
        short(case.attrib["name"]): (
            next((each.tag for each in case if each.tag in ("failure", "error", "skipped")), "passed"),
            steady(properties_of(case).items()),
            case.findtext("system-out"),
        )
        for case in suite.iter("testcase")
    }
    return cases, steady(properties_of(suite).items())


def html_facts(result):
    tests = [test for each in result.html["tests"].values() for test in each]
    rows = {short(test["testId"]): (test["result"], test["device"], test["extras"]) for test in tests}
    page = (result.folder / "out/report.html").read_text("utf-8")
    return rows, page[page.index('<div id="devicefarm">') : page.index("<p>Cost: ")]


def allure_facts(result):
    tests = {
        short(each["fullName"]) + "".join(f"[{p['value']}]" for p in each.get("parameters", ()) if p["name"] == "n"): (
            each["status"],
            [(p["name"], p["value"], p["excluded"]) for p in each.get("parameters", ()) if p["name"] != "n"],
            [(link["name"], link["url"]) for link in each.get("links", ())],
            [file["name"] for file in each.get("attachments", ()) if file["name"] != "stdout"],
            sorted(label.get("value", "") for label in each["labels"] if label["name"].startswith("devicefarm.")),
        )
        for each in result.allure
    }
    lines = (result.folder / "allure/environment.properties").read_text().splitlines()
    return tests, [line for line in lines if line.partition("=")[0] not in VOLATILE]


def log_facts(result):
    reports = [each for each in result.log if each.get("$report_type") == "TestReport" and each["when"] == "teardown"]
    return {short(each["nodeid"]): steady(each["user_properties"]) for each in reports}


def github_facts(result):
    return sorted(line for line in result.summary.splitlines() if line.startswith("|"))


def metadata_facts(result):
    return {name: each for name, each in result.html["environment"].items() if name.startswith("Device Farm")}


def terminal_facts(result):
    lines = result.run.out.splitlines()
    start = next(number for number, line in enumerate(lines) if "= AWS Device Farm =" in line)
    table = [re.sub(r" +\d+m?s ", " TIME ", line) for line in lines[start + 1 : start + 6]]
    return table, sorted(line for line in lines if line.startswith("::error"))


FACTS = (junit_facts, html_facts, allure_facts, log_facts, github_facts, metadata_facts, terminal_facts)


def test_one_process_and_two_workers(pool_run):
    """All reports of both runs agree on every test; and within a run all agree on which test used the phone."""
    scenario: Scenario = two_phones()
    alone = pool_run(dist="", suite=SUITE, scenario=scenario, sessions=(PHONE,))
    first = {each.__name__: each(alone) for each in FACTS}
    first_code = alone.run.code
    for name in ("allure", "out", "devicefarm-artifacts"):
        (alone.folder / name).rename(alone.folder / f"{name}-alone")
    (alone.folder / "summary.md").unlink()
    shared = pool_run(dist="-n2", suite=SUITE, scenario=scenario, sessions=(PHONE,))
    for each in FACTS:
        assert each(shared) == first[each.__name__], each.__name__
    assert shared.run.code == first_code == 1

    cases, suite = first["junit_facts"]
    rows, panel = first["html_facts"]
    tests, environment = first["allure_facts"]
    said = first["log_facts"]
    assert {name for name, (_, properties, _) in cases.items() if properties} == USED
    assert {name for name, (_, device, _) in rows.items() if device == DEVICE} == USED
    assert {name for name, (_, parameters, *_) in tests.items() if parameters} == USED
    assert {name for name, properties in said.items() if properties} == USED
    assert len(cases) == len(rows) == len(tests) == len(said) == 9
    for name in USED:
        assert cases[name][1] == said[name]
        assert tests[name][1:3] == ([("device", f"'{DEVICE}'", True)], [("AWS Device Farm", PAGE.format("PHONE"))])
    assert {name for name, (*_, labels) in tests.items() if labels} == FAILED
    assert tests["failed"][3] == tests["number[2]"][3] == ["screenshot"]
    assert "screenshot.png" in cases["failed"][2]
    assert [line.split(" | ")[0] for line in first["github_facts"] if "assert" in line or "broke" in line] == [
        r"| test\_suite.py::test\_broken",
        r"| test\_suite.py::test\_failed",
        r"| test\_suite.py::test\_free\_fails",
        r"| test\_suite.py::test\_number\[2\]",
    ]
    (entry,) = first["metadata_facts"].values()
    counts = "2 passed, 2 failed, 1 error, 1 skipped, 1 xfailed"
    assert entry == {
        "device": "Apple iPhone 15 Pro",
        "os": "iOS 17.5.1",
        "mode": "VIDEO_ONLY",
        "status": "RUNNING",
        "result": "PENDING",
        "tests": counts,
        "minutes": "4",
        "cost": "0.51",
        "session": PHONE,
        "console": PAGE.format("PHONE"),
    }
    assert counts in panel
    assert f"devicefarm.session.arn={PHONE}" in environment
    assert f"devicefarm.cost={suite['devicefarm.cost']}" in environment
    table, errors = first["terminal_facts"]
    assert table[0].split() == ["DEVICE", "PASS", "FAIL", "ERROR", "SKIP", "XFAIL", "TIME", "MINUTES", "COST", "STATUS"]
    assert table[1].split()[-9:] == ["2", "2", "1", "1", "1", "TIME", "4", "0.51", "RUNNING"]
    assert len(errors) == 3


@pytest.mark.parametrize("dist", ["", "-n2"])
def test_what_fails_twice_has_each_file_once(pool_run, dist):
    """A test that fails and breaks in its tear-down, too, shows each file once, and the video up to its very end."""
    suite = dedent(
        """
        import pytest

        @pytest.fixture
        def leaks(devicefarm_session):
            yield
            raise RuntimeError
        def test_both(leaks): assert 0
        """
    )
    result = pool_run(
        *("--devicefarm-stop", "--devicefarm-artifacts=on"),
        dist=dist,
        suite=suite,
        scenario=replace(two_phones(), stop_seconds=0.1, video_seconds=0.0),
        sessions=(PHONE,),
    )
    (ended,) = (
        dict(each["user_properties"])["devicefarm.test.ended"] for each in result.log if each.get("when") == "teardown"
    )
    text = next(result.run.suite.iter("testcase")).findtext("system-out")
    names = {"screenshot.png", "video.mp4", "syslog.syslog", "appium-server-output.log"}
    assert Counter(re.findall(r"\[\[ATTACHMENT\|.*/(.*)\]\]", text)) == dict.fromkeys(names, 1)
    assert {float(end) >= float(ended) for end in re.findall("video.mp4#t=.*,(.*)", text)} == {True}
    rows = [test for each in result.html["tests"].values() for test in each]
    assert [row["extras"][0]["content"].count("<figure>") for row in rows] == [len(names)] * 2
    (test,) = result.allure
    assert len(test["attachments"]) == len(names)
