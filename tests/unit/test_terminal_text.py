"""report/terminal and model/text: one-line texts that fit a terminal and hold no control character."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_devicefarm.model.arn import parse_session
from pytest_devicefarm.model.device_request import parse_device_request
from pytest_devicefarm.model.session import RemoteAccessSession, SessionStatus
from pytest_devicefarm.model.text import printable, show_duration, show_number
from pytest_devicefarm.model.xcuitest import Rule
from pytest_devicefarm.report.terminal import clock, device_line, header, status_line
from pytest_devicefarm.settings import Settings, Source

from .unit_samples import CANARY, EXAMPLE_ARN, full

PREFIX = "devicefarm: "  # what `Progress` puts before each line


def _session(**response: Any) -> RemoteAccessSession:
    return RemoteAccessSession.from_response(response)


DEFAULTS = {
    "timeout": Source("15m", "default"),
    "xcuitest": Source("error", "default"),
    "junit": Source("both", "default"),
}


@pytest.mark.parametrize(
    ("settings", "lines"),
    [
        (
            Settings(
                session=(parse_session(EXAMPLE_ARN),),
                xcuitest=Rule.ERROR,
                sources={"session": Source(EXAMPLE_ARN, "DEVICEFARM_SESSION"), **DEFAULTS},
            ),
            [
                f"devicefarm session: {EXAMPLE_ARN} (DEVICEFARM_SESSION)",
                "devicefarm timeout: 15m (default)",
                "devicefarm xcuitest: error (default)",
            ],
        ),
        (
            Settings(
                xcuitest=Rule.WARN,
                emulator=True,
                junit="none",
                sources={
                    "emulator": Source("on", "--devicefarm-emulator"),
                    "queue_timeout": Source("5m", "ini devicefarm_queue_timeout"),
                    "junit": Source("none", "--devicefarm-junit"),
                    "profile": Source("a\nb", "--devicefarm-profile"),
                },
            ),
            [
                "devicefarm session: the emulator's own",
                "devicefarm emulator: on (--devicefarm-emulator)",
                "devicefarm queue timeout: 5m (ini devicefarm_queue_timeout)",
                "devicefarm junit: none (--devicefarm-junit)",
                r"devicefarm profile: a\nb (--devicefarm-profile)",
            ],
        ),
    ],
    ids=["session", "emulator"],
)
def test_header(settings: Settings, lines: list[str]) -> None:
    """Every setting in force is shown with its source; of the defaults those that decide whether and how long to wait."""
    assert header(settings, 1) == lines


@pytest.mark.parametrize(
    ("workers", "lines"),
    [
        (1, ["devicefarm workers: 1 for 3 sessions, so 2 stay idle: give -n auto"]),
        (2, ["devicefarm workers: 2 for 3 sessions, so 1 stays idle: give -n auto"]),
        (3, []),
        (4, []),
    ],
)
def test_header_names_idle_sessions(workers: int, lines: list[str]) -> None:
    """Fewer workers than sessions, attached and to be created, are worth a line, with the remedy."""
    settings = Settings(
        session=(parse_session(EXAMPLE_ARN),), device=parse_device_request("2*platform=IOS"), xcuitest=Rule.ERROR
    )
    assert header(settings, workers) == lines


def test_header_hides_a_password() -> None:
    """A password in --devicefarm-endpoint-url is a credential."""
    url = f"http://user:{CANARY}@127.0.0.1:5000"
    sources = {"endpoint_url": Source(url, "--devicefarm-endpoint-url")}
    assert CANARY not in str(header(Settings(xcuitest=Rule.ERROR, endpoint_url=url, sources=sources), 1))


@pytest.mark.parametrize(
    ("response", "line"),
    [
        (full(), "Apple iPhone 15 Pro, iOS 17.5.1, VIDEO_ONLY"),
        ({"device": {"name": "Pixel 9", "platform": "ANDROID", "os": "15"}}, "Pixel 9, Android 15"),
        ({"device": {"model": "Pixel"}}, "Pixel"),
        ({"device": {"os": "15"}}, "device without a name, 15"),
        ({"device": {}}, "device without a name"),
        ({"interactionMode": "NO_VIDEO"}, "NO_VIDEO"),
        ({}, ""),
        (
            {"device": {"name": "A\nB\x1b[31m", "os": "\x07"}, "interactionMode": "X\rY"},
            r"A\nB\x1b[31m, \x07, X\rY",
        ),
    ],
)
def test_device_line(response: dict[str, Any], line: str) -> None:
    """The device, its system and the mode, as far as they are known."""
    assert device_line(_session(**response)) == line


@pytest.mark.parametrize(
    ("response", "elapsed", "line"),
    [
        ({"status": "PENDING"}, 0.4, "0:00 PENDING"),
        ({"status": "RUNNING", "device": {"name": "Pixel 9"}}, 75.9, "1:15 RUNNING  Pixel 9"),
        ({}, 3600, "60:00 no status"),
        ({"status": "A\nB"}, 1, r"0:01 A\nB"),
    ],
)
def test_status_line(response: dict[str, Any], elapsed: float, line: str) -> None:
    """A change of status: elapsed time, status, device."""
    assert status_line(_session(**response), elapsed) == line


EXPLAINED = {"PENDING_CONCURRENCY": "waiting for a free slot", "PENDING_DEVICE": "waiting for the device"}


@pytest.mark.parametrize(("status", "meaning"), EXPLAINED.items())
def test_status_lines_say_what_is_waited_for(status: str, meaning: str) -> None:
    """The two statuses whose names do not say what they mean to the user have it beside them."""
    device = {"name": "Pixel 9"}
    assert status_line(_session(status=status, device=device), 61) == f"1:01 {status} ({meaning})  Pixel 9"


@pytest.mark.parametrize("status", sorted(set(SessionStatus.__members__) - {*EXPLAINED}))
@pytest.mark.parametrize("name", ["Apple iPhone 15 Pro", "Samsung Galaxy S24"])
def test_status_lines_fit_80_columns(status: str, name: str) -> None:
    """The lines of usual devices fit a terminal of 80 columns, in every mode and every status that needs no words."""
    for mode in ("INTERACTIVE", "NO_VIDEO", "VIDEO_ONLY"):
        device = {"name": name, "platform": "IOS", "os": "17.5.1"}
        line = PREFIX + status_line(_session(status=status, device=device, interactionMode=mode), 899)
        assert len(line) <= 80


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (0.99, "0:00"), (9, "0:09"), (60, "1:00"), (899.9, "14:59"), (9000, "150:00")]
)
def test_clock(seconds: float, text: str) -> None:
    """Elapsed time is minutes and seconds."""
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.4, "0s"), (1, "1s"), (90.4, "1m30s"), (900, "15m"), (3600, "1h"), (3661, "1h1m1s"), (86400, "24h")],
)
def test_show_duration(seconds: float, text: str) -> None:
    """A duration is written as the options take it."""
    assert show_duration(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0.0, "0"), (-0.0, "0"), (12.0, "12"), (12.5, "12.5"), (3, "3"), (-1.5, "-1.5")]
)
def test_show_number(number: float, text: str) -> None:
    """Whole numbers have no fraction."""
    assert show_number(number) == text


@given(st.text())
def test_printable(text: str) -> None:
    """Any text becomes one line that UTF-8 can hold, and plain text stays as it is."""
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    shown.encode()
    assert not [each for each in shown if ord(each) < 32 or 0x7F <= ord(each) < 0xA0]
    assert printable(shown) == shown
    if text.isprintable():
        assert shown == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("plain ü \U0001f4f1", "plain ü \U0001f4f1"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x00\x1b[2J\x7f\x9b", r"\x00\x1b[2J\x7f\x9b"),
        ("\u2028\u2029\u202e\u2066", r"\u2028\u2029\u202e\u2066"),
        ("\ud800\udfff\ufffe\uffff", r"\ud800\udfff\ufffe\uffff"),
    ],
)
def test_printable_escapes(text: str, shown: str) -> None:
    """Control characters, line ends, direction marks and what XML refuses are shown as escapes."""
    assert printable(text) == shown
