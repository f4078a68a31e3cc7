"""farm/wait: what the wait does with each failure, and when it is cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError, ReadTimeoutError

from pytest_devicefarm.errors import (
    ConfigurationError,
    UnavailableError,
    WaitTimeout,
    XCUITestRefused,
)
from pytest_devicefarm.model.session import RemoteAccessSession

from .story import Story
from .unit_samples import CONSOLE_URL, SESSION_ARN


def _client_error(code: str, status: int = 400) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": "said"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "GetRemoteAccessSession")


def test_transient_failures_are_tried_again(story: Callable[..., Story], clock: Any) -> None:
    """Throttling, 5xx and time-outs are told and tried again, after pauses that double from half a second to ten."""
    failures = [_client_error("ThrottlingException"), _client_error("X", 503), ReadTimeoutError(endpoint_url="U")]
    told = story(*failures, *[_client_error("X", 500)] * 5, "RUNNING")
    assert told.wait().run().status == "RUNNING"
    assert told.troubles[:3] == ["ThrottlingException: said", "X: said", 'Read timeout on endpoint URL: "U"']
    assert len(told.troubles) == 8
    expected = [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0]
    assert clock.pauses == [pytest.approx(pause, rel=0.2 + 1e-9) for pause in expected]
    assert [each.status for each in told.seen] == ["RUNNING"]


def test_backoff_begins_anew_after_a_reading(story: Callable[..., Story], clock: Any) -> None:
    """Only failures in a row count."""
    error = _client_error("X", 500)
    story(error, error, "PREPARING", error, "RUNNING").wait().run()
    assert clock.pauses == [pytest.approx(pause, rel=0.2 + 1e-9) for pause in (0.5, 1.0, 1.0, 0.5)]


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            _client_error("NotFoundException"),
            "reading session S: Device Farm does not know it (NotFoundException: said): check the ARN and the account",
        ),
        (
            NoCredentialsError(),
            "reading session S: no usable AWS credentials (Unable to locate credentials): check AWS_PROFILE, "
            "--devicefarm-profile or the credentials of this environment",
        ),
    ],
    ids=["not-found", "no-credentials"],
)
@pytest.mark.parametrize("before", [(), ("PREPARING",)], ids=["first", "later"])
def test_permanent_failures_end_the_wait(
    story: Callable[..., Story], error: Exception, line: str, before: tuple[str, ...]
) -> None:
    """What cannot heal fails at once, with its own message."""
    told = story(*before, error, "RUNNING")
    with pytest.raises(ConfigurationError) as caught:
        told.wait().run()
    assert str(caught.value) == line
    assert told.reads == len(before) + 1
    assert told.troubles == []


def test_failures_until_the_deadline(story: Callable[..., Story], clock: Any) -> None:
    """A session that never could be read is said to be so, with the last trouble."""
    told = story(_client_error("InternalFailure", 500))
    with pytest.raises(WaitTimeout) as caught:
        told.wait(timeout=20.0).run()
    assert str(caught.value) == (
        "session S could not be read once after 20s (--devicefarm-timeout): InternalFailure: said; "
        "try again later or allow more time"
    )
    assert caught.value.session is None
    assert clock.elapsed == pytest.approx(20.0)


def test_failures_after_a_reading_until_the_deadline(story: Callable[..., Story]) -> None:
    """A session that could be read once is said to be as it was then, with the last trouble."""
    told = story({"arn": SESSION_ARN, "status": "PREPARING"}, _client_error("InternalFailure", 500))
    with pytest.raises(WaitTimeout) as caught:
        told.wait(timeout=20.0).run()
    assert str(caught.value) == (
        "session S is PREPARING after 20s (--devicefarm-timeout): InternalFailure: said; "
        f"try again later or allow more time; see {CONSOLE_URL}"
    )


def test_what_observe_raises_ends_the_wait(story: Callable[..., Story], clock: Any) -> None:
    """The check of the interaction mode is made on each reading before anything else, and may end the wait."""

    def observe(session: RemoteAccessSession) -> None:
        if session.interaction_mode:
            raise XCUITestRefused("refused", session)

    told = story("PENDING", {"status": "COMPLETED", "interactionMode": "INTERACTIVE"}, "RUNNING")
    with pytest.raises(XCUITestRefused, match=r"^refused$"):
        told.wait(observe=observe).run()
    assert told.reads == 2


def test_cancel_ends_the_wait(story: Callable[..., Story], clock: Any) -> None:
    """A run that ends while it waits ends the wait in its pause."""
    clock.cancel_at = 3.0
    told = story("PREPARING")
    with pytest.raises(UnavailableError) as caught:
        told.wait().run()
    assert str(caught.value) == "the run ended before session S was ready"
    assert clock.elapsed == pytest.approx(3.0)
    assert told.reads <= 5


def test_cancel_during_failures_ends_the_wait(story: Callable[..., Story], clock: Any) -> None:
    """The same where AWS does not answer."""
    clock.cancel_at = 3.0
    with pytest.raises(UnavailableError) as caught:
        story(_client_error("X", 500)).wait().run()
    assert str(caught.value) == "the run ended before session S was ready"


def test_cancelled_wait_reads_no_more(story: Callable[..., Story], clock: Any) -> None:
    """Nothing asks AWS once the run has ended."""
    clock.cancel_at = 1e-6
    told = story("PREPARING")
    with pytest.raises(UnavailableError):
        told.wait().run()
    assert told.reads == 1
