"""options: what is a duration, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given as with_any
from hypothesis import strategies as st

from pytest_devicefarm.errors import ConfigurationError
from pytest_devicefarm.values import duration

DURATION = " is no duration: expected one such as 90, 90s, 15m, 1h or 1m30s, at most a day"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("15m", 900),
        ("1h", 3600),
        ("1m30s", 90),
        ("1h30m", 5400),
        ("1h1m1s", 3661),
        (" 90 ", 90),
        ("0", 0),
        ("0s", 0),
        ("007", 7),
        ("24h", 86400),
        ("86400", 86400),
        ("1440m", 86400),
    ],
)
def test_duration(text: str, seconds: float) -> None:
    """Durations are whole seconds, or hours, minutes and seconds with their units."""
    assert duration(text) == seconds
    assert type(duration(text)) is float


NO_DURATIONS = [
    "",
    " ",
    "-1",
    "+1",
    "5x",
    "1e309",
    "1.5",
    "1,5",
    "1_0",
    "inf",
    "nan",
    "s",
    "m",
    "1s30m",
    "1m 30s",
    "1d",
]
TOO_LONG = ["86401", "24h1s", "25h", "999999", "9" * 7, "9" * 80]


@pytest.mark.parametrize("text", [*NO_DURATIONS, *TOO_LONG, "90S", "0x1", "\u0661", "1\x00", "1h1h", "90s\nx"])
def test_no_duration(text: str) -> None:
    """Everything else is refused, and so is more than a day."""
    with pytest.raises(ConfigurationError) as caught:
        duration(text)
    assert str(caught.value) == f"{text!r}{DURATION}"


def test_long_text_is_shortened() -> None:
    """5,000 characters do not fill the terminal."""
    with pytest.raises(ConfigurationError) as caught:
        duration("9" * 5000)
    assert str(caught.value) == f"'{'9' * 80}...'{DURATION}"


@with_any(st.text())
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    """No text does anything else, and no error has more than one line."""
    line = ""
    try:
        assert 0 <= duration(text) <= 86400
    except ConfigurationError as error:
        line = str(error)
    assert line.isprintable()
