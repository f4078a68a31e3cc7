"""The parts of pytest without a public name that this package cannot do without, and why."""

from __future__ import annotations

from typing import Any

import pytest
from _pytest.junitxml import xml_key  # LogXML is registered without a name, and its key is not exported


def junit_xml(config: pytest.Config) -> Any | None:
    """The run's ``LogXML``, None without ``--junitxml`` or with ``-p no:junitxml``.

    ``record_testsuite_property`` is lost under xdist; only the controller's own object can take suite properties.
    """
    return config.stash.get(xml_key, None)


def fixtures_in_use(item: pytest.Item) -> list[str]:
    """The fixtures of a test, those of ``request.getfixturevalue`` included.

    A session-scoped fixture that is already made runs no hook when it is asked for again, so the test's own request
    is the only one that knows; an item has it under a private name.
    """
    request = getattr(item, "_request", None)
    return request.fixturenames if request is not None else []
