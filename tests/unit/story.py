"""A session as a wait reads it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pytest_devicefarm.farm.wait import Limit, Wait
from pytest_devicefarm.model.session import Device, RemoteAccessSession


class Story:
    """What one session answers, reading by reading: statuses, responses or errors; the last one for ever."""

    def __init__(self, clock: Any, *answers: Any, endpoint: Sequence[str | None] = (None,)) -> None:
        self.clock, self.answers = clock, answers
        self.reads = 0
        self.seen: list[RemoteAccessSession] = []
        self.troubles: list[str] = []
        self.endpoint, self.asked = endpoint, []
        self.history: Sequence[float] = ()
        self.history_of: list[Device | None] = []

    def read(self) -> RemoteAccessSession:
        answer = self.answers[min(self.reads, len(self.answers) - 1)]
        self.reads += 1
        if isinstance(answer, Exception):
            raise answer
        return RemoteAccessSession.from_response(answer if isinstance(answer, dict) else {"status": answer})

    def answer_of(self, url: str) -> str | None:
        self.asked.append(url)
        return self.endpoint[min(len(self.asked), len(self.endpoint)) - 1]

    def _history(self, device: Device | None) -> Sequence[float]:
        self.history_of.append(device)
        return self.history

    def wait(
        self,
        timeout: float = 900.0,
        queue_timeout: float = 900.0,
        observe: Callable[[RemoteAccessSession], None] | None = None,
    ) -> Wait:
        return Wait(
            name="S",
            started=self.clock.monotonic(),
            timeout=Limit(timeout, "--devicefarm-timeout"),
            queue_timeout=Limit(queue_timeout, "ini devicefarm_queue_timeout"),
            clock=self.clock,
            read=self.read,
            observe=observe or self.seen.append,
            trouble=self.troubles.append,
            history=self._history,
            endpoint_answer=self.answer_of,
        )
