"""Emulators that are started and stopped for the tests, and clients for them."""

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from pytest_devicefarm.emulator import Clock, Emulator, Scenario, Session

from .webdriver import WebDriver

Play = Serve = Callable[..., Emulator]

SIGNED = (
    "AWS4-HMAC-SHA256 Credential=emulator/20250101/us-west-2/devicefarm/aws4_request, SignedHeaders=host, Signature=0"
)


#: What is to be closed when the test is over: pytest makes an error of a socket that nobody closed.
_OPEN = ExitStack()


@pytest.fixture(autouse=True)
def close_connections() -> Iterator[None]:
    """Close what `client` and `Raw` opened."""
    with _OPEN:
        yield


@pytest.fixture
def play() -> Iterator[Play]:
    """Starts an emulator whose clock is stepped by hand: `play(scenario)`, or `play(*sessions, faults=...)`."""
    with ExitStack() as stack:

        def start(scenario: str | Path | Scenario | None = None, **parts: Any) -> Emulator:
            played = Scenario(**parts) if scenario is None else scenario
            return stack.enter_context(Emulator(played, clock=Clock(speed=0)))

        yield start


def client(emulator: Emulator, service: str = "devicefarm", **settings: Any) -> Any:
    """A boto3 client that does not retry unless told to, so that each answer is seen."""
    config = Config(**{"retries": {"total_max_attempts": 1}} | settings)
    # Any: the stubs want the name of a service, not a string.
    connect: Any = boto3.client
    made = connect(
        service,
        region_name="us-west-2",
        endpoint_url=emulator.url,
        aws_access_key_id="emulator",
        aws_secret_access_key="emulator",
        config=config,
    )
    _OPEN.callback(made.close)
    return made


def session_of(emulator: Emulator, arn: str | None = None) -> dict[str, Any]:
    """A session as boto3 shows it."""
    answer = client(emulator).get_remote_access_session(arn=arn or emulator.default_session_arn)
    shown: dict[str, Any] = answer["remoteAccessSession"]
    return shown


class Raw:
    """HTTP without an AWS client: what the wire shows."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        host, _, port = emulator.url.removeprefix("http://").partition(":")
        self.connection = http.client.HTTPConnection(host, int(port), timeout=10)
        _OPEN.callback(self.connection.close)

    def send(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """Send a request, return the response and its body."""
        self.connection.request(method, path, body, headers or {})
        response = self.connection.getresponse()
        return response, response.read()

    def call(self, operation: str, params: Any, **headers: str) -> tuple[http.client.HTTPResponse, Any]:
        """Call an operation of Device Farm; returns the response and its parsed body."""
        given = {"X-Amz-Target": f"DeviceFarm_20150623.{operation}", "Authorization": SIGNED} | headers
        response, body = self.send("POST", "/", json.dumps(params), given)
        return response, json.loads(body)


@pytest.fixture
def appium() -> Iterator[WebDriver]:
    with WebDriver() as stand_in:
        yield stand_in


@pytest.fixture
def serve(appium: WebDriver) -> Iterator[Serve]:
    """Starts emulators in front of the stand-in, with a clock that is stepped by hand."""
    with ExitStack() as stack:

        def start(*sessions: Session, url: str | None = None) -> Emulator:
            scenario = Scenario(sessions=sessions or (Session(),))
            return stack.enter_context(Emulator(scenario, clock=Clock(0), appium_url=url or appium.url))

        yield start
