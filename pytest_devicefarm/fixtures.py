"""What tests ask for."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pytest

from .errors import DeviceFarmError, DeviceFarmWarning
from .stash import PROVIDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .emulator import Emulator
    from .model.live import LiveDevice, LiveSession
    from .run.provider import Grant, Provider
    from .settings import ClientSettings

T = TypeVar("T")

#: A test that asks for one of these uses a session.
SESSION_FIXTURES = frozenset({"devicefarm_session", "devicefarm_device", "devicefarm_driver", "devicefarm_install"})
#: A test that asks for one of these gets the marker ``devicefarm``.
FIXTURES = SESSION_FIXTURES | {"devicefarm_client", "devicefarm_emulator"}
#: The marker that those tests get.
MARK = pytest.mark.devicefarm


class NoSession(pytest.exit.Exception):  # type: ignore[name-defined, misc]  # an attribute of a function
    """Ends the run, as `pytest.exit` does, because there is no session."""


@pytest.fixture(scope="session")
def devicefarm_session(pytestconfig: pytest.Config) -> LiveSession:
    """This worker's AWS Device Farm session, RUNNING and checked, with all fields of RemoteAccessSession."""
    from .model.live import Live

    warning = _grant(pytestconfig).warning
    if warning:
        warnings.warn(DeviceFarmWarning(warning), stacklevel=1)
    return cast("LiveSession", Live(lambda: _grant(pytestconfig).session))


@pytest.fixture(scope="session")
def devicefarm_device(devicefarm_session: LiveSession) -> LiveDevice:
    """The device of this worker's AWS Device Farm session, with all fields of Device."""
    from .model.live import Live
    from .model.session import Device

    return cast("LiveDevice", Live(lambda: devicefarm_session.snapshot.device or Device()))


@pytest.fixture(scope="session")
def devicefarm_client(pytestconfig: pytest.Config) -> Any:
    """A boto3 client for AWS Device Farm with this run's profile, endpoint and region."""
    from .access import supplied_client
    from .farm.client import make_client
    from .farm.retry import attempt

    settings = _client_settings(pytestconfig)
    try:
        return supplied_client(pytestconfig) or attempt(lambda: make_client(settings), "devicefarm_client")
    except DeviceFarmError as error:
        problem = str(error)
    pytest.fail(problem, pytrace=False)  # out here, so that no exception is shown as its context


@pytest.fixture
def devicefarm_emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An AWS Device Farm emulator of the test's own, running; parametrize it indirectly to choose its scenario."""
    from .emulator import Emulator, ScenarioError

    try:
        emulator = Emulator(getattr(request, "param", "ready"))
    except (ImportError, ScenarioError) as error:
        problem = str(error)
    else:
        with emulator:
            yield emulator
        return
    pytest.fail(problem, pytrace=False)


def session_or_fail(config: pytest.Config, ask: Callable[[Provider], T]) -> T:
    """Ask the process's provider for something; end the run, or fail the test, where there is no session."""
    provider = config.stash.get(PROVIDER, None)
    if provider is None:
        pytest.fail(
            "no AWS Device Farm session is configured: give --devicefarm-session (an ARN, a console URL or a name), or "
            "--devicefarm-emulator to try it without an AWS account",
            pytrace=False,
        )
    try:
        return ask(provider)
    except DeviceFarmError as error:
        problem = error
    if provider.ends_run:
        raise NoSession(str(problem), returncode=problem.exit_code)
    pytest.fail(str(problem), pytrace=False)


def _grant(config: pytest.Config) -> Grant:
    return session_or_fail(config, lambda provider: provider.acquire())


def _client_settings(config: pytest.Config) -> ClientSettings:
    provider = config.stash.get(PROVIDER, None)
    if provider is not None:
        return provider.client_settings
    from .settings import ClientSettings, resolve

    settings = resolve(config)
    return ClientSettings(profile=settings.profile, endpoint_url=settings.endpoint_url)
