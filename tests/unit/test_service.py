"""farm/service: one client for all threads of a run, and one pace for all its readings."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pytest_devicefarm.emulator import Emulator, Fault, Scenario
from pytest_devicefarm.errors import ConfigurationError
from pytest_devicefarm.farm import service as module
from pytest_devicefarm.farm.service import Service
from pytest_devicefarm.settings import ClientSettings

from .conftest import FakeClock

pytestmark = pytest.mark.usefixtures("environment")

Start = Callable[[Scenario], Emulator]


def _service(server: Emulator, client: Any = None) -> Service:
    return Service(ClientSettings(endpoint_url=server.url, emulated=True), client)


def test_one_client_for_all_threads(emulator: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many ask at once, one is made: making several at a time is not safe in boto3."""
    made: list[object] = []

    def make(settings: object, **options: object) -> object:
        made.append(object())
        return made[-1]

    monkeypatch.setattr(module, "make_client", make)
    service = _service(emulator(Scenario()))
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: service.connect(), range(64)))
    assert found == set(made)
    assert len(made) == 1


def test_a_client_of_the_users() -> None:
    """The client that a hook supplies is the one."""
    client = object()
    assert Service(ClientSettings(), client).connect() is client


def test_no_credentials() -> None:
    """A client that cannot be made is told in one line."""
    with pytest.raises(ConfigurationError, match="no AWS credentials were found"):
        Service(ClientSettings()).connect()


def test_the_client_sends_once(emulator: Start) -> None:
    """Trying again is for those who know the deadline: botocore does not."""
    server = emulator(Scenario(faults=(Fault("GetRemoteAccessSession", "limit-exceeded"),)))
    with pytest.raises(Exception, match="LimitExceededException"):
        _service(server).connect().get_remote_access_session(arn=server.default_session_arn)
    assert len(server.calls) == 1


def test_reading(emulator: Start, clock: FakeClock) -> None:
    """A reading is a session; five a second are taken, over all sessions."""
    server = emulator(Scenario())
    service = _service(server)
    paced: Any = clock
    readings = [service.read(server.default_session_arn, paced) for _ in range(6)]
    assert {each.arn for each in readings} == {server.default_session_arn}
    assert clock.elapsed == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("kind", ["garbage", "empty"])
def test_an_answer_without_a_session(emulator: Start, clock: FakeClock, kind: str) -> None:
    """Of such an answer a KeyError comes, which counts as unreadable."""
    server = emulator(Scenario(faults=(Fault("GetRemoteAccessSession", kind),)))
    paced: Any = clock
    with pytest.raises(KeyError):
        _service(server).read(server.default_session_arn, paced)


def test_the_account(emulator: Start) -> None:
    """The account is that of the credentials."""
    assert _service(emulator(Scenario())).account() == "123456789101"
