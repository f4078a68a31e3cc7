"""The terminal: the table at the end, and what does not depend on colours."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from decimal import Decimal

import pytest

from pytest_devicefarm.emulator import Scenario, Session, Step
from pytest_devicefarm.report.cost import Cost
from pytest_devicefarm.report.table import align
from pytest_devicefarm.report.terminal import summary

from .samples import STRANGE, overview, row

FREE = Cost(Decimal(0), Decimal(0), Decimal(0), Decimal(0))


def test_summary_of_one_session() -> None:
    """Tests by outcome, their time, minutes, cost and status; then what the table has no room for, and what it cost."""
    assert summary(overview(row(1, {"passed": 3, "failed": 1}, session__message="Ended by user")), 80) == [
        "DEVICE               PASS  FAIL   TIME  MINUTES  COST  STATUS",
        "Phone 1, iOS 17.5.1     3     1  1m12s      3.5  0.60  COMPLETED",
        "NO_VIDEO, result PASSED",
        "Ended by user",
        "https://console.example/S1",
        "cost: 0.60 USD for 3.5 minutes at 0.17: 0.40 waiting, 0.20 tests",
    ]


def test_summary_of_a_pool() -> None:
    """Sessions are numbered; only outcomes that there were have a column; one that nobody used is there, too."""
    lines = summary(overview(row(1, {"passed": 3, "rerun": 2}), row(2, paid=FREE, session__result="")), 80)
    assert lines == [
        "DEVICE                 PASS  RERUN   TIME  MINUTES  COST  STATUS",
        "1 Phone 1, iOS 17.5.1     3      2  1m12s      3.5  0.60  COMPLETED",
        "2 Phone 2, iOS 17.5.1     -      -     0s        0  0.00  COMPLETED",
        "1 NO_VIDEO, result PASSED",
        "1 https://console.example/S1",
        "2 NO_VIDEO, no test used it",
        "2 https://console.example/S2",
        "cost: 0.60 USD for 3.5 minutes at 0.17: 0.40 waiting, 0.20 tests",
    ]


def test_summary_of_what_is_not_known() -> None:
    """A session of which only the ARN is known: dashes, and the ARN for the page that it has not."""
    said = dict.fromkeys(("device__name", "device__os", "device__platform", "session__status", "session__result"), "")
    session = row(1, session__console_url="", session__interaction_mode="", **said)
    session = session.__class__(**{**vars(session), "cost": None})
    assert summary(overview(session), 80) == [
        "DEVICE          TIME  MINUTES  COST  STATUS",
        "device unknown    0s        -     -  unknown",
        "no test used it",
        session.arn,
    ]
    assert summary(overview(), 80) == []


def test_it_fits_80_columns() -> None:
    """With usual outcomes and a long name the table is 80 wide, and the name gives way."""
    outcomes = {"passed": 120, "failed": 12, "error": 3, "skipped": 7}
    lines = summary(overview(row(1, outcomes, device__name="Samsung Galaxy S24 Ultra (Unlocked)"), row(2)), 80)
    assert max(map(len, lines[:3])) <= 80
    assert lines[1].startswith("1 Samsung Galaxy")
    wide = summary(overview(row(1, outcomes, device__name="Samsung Galaxy S24 Ultra (Unlocked)"), row(2)), 200)
    assert wide[1].startswith("1 Samsung Galaxy S24 Ultra (Unlocked), iOS 17.5.1  ")


@pytest.mark.parametrize(("width", "second"), [(80, "2 "), (40, "2 Phone 2, iOS 17.5.1, ")])
def test_a_name_that_gave_way_is_told_below(width: int, second: str) -> None:
    """So that the device is known at any width."""
    outcomes = {"passed": 120, "failed": 12, "error": 3, "skipped": 7}
    first = row(1, outcomes, device__name="Apple iPhone 16 Pro", device__os="18.6.2")
    lines = summary(overview(first, row(2)), width)
    assert [line for line in lines if "NO_VIDEO" in line] == [
        "1 Apple iPhone 16 Pro, iOS 18.6.2, NO_VIDEO, result PASSED",
        f"{second}NO_VIDEO, result PASSED, no test used it",
    ]


def test_strange_texts_are_one_line_each() -> None:
    """Nothing that a terminal would act on, no line of 10,000 characters."""
    names = ("device__name", "session__status", "session__message", "session__interaction_mode", "session__result")
    lines = summary(overview(row(1, {"failed": 1}, **dict.fromkeys(names, STRANGE))), 80)
    assert all(len(line.splitlines()) == 1 and "\x1b" not in line for line in lines)
    assert max(map(len, lines)) <= 510


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (None, ["NAME                     N", "-                        1", "a long name for a thing  -"]),
        (20, ["NAME               N", "-                  1", "a long name fo...  -"]),
        (3, ["NAME          N", "-             1", "a long na...  -"]),
    ],
)
def test_align(width: int | None, lines: list[str]) -> None:
    """Columns stand under each other; the one that gives way keeps enough to be told apart."""
    found = align(("NAME", "N"), [(None, 1), ("a long name for a thing", "")], right=(1,), width=width)
    assert found == lines


BOOTING = Session(steps=(Step("PENDING_CONCURRENCY", 1.2), Step("RUNNING")), from_first_read=True)


@pytest.mark.parametrize("how", ["NO_COLOR", "--color=no", "colour"])
def test_without_colours(pytester, environment, monkeypatch, emulator, how):
    """On a terminal: NO_COLOR and --color=no leave no escape sequence; the live line is rewritten all the same."""
    server = emulator(Scenario(sessions=(BOOTING,)))
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    variables = {
        **{name: value for name, value in os.environ.items() if name != "PY_COLORS"},  # which pytester sets
        "AWS_ENDPOINT_URL_DEVICE_FARM": server.url,
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "TERM": "xterm-256color",
        "COLUMNS": "80",
    } | ({"NO_COLOR": "1"} if how == "NO_COLOR" else {})
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        f"--devicefarm-session={server.default_session_arn}",
    ]
    command += [how] if how.startswith("--") else []
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, cwd=pytester.path, stdout=theirs, stderr=theirs, env=variables) as process:
        os.close(theirs)
        text = _read_all(ours)
    os.close(ours)
    assert process.returncode == 0, text
    assert ("\x1b[" in text) is (how == "colour")
    assert "\rdevicefarm: 0:01 PENDING_CONCURRENCY ..." in text
    assert "PASS" in text.partition("= AWS Device Farm =")[2]


def _read_all(descriptor: int) -> str:
    found = b""
    while True:
        ready, _, _ = select.select([descriptor], [], [], 60)
        assert ready, "nothing more came within a minute"
        try:
            block = os.read(descriptor, 65536)
        except OSError:  # how Linux says that the other end is closed
            block = b""
        if not block:
            return found.decode()
        found += block


def test_a_pipe_gets_plain_lines(run, emulator, pytester):
    """As in CI: a line for each change, nothing rewritten, no escape sequence."""
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    out = run(against=emulator(Scenario(sessions=(BOOTING,)))).out
    assert "\r" not in out
    assert "\x1b" not in out
    lines = [line for line in out.splitlines() if line.startswith("devicefarm: 0:0")]
    assert [line.split()[2] for line in lines] == ["PENDING_CONCURRENCY", "RUNNING"]
