"""SIGTERM and SIGHUP end a run as Ctrl-C does: with tear-down, with its reports, and with pytest's exit code 2."""

from __future__ import annotations

import signal
import threading


def interrupt_on_signals() -> None:
    """Make both signals raise KeyboardInterrupt, where nobody else has asked for them."""
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread may set handlers
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt(signal.Signals(number).name)
