"""driver/endpoint: where Appium is, or a line that says why nobody knows."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_devicefarm.driver import endpoint
from pytest_devicefarm.errors import ConfigurationError
from pytest_devicefarm.model.session import RemoteAccessSession

from .unit_samples import CANARY, CONSOLE_URL, SESSION_ARN


def session(**endpoints: str) -> RemoteAccessSession:
    response: dict[str, Any] = {
        "arn": SESSION_ARN,
        "name": "nightly",
        "status": "RUNNING",
        "interactionMode": "INTERACTIVE",
    }
    return RemoteAccessSession.from_response(response | ({"endpoints": endpoints} if endpoints else {}))


@pytest.mark.parametrize("url", [f"https://x.example/{CANARY}", f"http://127.0.0.1:1/{CANARY}/"])
def test_an_endpoint(url: str) -> None:
    """HTTP and HTTPS, without the last slash, and hidden."""
    found = endpoint.endpoint_of(session(remoteDriverEndpoint=url))
    assert str(found) == url.rstrip("/")
    assert repr(found) == "<redacted>"


@pytest.mark.parametrize(
    ("url", "said"),
    [(f"wss://{CANARY}", "is a wss: address"), (f"{CANARY}/x", "is no URL")],
)
def test_an_endpoint_of_another_kind(url: str, said: str) -> None:
    """The scheme is said, never the rest."""
    with pytest.raises(ConfigurationError) as caught:
        endpoint.endpoint_of(session(remoteDriverEndpoint=url))
    assert said in str(caught.value)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("installed", "sees"), [("1.40.74", False), ("1.40.75", True), ("1.44.5", True), ("2.0.0", True)]
)
def test_no_endpoint(installed: str, sees: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """An old boto3 is named with the version that is needed; with a newer one it is the session that has none."""
    monkeypatch.setattr(endpoint, "version", lambda name: installed)
    with pytest.raises(ConfigurationError) as caught:
        endpoint.endpoint_of(session())
    if sees:
        assert str(caught.value) == (
            "Device Farm tells no Appium endpoint (endpoints.remoteDriverEndpoint) of this session in INTERACTIVE: start "
            "another one, in NO_VIDEO where that can be chosen; "
            f"session 'nightly' {SESSION_ARN} (last seen RUNNING, {CONSOLE_URL})"
        )
    else:
        assert str(caught.value) == (
            f"the installed boto3 {installed} cannot see the Appium endpoint of a session: 1.40.75 or newer is needed: "
            "pip install --upgrade 'boto3>=1.40.75'"
        )


def test_an_old_boto3_is_not_blamed_for_what_it_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    """A response that has endpoints, but not Appium's, came from one that knows them."""
    monkeypatch.setattr(endpoint, "version", lambda name: "1.40.74")
    with pytest.raises(ConfigurationError, match="Device Farm tells no Appium endpoint"):
        endpoint.endpoint_of(session(interactiveEndpoint="https://x.example"))
