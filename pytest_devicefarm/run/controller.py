"""The process that talks to AWS, as its own tests see it; under xdist it has none."""

from __future__ import annotations

from typing import Any

from ..model.requirement import Requirement
from ..settings import ClientSettings
from .pool import Pool
from .provider import Grant, Loss, Skip
from .slot import Slot


class Controller:
    """Drives one session of the pool: the first that is ready and fits the first test that needs one."""

    ends_run = True

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.slot: Slot | None = None
        self._grant: Grant | None = None

    @property
    def grant(self) -> Grant | None:
        return self._grant

    @property
    def client_settings(self) -> ClientSettings:
        return self.pool.service.settings

    def acquire(self) -> Grant:
        """Wait for a session in the main thread; raise the error that ended the wait."""
        if self._grant is None:
            self._bind(Requirement())
        if self._grant is None:
            assert self.pool.failure is not None
            raise self.pool.failure
        return self._grant

    def reason_to_skip(self, nodeid: str, requirement: Requirement) -> Skip | None:
        pool = self.pool
        if self.slot is None:
            self._bind(requirement)
        if pool.failure is not None:
            raise pool.failure
        if self.slot is None:
            return pool.misfit(requirement)
        if self.slot.failure is not None:
            return Skip(str(self.slot.failure), lost=True)
        if self.slot.may_fit(requirement):
            return None
        return pool.misfit(requirement, idle=[each for each in pool.fitting(requirement) if each is not self.slot])

    def broke(self) -> Loss | None:
        if self.slot is None or self._grant is None or self.pool.failure is not None:
            return None
        answers: list[Loss | None] = []
        self.pool.look(self.slot, str(self._grant.session.arn), answers.append)
        self.pool.wait_until(lambda: bool(answers))
        loss = answers[0]
        if loss is None or not loss.again:
            return loss
        self.pool.wait_until(lambda: self.slot is not None and self.slot.settled)
        self._grant = self.slot.grant or self._grant
        return Loss(loss.message, again=self.slot.grant is not None)

    def install(self, app: str, session: str) -> dict[str, Any]:
        return self.pool.install(app, session)

    def _bind(self, requirement: Requirement) -> None:
        """Wait for a session that fits; take none where no session will."""
        pool = self.pool
        pool.needed = True
        pool.require()

        def ready() -> Slot | None:
            return next((slot for slot in pool.fitting(requirement) if slot.grant is not None), None)

        pool.wait_until(lambda: bool(pool.failure or ready() or not pool.fitting(requirement)))
        if pool.failure is None and (slot := ready()):
            self.slot, self._grant = slot, slot.grant
