"""The parts of pytest without a public name that this package cannot do without, and why."""

from __future__ import annotations

from typing import Any

import pytest
from _pytest.junitxml import xml_key  # LogXML is registered without a name, and its key is not exported
from _pytest.skipping import evaluate_skip_marks


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


def number_of_workers(config: pytest.Config) -> int:
    """How many workers xdist starts, 0 where it distributes nothing."""
    if not config.pluginmanager.hasplugin("dsession"):
        return 0
    from xdist.workermanage import parse_tx_spec_config  # not exported; it knows all forms of --tx

    return len(parse_tx_spec_config(config))


def kept_failures(item: pytest.Item) -> list[pytest.ExceptionInfo[BaseException]]:
    """What a ``unittest.TestCase`` has raised: it keeps that for its report instead of raising it."""
    return getattr(item, "_excinfo", None) or []


def skips(item: pytest.Item) -> bool:
    """Whether marks skip a test; only pytest's own reading of them knows, which its set-up does again."""
    try:
        return evaluate_skip_marks(item) is not None
    except (Exception, pytest.fail.Exception):  # a condition that is none
        return True


def tear_down(item: pytest.Item) -> None:
    """Tear down every fixture that is set up, session-scoped ones included, as if the run ended here."""
    item.session._setupstate.teardown_exact(None)


def set_up_again(item: pytest.Item) -> None:
    """Set a test up anew, with fixtures made anew; nothing public does, and pytest-rerunfailures does the same."""
    item._initrequest()  # type: ignore[attr-defined]  # of every item that has fixtures
    item.session._setupstate.setup(item)
