"""Text that must not be shown."""

from __future__ import annotations


class Secret(str):
    """A string that works as one and whose `repr` hides it.

    An Appium endpoint needs no other credential: its URL *is* the credential (the service model marks it sensitive).
    pytest shows the `repr` of local variables and of compared values, so that is where it must not appear.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "<redacted>"
