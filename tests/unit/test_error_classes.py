"""errors: what they are, what they carry, and the exit code that each gives."""

from __future__ import annotations

import pytest

from pytest_devicefarm import errors
from pytest_devicefarm.model.session import RemoteAccessSession

SESSION = RemoteAccessSession(name="nightly")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.ConfigurationError("text"), 4),
        (errors.MalformedArn("x", "no reason"), 4),
        (errors.XCUITestRefused("text", SESSION), 4),
        (errors.UnavailableError("text"), 69),
        (errors.SessionEnded("text", SESSION), 69),
        (errors.WaitTimeout("text", None), 69),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_exit_code(error: errors.DeviceFarmError, code: int) -> None:
    """What the user must change gives 4; what may work later gives 69."""
    assert isinstance(error, errors.DeviceFarmError)
    assert error.exit_code == code


@pytest.mark.parametrize(
    "error",
    [
        errors.XCUITestRefused("text", SESSION),
        errors.SessionEnded("text", SESSION),
        errors.WaitTimeout("text", SESSION),
    ],
)
def test_errors_carry_the_last_reading(
    error: errors.XCUITestRefused | errors.SessionEnded | errors.WaitTimeout,
) -> None:
    """An error about a session has the session, and its text is the message alone."""
    assert error.session is SESSION
    assert str(error) == "text"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x", "malformed ARN 'x': too short"),
        ("", "malformed ARN '': too short"),
        ("a\nb\x00", r"malformed ARN 'a\nb\x00': too short"),
        ("a" * 120, f"malformed ARN '{'a' * 120}': too short"),
        ("a" * 121, f"malformed ARN '{'a' * 120}... (121 characters)': too short"),
    ],
)
def test_malformed_arn(text: str, line: str) -> None:
    """A malformed ARN is shown on one line, and shortened where it is long."""
    error = errors.MalformedArn(text, "too short")
    assert str(error) == line
    assert (error.text, error.reason) == (text, "too short")


def test_warnings_can_be_filtered_as_user_warnings() -> None:
    """The package's warnings are user warnings, so pytest shows them by default."""
    assert issubclass(errors.DeviceFarmWarning, UserWarning)


def test_every_error_is_exported() -> None:
    """``__all__`` names every class of the module."""
    classes = {
        name for name, value in vars(errors).items() if isinstance(value, type) and value.__module__ == errors.__name__
    }
    assert set(errors.__all__) == classes
