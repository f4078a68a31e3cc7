"""Text that must not be shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_SENSITIVE_NAME = re.compile("endpoint|url", re.IGNORECASE)


class Secret(str):
    """A string that works as one and whose `repr` hides it.

    An Appium endpoint needs no other credential: its URL *is* the credential (the service model marks it sensitive).
    pytest shows the `repr` of local variables, so that is where it must not appear.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "<redacted>"


def hide(response: Any) -> Any:
    """A parsed response with every text that may be a URL with credentials made a `Secret`, known fields or not."""
    if isinstance(response, Mapping):
        return {
            name: Secret(value) if isinstance(value, str) and _SENSITIVE_NAME.search(str(name)) else hide(value)
            for name, value in response.items()
        }
    return [hide(each) for each in response] if isinstance(response, list | tuple) else response


def redact(text: str, secrets: Iterable[str]) -> str:
    """``text`` without any of the secrets, wherever it got them from."""
    for secret in sorted(secrets, key=len, reverse=True):  # one may begin like another
        text = text.replace(secret, "<redacted>")
    return text
