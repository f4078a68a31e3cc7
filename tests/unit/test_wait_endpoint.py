"""farm/wait: a session is ready once its Appium endpoint answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pytest_devicefarm.errors import (
    SessionEnded,
    WaitTimeout,
)

from .story import Story
from .unit_samples import CANARY

DRIVER = f"https://appium.example/{CANARY}"


def _running(**endpoints: Any) -> dict[str, Any]:
    return {"status": "RUNNING", "endpoints": endpoints}


def test_endpoint_that_answers(story: Callable[..., Story], clock: Any) -> None:
    """With an Appium endpoint RUNNING is ready when that answers, and it is asked once for it."""
    told = story(_running(remoteDriverEndpoint=DRIVER))
    assert told.wait().run().status == "RUNNING"
    assert (told.asked, clock.pauses) == ([DRIVER], [])


def test_endpoint_that_answers_400_at_first(story: Callable[..., Story], clock: Any) -> None:
    """An endpoint may answer 400 for a moment after RUNNING: it is asked again each second."""
    told = story(_running(remoteDriverEndpoint=DRIVER), endpoint=["HTTP 400", "HTTP 400", None])
    assert told.wait().run().status == "RUNNING"
    assert told.asked == [DRIVER] * 3
    assert clock.pauses == [1.0, 1.0]


def test_endpoint_is_asked_only_when_running(story: Callable[..., Story]) -> None:
    """A session that is not RUNNING yet may have an endpoint, which nobody asks."""
    told = story({"status": "PREPARING", "endpoints": {"remoteDriverEndpoint": DRIVER}}, "RUNNING")
    told.wait().run()
    assert told.asked == []


@pytest.mark.parametrize(
    "response",
    [
        {"status": "RUNNING"},
        _running(),
        _running(remoteDriverEndpoint=None),
        _running(remoteDriverEndpoint=""),
        _running(remoteDriverEndpoint="wss://appium.example/x"),
        _running(interactiveEndpoint="https://screen.example/x"),
        {"status": "RUNNING", "endpoint": "https://screen.example/x"},
    ],
    ids=["none", "empty", "null", "blank", "wss", "interactive-only", "old-field"],
)
def test_no_appium_endpoint_to_ask(story: Callable[..., Story], response: dict[str, Any]) -> None:
    """Only an HTTP URL of Appium's own is asked: not a web socket, and not the screen's endpoints."""
    told = story(response, endpoint=["HTTP 500"])
    told.wait().run()
    assert told.asked == []


def test_endpoint_that_never_answers(story: Callable[..., Story]) -> None:
    """At the deadline the error says what the endpoint answered last, and not its URL, which is a credential."""
    told = story(_running(remoteDriverEndpoint=DRIVER), endpoint=["HTTP 400", "TimeoutError"])
    with pytest.raises(WaitTimeout) as caught:
        told.wait(timeout=20.0).run()
    assert str(caught.value) == (
        "session S is RUNNING after 20s (--devicefarm-timeout): its Appium endpoint does not answer yet "
        "(TimeoutError); try again later or allow more time"
    )


def test_session_that_ends_before_its_endpoint_answers(story: Callable[..., Story]) -> None:
    """A session may end while its endpoint is asked for."""
    told = story(_running(remoteDriverEndpoint=DRIVER), "STOPPING", endpoint=["HTTP 400"])
    with pytest.raises(SessionEnded):
        told.wait().run()


def test_boot_ends_with_running_not_with_the_endpoint(story: Callable[..., Story], clock: Any) -> None:
    """The seconds that the endpoint takes are not the boot's: the next wait looks for RUNNING."""
    told = story("PREPARING", _running(remoteDriverEndpoint=DRIVER), endpoint=["HTTP 400", "HTTP 400", None])
    wait = told.wait()
    wait.run()
    assert wait.boot_seconds == pytest.approx(clock.pauses[0])
