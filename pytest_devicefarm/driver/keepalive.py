"""Keeps a session from its idle limit while a test does something else, but not for ever."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Thread

from ..farm.clock import Clock

log = logging.getLogger("pytest_devicefarm")


@dataclass
class KeepAlive:
    """After ``interval`` seconds without a command calls ``send``, as long as a test is younger than ``limit`` seconds.

    ``last`` tells when the last command ended, of ``clock.monotonic``. ``send`` returns False, and sends nothing, while
    a command is under way. ``give_up`` is called once a test, in place of the first call past its limit. The limit is
    what ends a session whose test hangs: Device Farm's own idle limit (guide: 5 minutes) does it.
    """

    interval: float
    limit: float
    last: Callable[[], float]
    send: Callable[[], bool]
    give_up: Callable[[], None]
    clock: Clock = field(default_factory=Clock)
    _began: float = field(init=False)
    _gave_up: bool = field(init=False)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Another test has begun."""
        self._began = self.clock.monotonic()
        self._gave_up = False

    def start(self) -> None:
        """Begin, in the background; without an interval there is nothing to begin."""
        if self.interval > 0:
            Thread(target=self.run, name="devicefarm-keep-alive", daemon=True).start()

    def stop(self) -> None:
        """Send nothing more."""
        self.clock.cancel()

    def run(self) -> None:
        """Send what has to be sent until `stop`."""
        while not self.clock.cancelled:
            now = self.clock.monotonic()
            idle = now - self.last()
            if idle < self.interval:
                self.clock.sleep(self.interval - idle)
                continue
            if now - self._began < self.limit:
                try:
                    self.send()
                except Exception as error:  # the test's own next command will say it better
                    log.debug("keep-alive failed: %s", type(error).__name__)
            elif not self._gave_up:
                self._gave_up = True
                self.give_up()
            # A command under way, a test past its limit, a session that is gone: look again later.
            self.clock.sleep(self.interval)
