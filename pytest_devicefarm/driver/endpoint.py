"""Where a session's Appium is, or why that is not known."""

from __future__ import annotations

import re
from importlib.metadata import version

from ..errors import ConfigurationError
from ..model.condition import version as numbers
from ..model.secret import Secret
from ..model.session import RemoteAccessSession

#: The first boto3 that sees ``endpoints`` (its service model, 2025-11-17).
NEEDED_BOTO3 = "1.40.75"


def endpoint_of(session: RemoteAccessSession) -> Secret:
    """The URL of a session's Appium; raise `ConfigurationError` with the reason where there is none."""
    url = session.endpoints.remote_driver_endpoint if session.endpoints else None
    if url and url.startswith(("https://", "http://")):
        return Secret(url.rstrip("/"))
    if url:
        scheme = url.partition(":")[0]
        shown = f"a {scheme}: address" if re.fullmatch("[A-Za-z]{1,10}", scheme) else "no URL"
        raise ConfigurationError(
            f"the Appium endpoint is {shown}, and WebDriver needs an https: one: start another session, or update this "
            f"plugin; {place(session)}"
        )
    # What parses the answer, and drops what it does not know, is botocore, which goes with boto3.
    if session.endpoints is None and numbers(version("botocore")) < numbers(NEEDED_BOTO3):
        raise ConfigurationError(
            f"the installed boto3 {version('boto3')} cannot see the Appium endpoint of a session: "
            f"{NEEDED_BOTO3} or newer is needed: pip install --upgrade 'boto3>={NEEDED_BOTO3}'"
        )
    mode = f" in {session.interaction_mode}" if session.interaction_mode else ""
    raise ConfigurationError(
        f"Device Farm tells no Appium endpoint (endpoints.remoteDriverEndpoint) of this session{mode}: start another "
        f"one, in NO_VIDEO where that can be chosen; {place(session)}"
    )


def place(session: RemoteAccessSession) -> str:
    """How messages about a driver call the session: its name, ARN, last status and console page."""
    page = f", {session.console_url}" if session.console_url else ""
    return f"session {session.label} (last seen {session.status or 'without a status'}{page})"
