"""The emulator as Python sees it: start it, point an AWS client at its URL, look at the calls it had."""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any

from .calls import Call, Calls
from .clock import Clock
from .scenario import ACCOUNT, Scenario, ScenarioError
from .scenario_file import load_scenario

if TYPE_CHECKING:
    from .appium import Endpoints
    from .farm import Farm
    from .server import Server


@cache
def _parts() -> ModuleType:
    """What an emulator is made of; only who makes one loads it.

    It is loaded once. pytester forgets after a test what the test was the first to import; of modules of which half are
    imported anew, one does not know the exceptions of another.
    """
    from . import server  # noqa: F401, I001  # first, as it tells what is missing
    from . import parts

    return parts


class Emulator:
    """Device Farm on a loopback port.

    `scenario` is what it plays: a shipped scenario's name, a TOML file's path, or a `Scenario`. `port` 0
    takes any free one. `clock` is the emulator's time; by default it runs at the scenario's speed. `appium_url`
    is that of an Appium server to put behind the sessions' endpoints, which otherwise only answer `/status`.
    `allow_remote` takes a `host` that other machines can reach: the emulator trusts whoever asks.

    Raises ScenarioError for a scenario that cannot be played, ValueError for an `appium_url` that is none, and
    ImportError where werkzeug is not installed; `start` raises ValueError for a host that is not loopback and
    OSError for a port in use.
    """

    def __init__(
        self,
        scenario: str | Path | Scenario = "ready",
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
        appium_url: str | None = None,
        allow_remote: bool = False,
    ) -> None:
        parts = _parts()
        if appium_url is not None:
            parts.check_url(appium_url)
        self.scenario = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        self.clock = clock or Clock(self.scenario.speed)
        self.account = ACCOUNT
        self._model = parts.installed()
        self._policy = None if self.scenario.iam is None else parts.Policy(self.scenario.iam)
        self._host = host
        self._port = port
        self._appium_url = appium_url
        self._allow_remote = allow_remote
        self._calls = Calls()
        self._stop = threading.Event()
        self._server: Server | None = None
        self._endpoints: Endpoints | None = None
        self._farm: Farm | None = None
        known = {"*", "GetCallerIdentity", *self._model.operations}
        for fault in self.scenario.faults:
            if fault.operation not in known:
                raise ScenarioError(
                    f"fault {fault.kind}: no operation {fault.operation!r}; take * or a name such as "
                    "GetRemoteAccessSession"
                )

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`; the emulator must have been started."""
        if self._server is None:
            raise RuntimeError("the emulator has no URL before start()")
        return self._server.url

    @property
    def default_session_arn(self) -> str:
        """The ARN of the scenario's first session."""
        if not self.scenario.sessions:
            raise RuntimeError("this scenario has no sessions")
        return self.scenario.sessions[0].arn

    @property
    def calls(self) -> list[Call]:
        """The API calls so far (of Device Farm and STS, not of Appium), in the order they came."""
        return self._calls.snapshot()

    @property
    def sessions(self) -> list[dict[str, Any]]:
        """All sessions, as the API shows them now: the scenario's, then those that clients created."""
        if self._farm is None:
            raise RuntimeError("the emulator has no sessions before start()")
        return [self._farm.session(session) for session in list(self._farm.sessions.values())]

    def start(self) -> Emulator:
        """Serve, in the background; sessions' timelines begin."""
        if self._server is not None:
            raise RuntimeError("this emulator was started before: make a new one")
        parts = _parts()
        self._server = parts.Server(parts.listen(self._host, self._port, allow_remote=self._allow_remote))
        self._farm = farm = parts.Farm(self.scenario, self.clock, self._server.url)
        faults = parts.Faults(self.scenario.faults)
        limits = parts.RateLimits(self.clock) if self.scenario.rate_limits else None
        self._endpoints = parts.Endpoints(farm, self._appium_url)
        self._server.start(
            parts.App(
                farm, self._endpoints, self._model, faults, limits, self._calls, self.clock, self._stop, self._policy
            )
        )
        return self

    def stop(self) -> None:
        """Stop serving, at once; more than once does no harm."""
        self._stop.set()
        self.clock.wake()
        if self._server is not None:
            self._server.stop()
        if self._endpoints is not None:
            self._endpoints.close()
        if self._farm is not None:
            self._farm.close()

    def __enter__(self) -> Emulator:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
