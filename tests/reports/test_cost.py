"""report/cost: what minutes cost, and how much of that was spent on tests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_devicefarm.model.session import BillingMethod, DeviceMinutes
from pytest_devicefarm.report.cost import Cost, cost, describe, money, show_minutes, total

PRICE = Decimal("0.17")
METERED, UNMETERED = BillingMethod.METERED, BillingMethod.UNMETERED


def _cost(minutes: DeviceMinutes | None, billing: Any = METERED, trial: bool = False, seconds: float = 0.0) -> Any:
    return cost(minutes, billing, price=PRICE, trial=trial, seconds=seconds)


def _minutes(total: float | None, metered: float | None = None, unmetered: float | None = None) -> DeviceMinutes:
    return DeviceMinutes(total=total, metered=metered, unmetered=unmetered)


@pytest.mark.parametrize(
    ("minutes", "billing", "trial", "amount"),
    [
        (_minutes(10.0, 10.0, 0.0), METERED, False, "1.70"),
        (_minutes(10.0, 7.5, 2.5), METERED, False, "1.28"),
        (_minutes(10.0, 0.0, 10.0), METERED, False, "0.00"),
        (_minutes(10.0, 10.0, 0.0), UNMETERED, False, "0.00"),
        (_minutes(10.0, 10.0, 0.0), METERED, True, "0.00"),
        (_minutes(10.0), None, False, "1.70"),  # AWS does not say which: dear is the safe side
        (_minutes(10.0, None, 4.0), None, False, "1.02"),
        (_minutes(0.0, 0.0, 0.0), METERED, False, "0.00"),
    ],
)
def test_what_is_paid(minutes: DeviceMinutes, billing: Any, trial: bool, amount: str) -> None:
    """Metered minutes have a price; unmetered ones, those of an unmetered session and those of a trial have none."""
    assert money(_cost(minutes, billing, trial).amount) == amount


@pytest.mark.parametrize("minutes", [None, _minutes(None), _minutes(None, 3.0)])
def test_unknown_minutes_have_no_cost(minutes: DeviceMinutes | None) -> None:
    """What AWS does not say is not guessed."""
    assert _cost(minutes) is None


@pytest.mark.parametrize(
    ("seconds", "tests", "waiting"), [(0.0, "0.00", "1.70"), (120.0, "0.34", "1.36"), (9999.0, "1.70", "0.00")]
)
def test_tests_and_waiting(seconds: float, tests: str, waiting: str) -> None:
    """The time in tests is paid for tests, at most all of it; the rest was waiting."""
    found = _cost(_minutes(10.0, 10.0), seconds=seconds)
    assert (money(found.tests), money(found.waiting)) == (tests, waiting)


@given(st.floats(0, 150), st.floats(0, 150), st.floats(0, 1e5), st.booleans())
def test_the_parts_add_up(minutes: float, metered: float, seconds: float, trial: bool) -> None:
    """Whatever AWS says: no part is negative, none is more than the whole, and what is shown adds up."""
    found = _cost(_minutes(minutes, min(minutes, metered)), trial=trial, seconds=seconds)
    assert 0 <= found.tests <= found.amount
    assert 0 <= found.tested <= found.minutes
    said = describe(found, PRICE)
    if "waiting" in said:
        whole, rest = said.split(" USD for ")
        waiting, tests = rest.partition(": ")[2].split(" waiting, ")
        assert Decimal(whole) == Decimal(waiting) + Decimal(tests.removesuffix(" tests"))


def test_several_sessions() -> None:
    """Costs of sessions are added; a session without one is left out, and without any there is none."""
    one, two = _cost(_minutes(10.0, 10.0), seconds=60), _cost(_minutes(2.5, 0.0, 2.5), seconds=30)
    assert total([one, None, two]) == Cost(Decimal("12.5"), Decimal("1.5"), Decimal("1.70"), Decimal("0.17"))
    assert total([None]) is None
    assert total([]) is None


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (_cost(_minutes(3.5, 3.5), seconds=72), "0.60 USD for 3.5 minutes at 0.17: 0.40 waiting, 0.20 tests"),
        (_cost(_minutes(3.0, 0.0), seconds=90), "0 USD for 3 minutes, 1.5 of them tests"),
    ],
)
def test_describe(found: Cost, text: str) -> None:
    """One line says the amount, the minutes, the price, and what they were spent on."""
    assert describe(found, PRICE) == text


@pytest.mark.parametrize(("minutes", "text"), [("0", "0"), ("100", "100"), ("2.50", "2.5"), ("0.005", "0.01")])
def test_show_minutes(minutes: str, text: str) -> None:
    """To the hundredth, without zeros at the end."""
    assert show_minutes(Decimal(minutes)) == text
