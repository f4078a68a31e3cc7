"""Hooks that a conftest file or another plugin may implement.

All of them are called in the main thread of the process that talks to AWS: the only process, or xdist's controller
(which knows the conftest files of the paths given on the command line, and of no folder below them).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .model.session import RemoteAccessSession


@pytest.hookspec(firstresult=True)
def pytest_devicefarm_client(config: pytest.Config) -> Any | None:
    """Return a boto3 client for ``devicefarm`` to be used instead of the plugin's own, None for no opinion.

    Called before the wait for the session begins, and for the fixture ``devicefarm_client`` in the process that uses
    it. Set connect and read time-outs: without them a hung server outlasts every deadline.
    """


@pytest.hookspec
def pytest_devicefarm_status(
    config: pytest.Config, session: RemoteAccessSession, previous: RemoteAccessSession | None
) -> None:
    """Called when a reading of the session shows another status; ``previous`` is None for the first reading."""


@pytest.hookspec
def pytest_devicefarm_ready(config: pytest.Config, session: RemoteAccessSession) -> None:
    """Called once the session is RUNNING, checked, and its Appium endpoint, where there is one, answers."""


@pytest.hookspec
def pytest_devicefarm_finished(config: pytest.Config, session: RemoteAccessSession) -> None:
    """Called after the last test with the session's last reading, before the reports are written."""


@pytest.hookspec
def pytest_devicefarm_properties(config: pytest.Config, session: RemoteAccessSession) -> Mapping[str, Any] | None:
    """Return more properties, names to values, for the session's suite and for each test that uses it.

    Called when the session is ready, for the tests, and after the last test, for the suite.
    """
