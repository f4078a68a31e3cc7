"""A test's own lines of a log, whatever its tool writes as the time."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pytest_devicefarm.model.artifact import Artifact, Span
from pytest_devicefarm.model.session import RemoteAccessSession
from pytest_devicefarm.report.evidence import Evidence
from pytest_devicefarm.report.slices import Log

STARTED = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
ARN = "arn:aws:devicefarm:us-west-2:123456789101:session:p/s/00000"


def log(path: Path, *lines: str | bytes, seconds: float = 60) -> Log:
    """Of a session of so many seconds."""
    path.write_bytes(b"".join(each if isinstance(each, bytes) else each.encode() + b"\n" for each in lines))
    return Log(path, STARTED, STARTED + timedelta(seconds=seconds))


FORMS = {
    "appium, in UTC": "%Y-%m-%d %H:%M:%S:{ms} - [HTTP] --> POST /session {n}",
    "appium, in colour": "\x1b[90m%Y-%m-%d %H:%M:%S:{ms}\x1b[39m - \x1b[35m[HTTP]\x1b[39m {n}",
    "appium 3": "%Y-%m-%dT%H:%M:%S.{ms}Z [Appium] {n}",
    "in brackets": "[%Y-%m-%d %H:%M:%S,{ms}] {n}",
    "logcat": "%m-%d %H:%M:%S.{ms}  1234  5678 I ActivityManager: {n}",
    "logcat with the year": "%Y-%m-%d %H:%M:%S.{ms}  1234  5678 I ActivityManager: {n}",
    "logcat with a zone": "%m-%d %H:%M:%S.{ms} +0000  1234  5678 I ActivityManager: {n}",
    "logcat by epoch": "         {epoch}.{ms}  1234  5678 I ActivityManager: {n}",
    "syslog": "%b {day:2} %H:%M:%S iPhone SpringBoard(FrontBoard)[58] <Notice>: {n}",
    "syslog with a fraction": "%b {day:2} %H:%M:%S.{ms}000 iPhone SpringBoard[58] <Notice>: {n}",
    "unified log": "%Y-%m-%d %H:%M:%S.{ms}000+0000 0x1a2b Default 0x0 58 0 SpringBoard: {n}",
    "the console's": "default\t%H:%M:%S.{ms}000+0000\tSpringBoard\t{n}",
    "no date": "%H:%M:%S.{ms} {n}",
}


def line(form: str, second: int, zone: timedelta = timedelta()) -> str:
    moment = STARTED + timedelta(seconds=second)
    local = moment + zone
    return local.strftime(form).format(ms="500", n=f"line {second}", epoch=int(moment.timestamp()), day=local.day)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_the_lines_of_a_stretch(tmp_path, form):
    """Those that were written within it, and five before."""
    made = log(tmp_path / "log", *(line(form, second) for second in range(60)))
    found = [int(each.rpartition(" ")[2].split("\t")[-1]) for each in made.lines(Span(20.2, 23.7))]
    assert found == [15, 16, 17, 18, 19, 20, 21, 22, 23]


@pytest.mark.parametrize("hours", [-8, -7, 1, 5.5, 9, 14])
@pytest.mark.parametrize("form", ["logcat", "logcat with the year", "syslog", "no date", "appium, in UTC"])
def test_a_device_with_a_zone_of_its_own(tmp_path, form, hours):
    """A time without a zone is of that in which the log ends when the session does."""
    zone = timedelta(hours=hours)
    made = log(tmp_path / "log", *(line(FORMS[form], second, zone) for second in range(58)))
    assert [each.rpartition(" ")[2] for each in made.lines(Span(20, 20.7))][5:] == ["20"]


def test_a_session_over_new_year(tmp_path):
    """A time without a year is of the one next to the session; a time without a date may be of the next day."""
    begun = datetime(2026, 12, 31, 23, 59, 30, tzinfo=UTC)
    for form in ("%m-%d %H:%M:%S.000 {n}", "%b %d %H:%M:%S {n}", "%H:%M:%S.000 {n}"):
        path = tmp_path / "log"
        path.write_text("".join((begun + timedelta(seconds=n)).strftime(form).format(n=n) + "\n" for n in range(60)))
        made = Log(path, begun, begun + timedelta(seconds=60))
        assert [each.rpartition(" ")[2] for each in made.lines(Span(40, 41))][-2:] == ["40", "41"]


def test_lines_without_a_time_belong_to_the_one_before(tmp_path):
    """A traceback stays with what it is of; a headline before the first time is nobody's."""
    form = FORMS["logcat"]
    made = log(
        tmp_path / "log",
        "--------- beginning of main",
        line(form, 1),
        line(form, 9),
        "  at A",
        "  at B",
        line(form, 12),
    )
    assert made.lines(Span(8, 10))[-3:] == [line(form, 9), "  at A", "  at B"]
    assert made.lines(Span(8, 10))[0] == "--------- beginning of main"


def test_no_line_within(tmp_path):
    """Then there is none: those before say nothing of the test."""
    form = FORMS["logcat"]
    made = log(tmp_path / "log", line(form, 1), line(form, 50))
    assert made.lines(Span(8, 10)) == []
    assert log(tmp_path / "empty").lines(Span(0, 100)) == []
    assert log(tmp_path / "no times", "a", "b").lines(Span(0, 100)) == []


def test_an_unfinished_last_line_and_ends_of_windows(tmp_path):
    """Each line without its end."""
    form = FORMS["logcat"]
    made = log(tmp_path / "log", line(form, 1).encode() + b"\r\n", line(form, 2).encode(), seconds=3)
    assert made.lines(Span(0, 5)) == [line(form, 1), line(form, 2)]


def test_many_and_long_lines_are_cut(tmp_path):
    """The last 200, as a failure is at the end; 500 characters of each; whatever bytes they are."""
    form = FORMS["logcat"]
    many = log(tmp_path / "many", *(line(form, 30) for _ in range(1000)), line(form, 31))
    assert len(many.lines(Span(0, 60))) == 200
    assert many.lines(Span(0, 60))[-1] == line(form, 31)
    long = log(tmp_path / "long", line(form, 1).encode() + b"\x00\xff\x1b]0;x\x07" + b"x" * 200_000 + b"\n")
    (first, *_) = long.lines(Span(0, 2))
    assert len(first) == 503
    assert first.isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "99-99 99:99:99.000 x",
        "02-30 10:00:00 x",
        "Feb 31 10:00:00 x",
        "9999-12-31 23:59:59 x",
        "0000-01-01 00:00:00",
        "2026-06-09 12:00:30 x",
    ],
)
def test_times_that_are_none(tmp_path, text):
    """No error, and no line that is not the test's."""
    assert log(tmp_path / "log", text, text).lines(Span(10, 60)) == []


def test_lines_out_of_order_are_a_stretch_all_the_same(tmp_path):
    """logcat puts several buffers one after another."""
    form = FORMS["logcat"]
    made = log(tmp_path / "log", *(line(form, second) for second in (1, 10, 12, 11, 13, 40, 59)))
    assert made.lines(Span(11, 13)) == [line(form, second) for second in (1, 10, 12, 11)]


# What a test's report gets of all that


def artifact(path: Path, kind: str, name: str, content: str = "") -> Artifact:
    path.write_text(content)
    return Artifact(session=ARN, type=kind, name=name, extension="", path=path)


def session(**more: object) -> RemoteAccessSession:
    return RemoteAccessSession.from_response({"arn": ARN, "started": STARTED.timestamp(), **more})


TIMES = {"devicefarm.session.arn": ARN, "devicefarm.test.started": "20.5", "devicefarm.test.ended": "22"}


def test_a_report_gets_its_part_of_the_video_and_its_lines(tmp_path):
    """And neither screenshots of the whole session nor anything of another one."""
    lines = "\n".join(line(FORMS["logcat"], second) for second in range(30))
    video = artifact(tmp_path / "video.mp4", "VIDEO", "Video")
    logcat = artifact(tmp_path / "logcat.txt", "DEVICE_LOG", "Logcat", lines)
    picture = artifact(tmp_path / "a.png", "SCREENSHOT", "Screenshot")
    other = Artifact(session=ARN + "2", type="VIDEO", name="Video", extension="mp4", path=video.path)
    evidence = Evidence([session(stopped=STARTED.timestamp() + 30)], [video, logcat, picture, other])
    first, second = evidence.of(TIMES)
    assert first.link(tmp_path) == "video.mp4#t=20.5,22"
    assert (second.artifact, second.lines.split("\n")[5:]) == (logcat, [line(FORMS["logcat"], n) for n in (20, 21)])


def test_of_a_session_that_runs_the_log_ends_when_it_was_fetched(tmp_path):
    """That is what tells the zone of its times."""
    lines = "\n".join(line(FORMS["logcat"], second, timedelta(hours=-7)) for second in range(30))
    logcat = artifact(tmp_path / "log", "APPIUM_SERVER_LOG_OUTPUT", "Log", lines)
    os.utime(logcat.path, (STARTED.timestamp() + 35,) * 2)
    (found,) = Evidence([session()], [logcat]).of(TIMES)
    assert found.lines.endswith("line 21")


def test_without_times_there_are_links_and_no_lines(tmp_path):
    """Of a test whose worker crashed, or a session that does not say when it started."""
    video = artifact(tmp_path / "video.mp4", "VIDEO", "Video")
    logcat = artifact(tmp_path / "log", "DEVICE_LOG", "Log", line(FORMS["logcat"], 21))
    for properties, known in (({"devicefarm.session.arn": ARN}, session()), (TIMES, RemoteAccessSession(arn=ARN))):
        first, second = Evidence([known], [video, logcat]).of(properties)
        assert (first.link(tmp_path).partition("#")[0], second.lines) == ("video.mp4", "")
    assert list(Evidence([session()], [video]).of({})) == []


def test_a_log_that_is_gone_breaks_no_report(tmp_path):
    """The report does without its lines."""
    logcat = artifact(tmp_path / "log", "DEVICE_LOG", "Log")
    logcat.path.unlink()
    (found,) = Evidence([session()], [logcat]).of(TIMES)
    assert found.lines == ""


def test_credentials_in_a_log_are_concealed(tmp_path):
    """Whatever the tool wrote into it."""
    logcat = artifact(tmp_path / "log", "DEVICE_LOG", "Log", line(FORMS["logcat"], 21) + " https://secret")
    os.utime(logcat.path, (STARTED.timestamp() + 30,) * 2)
    (found,) = Evidence([session()], [logcat], lambda text: text.replace("secret", "***")).of(TIMES)
    assert found.lines.endswith("line 21 https://***")
