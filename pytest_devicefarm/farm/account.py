"""What the account has to pay for."""

from __future__ import annotations

from contextlib import suppress

from ..errors import DeviceFarmError
from .client import TransientError
from .retry import attempt
from .service import Service


def on_trial(service: Service) -> bool:
    """Whether trial minutes are left, so that metered minutes cost nothing; False where AWS does not say.

    Not everybody may call GetAccountSettings, and a cost is no reason to try again.
    """
    with suppress(DeviceFarmError, TransientError):
        answer = attempt(lambda: service.connect().get_account_settings(), "reading the account's settings")
        left = (answer.get("accountSettings") or {}).get("trialMinutes") or {}
        return bool(left.get("remaining", 0) > 0)
    return False
