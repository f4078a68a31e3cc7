"""What a row is given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .environment import Environment
from .process import Pytest


@dataclass(frozen=True)
class Bench:
    """Where a row runs its processes, the folder that is its own, and whether the short form is wanted."""

    environment: Environment
    folder: Path
    quick: bool

    @property
    def pytest(self) -> Pytest:
        return Pytest(self.environment)
