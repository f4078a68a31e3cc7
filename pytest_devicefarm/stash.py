"""What this package keeps on pytest's objects: one key per fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from datetime import datetime

    from .driver.activity import Figures
    from .driver.driving import Driving
    from .model.requirement import Requirement
    from .run.provider import Provider
    from .settings import Settings

#: On the config, in every process of a run that has a session: where tests get it from.
PROVIDER: pytest.StashKey[Provider] = pytest.StashKey()

#: On the config: the settings, read once; None where the run has no session.
SETTINGS: pytest.StashKey[Settings | None] = pytest.StashKey()

#: On the config, where tests drive a device: the driver of this process.
DRIVING: pytest.StashKey[Driving] = pytest.StashKey()

#: On an item: how much driving its attempts took.
FIGURES: pytest.StashKey[Figures] = pytest.StashKey()

#: On an item: its set-up has begun, so skip marks and the like have let it through.
BEGUN = pytest.StashKey[bool]()

#: On an item: when it began, its wait for a session left out.
STARTED: pytest.StashKey[datetime] = pytest.StashKey()

#: On an item: what it needs of its session; absent where it needs none.
NEEDS: pytest.StashKey[Requirement] = pytest.StashKey()

#: On an item: the properties by which its reports say its device.
DESCRIBED: pytest.StashKey[list[tuple[str, str]]] = pytest.StashKey()

#: On an item: how its session ended under it.
LOSS = pytest.StashKey[str]()

#: The report property of a test that its session's end broke, or kept from running: how the session ended.
LOST = "devicefarm.session.lost"
