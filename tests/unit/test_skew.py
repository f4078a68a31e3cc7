"""How far AWS's clock is from this machine's, by the dates of its answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from pytest_devicefarm.farm.skew import Skew

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def learn(skew: Skew, ahead: float, *moments: float, took: float = 0.1) -> float:
    """Answers, asked for so many seconds after noon, of a clock that is so far ahead."""
    for moment in moments:
        asked = NOON + timedelta(seconds=moment)
        date = (asked + timedelta(seconds=ahead + took / 2)).replace(microsecond=0)
        headers = {"date": format_datetime(date, usegmt=True)}
        skew.learn({"ResponseMetadata": {"HTTPHeaders": headers}}, asked, asked + timedelta(seconds=took))
    return skew.seconds


def test_clocks_that_agree_are_left_alone():
    """A date is a whole second, so what is less than that is no skew."""
    assert learn(Skew(), 0.0, 0.0, 0.4, 0.9) == 0.0
    assert Skew().seconds == 0.0


@pytest.mark.parametrize("ahead", [-3600.0, -7.3, 2.6, 90.0])
def test_a_clock_that_is_off_is_known_to_the_tenth(ahead):
    """The more answers, the closer."""
    assert learn(Skew(), ahead, 0.0) == pytest.approx(ahead, abs=0.6)
    assert learn(Skew(), ahead, *(n * 1.13 for n in range(20))) == pytest.approx(ahead, abs=0.15)


def test_a_clock_that_is_set_meanwhile():
    """What was learnt before counts no longer."""
    skew = Skew()
    learn(skew, 50.0, 0.0, 1.5)
    assert learn(skew, -20.0, 3.0, 4.5, 6.2) == pytest.approx(-20.0, abs=0.6)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"ResponseMetadata": None},
        {"ResponseMetadata": {"HTTPHeaders": {}}},
        {"ResponseMetadata": {"HTTPHeaders": {"date": "x"}}},
        {"ResponseMetadata": {"HTTPHeaders": {"date": "Sun, 01 Mar 2026 12:00:00 -0000"}}},
    ],
)
def test_answers_without_a_date(answer):
    """Of a client that a user made up: nothing is learnt, and nothing breaks."""
    skew = Skew()
    skew.learn(answer, NOON, NOON)
    assert skew.seconds == 0.0
