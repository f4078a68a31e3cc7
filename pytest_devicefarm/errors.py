"""Every error that a user can see, and the exit code that each one gives the run.

An error's text is one line that says what happened, to which value, where that value came from, and what to do.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from .model.session import RemoteAccessSession

__all__ = [
    "ConfigurationError",
    "DeviceFarmError",
    "DeviceFarmWarning",
    "MalformedArn",
    "SessionEnded",
    "StillRunning",
    "UnavailableError",
    "WaitTimeout",
    "XCUITestRefused",
]


class DeviceFarmError(Exception):
    """Base of all errors of this package. ``str(error)`` is one line."""

    exit_code: ClassVar[int]


class ConfigurationError(DeviceFarmError):
    """The user must change something: an option, an ARN, credentials, permissions."""

    exit_code = 4  #: pytest's own ``ExitCode.USAGE_ERROR``


class MalformedArn(ConfigurationError):
    """A text is not the ARN that was asked for."""

    def __init__(self, text: str, reason: str) -> None:
        shown = text if len(text) <= 120 else f"{text[:120]}... ({len(text)} characters)"
        super().__init__(f"malformed ARN {shown!r}: {reason}")
        self.text = text
        self.reason = reason


class XCUITestRefused(ConfigurationError):
    """The session's interaction mode does not allow XCUITest (reference page, ``interactionMode``)."""

    def __init__(self, message: str, session: RemoteAccessSession) -> None:
        super().__init__(message)
        self.session = session


class UnavailableError(DeviceFarmError):
    """Nothing is wrong with the set-up, and a later try may succeed."""

    exit_code = 69  #: ``EX_UNAVAILABLE`` of sysexits.h


class SessionEnded(UnavailableError):
    """The session is STOPPING or COMPLETED and will never be RUNNING (again)."""

    def __init__(self, message: str, session: RemoteAccessSession) -> None:
        super().__init__(message)
        self.session = session


class WaitTimeout(UnavailableError):
    """The session was not ready in time. ``session`` is the last reading, None if there never was one."""

    def __init__(self, message: str, session: RemoteAccessSession | None) -> None:
        super().__init__(message)
        self.session = session


def stop_command(arn: str) -> str:
    """How anybody stops a session."""
    return f"aws devicefarm stop-remote-access-session --region us-west-2 --arn {arn}"


def tell(error: DeviceFarmError) -> None:
    """Write an error on a line of its own, also where both streams go to one file and stdout is still buffered."""
    sys.stdout.flush()
    sys.stderr.write(f"ERROR: {error}\n")


class StillRunning(DeviceFarmError):
    """A session of this run could not be stopped and may cost money."""

    exit_code = 70  #: ``EX_SOFTWARE`` of sysexits.h

    def __init__(self, arn: str, problem: str, console_url: str | None) -> None:
        page = f" ({console_url})" if console_url else ""
        super().__init__(
            f"session {arn} COULD NOT BE STOPPED AND MAY COST MONEY ({problem}): stop it in the AWS console{page} or "
            f"with: {stop_command(arn)}"
        )
        self.arn = arn


class DeviceFarmWarning(UserWarning):
    """A warning of this package, for the filters of pytest and of the warnings module."""
