"""Signals that end a run."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_ENDING = [number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None))]


def interrupt_on_signals() -> None:
    """Make SIGTERM and SIGHUP end a run as Ctrl-C does, with its reports, where nobody else has asked for them."""
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread may set handlers
    for number in _ENDING[1:]:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt(signal.Signals(number).name)


def _take_note(number: int, frame: object) -> None:
    """Python tells the watching thread only of signals that have a handler."""


class Interrupts:
    """Calls ``act`` in a thread of its own the moment a signal comes that ends the run.

    A handler would not do: Python runs it in the main thread, between two instructions of whatever is stuck there, and
    a test may swallow what it raises.
    """

    def __init__(self, act: Callable[[], None]) -> None:
        self.came = False  #: whether such a signal was seen
        self._act = act
        self._sockets: tuple[socket.socket, socket.socket] | None = None

    def watch(self) -> None:
        """Begin to watch; does nothing outside the main thread."""
        if threading.current_thread() is not threading.main_thread() or self._sockets is not None:
            return
        ours, pythons = self._sockets = socket.socketpair()
        pythons.setblocking(False)
        threading.Thread(target=self._listen, args=(ours,), name="devicefarm-signals", daemon=True).start()
        self.watch_again()

    def watch_again(self) -> None:
        """Go on watching after a test: an event loop of its own may have taken over, and left nobody watching."""
        if self._sockets is None:
            return
        wakeup = self._sockets[1].fileno()
        previous = signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
        if previous not in (-1, wakeup):  # somebody's who is still using it
            signal.set_wakeup_fd(previous)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Around work that must be done: meanwhile a signal interrupts nobody, and only has ``act`` called."""
        self.watch()
        handlers = {}
        if self._sockets is not None and threading.current_thread() is threading.main_thread():
            handlers = {number: signal.getsignal(number) for number in _ENDING}
        handlers = {number: handler for number, handler in handlers.items() if callable(handler)}
        for number in handlers:
            signal.signal(number, _take_note)
        try:
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def close(self) -> None:
        """Watch no more."""
        if self._sockets is None:
            return
        if threading.current_thread() is threading.main_thread():
            previous = signal.set_wakeup_fd(-1)
            if previous not in (-1, self._sockets[1].fileno()):
                signal.set_wakeup_fd(previous)
        for each in self._sockets:
            each.close()
        self._sockets = None

    def _listen(self, ours: socket.socket) -> None:
        try:
            while numbers := ours.recv(64):
                if any(number in _ENDING for number in numbers):
                    self.came = True
                    self._act()
        except OSError:  # closed
            return
