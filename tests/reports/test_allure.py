"""allure-pytest: what a result says of its device, what is added to it later, and the run's surroundings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import DISTRIBUTIONS, needs_xdist

from pytest_devicefarm.emulator import Scenario, Session
from pytest_devicefarm.model.artifact import Span
from pytest_devicefarm.report.allure import AllureReport, _escaped

from .conftest import PHONE, TABLET
from .samples import STRANGE, attachment, failed, overview, row


def results(folder: Path) -> dict[str, dict]:
    pytest.importorskip("allure_pytest")
    found = [json.loads(each.read_text("utf-8")) for each in (folder / "allure").glob("*-result.json")]
    return {f"{each['name']} {number}": each for number, each in enumerate(found)}


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_reruns_say_the_device_too(run, emulator, pytester, dist):
    """Each attempt that used the session says it, and has one history: the device is no part of the test's identity."""
    pytest.importorskip("allure_pytest")
    pytester.makepyfile(
        """
        tries = []
        def test_flaky(devicefarm_session):
            tries.append(1)
            assert len(tries) == 2
        """
    )
    assert run(*dist, "--reruns=2", "--alluredir=allure", against=emulator(Scenario())).code == 0
    found = list(results(pytester.path).values())
    assert len(found) == 2
    assert len({each["historyId"] for each in found}) == 1
    assert {each["parameters"][0]["value"] for each in found} == {"'Apple iPhone 15 Pro (iOS 17.5.1)'"}


@needs_xdist
def test_each_device_has_a_history_of_its_own(run, emulator, pytester):
    """Under --dist each a test on another device is another test."""
    pytest.importorskip("allure_pytest")
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    sessions = (Session(arn=PHONE, name="a"), Session(arn=TABLET, name="b", fields={"device": {"name": "Other"}}))
    options = ("--alluredir=allure", "--dist=each", "-n2", f"--devicefarm-session={PHONE}")
    assert run(*options, against=emulator(Scenario(sessions=sessions)), session=TABLET).code == 0
    found = list(results(pytester.path).values())
    assert len({each["historyId"] for each in found}) == 2


def _result(folder: Path, name: str, **labels: str) -> Path:
    path = folder / f"{name}-result.json"
    said = [{"name": f"devicefarm.{label}", "value": value} for label, value in labels.items()]
    path.write_text(json.dumps({"name": name, "start": 2_000_000, "labels": [{"name": "tag", "value": "x"}, *said]}))
    return path


def test_what_comes_later_is_added(tmp_path: Path) -> None:
    """A video and the test's own lines of a log reach the results of the failed test, of this run, on that session."""
    files = tmp_path / "files"
    files.mkdir()
    (files / "video.mp4").write_bytes(b"video")
    (files / "device.log").write_text("all lines")
    folder = tmp_path / "allure"
    folder.mkdir()
    later = (
        attachment(files / "video.mp4", "VIDEO", "Video", Span(2.5, 4)),
        attachment(files / "device.log", "DEVICE_LOG", "Syslog", Span(2.5, 4), "one\ntwo \ud800"),
        attachment(files / "device.log", "DEVICE_LOG", "All of it", Span(2.5, 4)),  # of which no line has a time
        attachment(files / "device.log", "DEVICE_LOG", "at once"),  # which the test's own process has attached
    )
    test = failed(1, later)
    arn = test.said["devicefarm.session.arn"]
    mine = _result(folder, "mine", test=test.nodeid, session=arn)
    others = [
        _result(folder, "elsewhere", test=test.nodeid, session="other"),
        _result(folder, "another", test="other", session=arn),
        _result(folder, "passed"),
    ]
    old = _result(folder, "old", test=test.nodeid, session=arn)
    old.write_text(old.read_text().replace("2000000", "1000"))
    (folder / "odd-result.json").write_text("[]")
    before = {path: path.read_bytes() for path in [*others, old]}
    AllureReport(folder, began=1999.0).finish(overview(row(), failures=(test,)))
    assert {path: path.read_bytes() for path in before} == before
    video, log, whole = json.loads(mine.read_text("utf-8"))["attachments"]
    assert (video["name"], video["type"]) == ("Video, t=2.5,4", "video/mp4")
    assert (folder / video["source"]).read_bytes() == b"video"
    assert (log["name"], log["type"]) == ("Syslog", "text/plain")
    assert (folder / log["source"]).read_text() == "one\ntwo \\ud800"
    assert (whole["name"], whole["type"]) == ("All of it", "text/plain")
    assert (folder / whole["source"]).read_text() == "all lines"
    assert not [path for path in folder.iterdir() if path.suffix == ".part"]


def test_environment(tmp_path: Path) -> None:
    """The suite's properties are added to what the user's own file says; a second run replaces the first one's."""
    file = tmp_path / "environment.properties"
    file.write_text("Browser=Chromium\ndevicefarm.session.arn=before\nmine.build=1\n")
    session = row(1)
    session.said["mine.build"] = "2"  # type: ignore[index]  # a dict here
    AllureReport(tmp_path, began=0.0).finish(overview(session))
    lines = file.read_text().splitlines()
    assert lines[:2] == ["Browser=Chromium", f"devicefarm.session.arn={session.arn}"]
    assert [line for line in lines if line.startswith("mine.build")] == ["mine.build=2"]


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a b=c:d", "a b=c:d"),
        (" a", "\\ a"),
        ("C:\\x", "C:\\\\x"),
        ("é\U0001f4f1\ud800", "\\u00e9\\ud83d\\udcf1\\ud800"),
        ("a\nb", "a\\u000ab"),
    ],
)
def test_properties_files(text: str, escaped: str) -> None:
    """As java.util.Properties reads it: Latin-1, a backslash before blanks at the start, the rest by number."""
    assert _escaped(text) == escaped


def test_keys_of_properties_files() -> None:
    """In a key, what would end it is escaped."""
    assert _escaped("a b=c:d", key=True) == "a\\ b\\=c\\:d"
    assert _escaped(STRANGE, key=True).isascii()
