"""What tests that drive a device ask for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from os import PathLike

    from appium.webdriver.webdriver import WebDriver

    from ..model.app import Upload
    from ..model.live import LiveSession


def driver_scope(fixture_name: str, config: pytest.Config) -> Literal["function", "session"]:
    """The scope of the driver; a value that is neither is refused where all settings are read."""
    return "session" if config.getini("devicefarm_driver_scope") == "session" else "function"


@pytest.fixture(scope="session")
def devicefarm_capabilities(devicefarm_session: LiveSession) -> dict[str, Any]:
    """Capabilities of the AWS Device Farm driver; override it to add yours, which are laid over the defaults."""
    from .capabilities import defaults

    device = devicefarm_session.device
    return defaults(device.platform if device else None)


@pytest.fixture(scope=driver_scope)
def devicefarm_driver(
    request: pytest.FixtureRequest, devicefarm_session: LiveSession, devicefarm_capabilities: dict[str, Any]
) -> Iterator[WebDriver]:
    """An Appium driver on the device of this worker's AWS Device Farm session (extra: appium)."""
    from ..errors import DeviceFarmError
    from .capabilities import merge, of_mark
    from .hooks import MARKER, driving_of

    problem = ""
    try:
        driving = driving_of(request.config)
        platform = devicefarm_session.device.platform if devicefarm_session.device else None
        # The nearest last: a function's own beats its class's, which beats its module's.
        marks = [of_mark(mark.args, mark.kwargs) for mark in request.node.iter_markers(MARKER)][::-1]
        driver = driving.open(merge(platform, [devicefarm_capabilities, *marks]))
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("appium", "selenium"):
            raise
        problem = "devicefarm_driver needs Appium-Python-Client: pip install 'pytest-devicefarm[appium]'"
    except DeviceFarmError as error:
        problem = str(error)
    if problem:
        pytest.fail(problem, pytrace=False)  # out here, so that no exception is shown as its context
    yield driver
    driving.close()


@pytest.fixture(scope="session")
def devicefarm_install(
    pytestconfig: pytest.Config, devicefarm_session: LiveSession
) -> Callable[[str | PathLike[str]], Upload]:
    """Install an app, an upload's ARN or a local file, into this worker's AWS Device Farm session."""
    from ..errors import DeviceFarmError
    from ..model.app import Upload
    from ..stash import PROVIDER

    provider = pytestconfig.stash[PROVIDER]

    def install(app: str | PathLike[str]) -> Upload:
        """Return the app's upload once Device Farm has accepted it; raise `DeviceFarmError` where it does not."""
        __tracebackhide__ = True
        try:
            return Upload.from_response(provider.install(_for_the_controller(app), str(devicefarm_session.arn)))
        except DeviceFarmError as error:
            problem = error
        raise problem.with_traceback(None) from None  # a test sees its own line, and none of ours

    return install


def _for_the_controller(app: str | PathLike[str]) -> str:
    """An upload's ARN, or a path that does not depend on the directory of this process."""
    from ..errors import ConfigurationError
    from ..model.app import parse_app
    from ..model.arn import Arn

    if not isinstance(app, str | os.PathLike):
        raise ConfigurationError(f"{app!r} is no app: give an upload's ARN, or the path of an .ipa or .apk")
    given = parse_app(os.fspath(app))
    return str(given if isinstance(given, Arn) else given.absolute())
