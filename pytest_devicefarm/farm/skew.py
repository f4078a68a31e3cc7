"""How far AWS's clock is from this machine's: what it says of a session is said by its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from math import inf
from threading import Lock
from typing import Any


class Skew:
    """Learns from the dates of answers, each a whole second; any thread may call it."""

    def __init__(self) -> None:
        self._least, self._most = -inf, inf
        self._lock = Lock()

    @property
    def seconds(self) -> float:
        """How far AWS's clock is ahead; 0 where the answers so far allow it."""
        with self._lock:
            return 0.0 if self._least <= 0 <= self._most else (self._least + self._most) / 2

    def learn(self, answer: Mapping[str, Any], asked: datetime, answered: datetime) -> None:
        """Take the date of an answer of boto3, and when this machine asked for it and had it."""
        try:
            date = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
            least, most = (date - answered).total_seconds(), (date - asked).total_seconds() + 1
        except (KeyError, TypeError, ValueError):  # a client that a user's hook made up
            return
        with self._lock:
            least, most = max(least, self._least), min(most, self._most)
            if least <= most:
                self._least, self._most = least, most
            else:  # one of the clocks was set: begin anew
                self._least, self._most = -inf, inf
