"""What a session's minutes cost, and how much of that was spent on tests."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from ..model.session import BillingMethod, DeviceMinutes

CURRENCY = "USD"


class Cost(NamedTuple):
    """Of one session or of several; the rest of the minutes and of the amount is waiting: boot, pauses, the end."""

    minutes: Decimal
    tested: Decimal  #: minutes of them in which tests ran
    amount: Decimal  #: USD
    tests: Decimal  #: USD of it for the tested minutes

    @property
    def waiting(self) -> Decimal:
        """USD of the amount for the minutes in which no test ran."""
        return self.amount - self.tests


def cost(
    minutes: DeviceMinutes | None, billing: BillingMethod | None, *, price: Decimal, trial: bool, seconds: float
) -> Cost | None:
    """The cost of a session in which tests ran for so many ``seconds``; None where AWS says no minutes.

    ``price`` is USD a metered minute. Unmetered minutes cost nothing, and none does as long as the account is on
    ``trial``.
    """
    if minutes is None or minutes.total is None:
        return None
    total = Decimal(str(minutes.total))
    metered = total - Decimal(str(minutes.unmetered or 0)) if minutes.metered is None else Decimal(str(minutes.metered))
    free = trial or billing is BillingMethod.UNMETERED
    amount = Decimal(0) if free else max(metered, Decimal(0)) * price
    tested = min(Decimal(str(seconds)) / 60, total)
    return Cost(total, tested, amount, min(amount * tested / total, amount) if total else Decimal(0))


def total(costs: Iterable[Cost | None]) -> Cost | None:
    """Of several sessions, those without a cost left out; None where there is none."""
    known = [each for each in costs if each is not None]
    return Cost(*map(Decimal, map(sum, zip(*known, strict=True)))) if known else None


def money(amount: Decimal) -> str:
    """``0.60``: USD, to the cent."""
    return str(amount.quantize(Decimal("0.01"), ROUND_HALF_UP))


def describe(cost: Cost, price: Decimal) -> str:
    """``0.60 USD for 3.5 minutes at 0.17: 0.40 waiting, 0.20 tests``."""
    if not cost.amount:
        return f"0 {CURRENCY} for {show_minutes(cost.minutes)} minutes, {show_minutes(cost.tested)} of them tests"
    tests = money(cost.tests)
    waiting = Decimal(money(cost.amount)) - Decimal(tests)  # so that what is shown adds up
    return (
        f"{money(cost.amount)} {CURRENCY} for {show_minutes(cost.minutes)} minutes at {price}: "
        f"{waiting} waiting, {tests} tests"
    )


def show_minutes(minutes: Decimal) -> str:
    """Minutes to the hundredth, without zeros at the end."""
    return f"{minutes.quantize(Decimal('0.01'), ROUND_HALF_UP).normalize():f}"
