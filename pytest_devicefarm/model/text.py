"""How values are shown to people: one line, no control characters."""

from __future__ import annotations

import re

# Control characters and line ends; surrogates and noncharacters, which XML and UTF-8 refuse; and the characters that
# turn the direction of the text around them.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """``text`` on one line, every character that a terminal or XML could stumble over as a backslash escape."""
    return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def shorten(text: str, most: int) -> str:
    """``text`` of ``most`` so many characters, with three dots where there were more."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def show_duration(seconds: float) -> str:
    """``900`` as ``15m``, ``90.4`` as ``1m30s``."""
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    parts = [f"{count}{unit}" for count, unit in ((hours, "h"), (minutes, "m"), (left, "s")) if count]
    return "".join(parts) or "0s"


def show_number(number: float) -> str:
    """A number without a trailing ``.0``."""
    return str(int(number)) if isinstance(number, int) or number.is_integer() else str(number)
