"""What the user asked for, made of the options into one frozen `Settings`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from .errors import ConfigurationError
from .options import OPTIONS, texts_of

if TYPE_CHECKING:
    import pytest

    from .model.arn import Arn, SessionReference
    from .model.xcuitest import Rule

Junit = Literal["both", "testcase", "testsuite", "none"]


class Source(NamedTuple):
    """A setting's value as it was given, and where: an option, an environment variable, an ini key, or "default"."""

    text: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the user asked for; durations are in seconds. ``sources`` has each value that is not simply absent."""

    session: SessionReference | None = None
    project: Arn | str | None = None
    timeout: float = 900.0
    queue_timeout: float | None = None
    xcuitest: Rule
    profile: str | None = None
    endpoint_url: str | None = None
    junit: Junit = "both"
    driver_scope: Literal["function", "session"] = "function"
    keep_alive: float = 240.0
    keep_alive_limit: float = 1200.0
    artifacts_dir: str = "devicefarm-artifacts"
    emulator: bool = False
    scenario: str | None = None
    list: bool = False
    sources: Mapping[str, Source] = field(default_factory=dict)

    @property
    def emulated(self) -> bool:
        """Whether the emulator is started inside the run."""
        return bool(self.emulator or self.scenario)

    @property
    def active(self) -> bool:
        """Whether the run has a session at all; without one the plugin does nothing."""
        return self.session is not None or self.emulated


@dataclass(frozen=True, kw_only=True)
class ClientSettings:
    """How to reach AWS. ``emulated``: the endpoint is the emulator's, which takes any credentials."""

    profile: str | None = None
    endpoint_url: str | None = None
    emulated: bool = False


def resolve(config: pytest.Config) -> Settings:
    """Read every setting; raise `ConfigurationError` that names the value and where it came from."""
    values: dict[str, Any] = {}
    sources: dict[str, Source] = {}
    for option in OPTIONS:
        found = texts_of(config, option)
        texts, source = found or ([option.default] if option.default else [], "default")
        try:
            if found and any(not text.strip() for text in texts):
                raise ConfigurationError("the value is empty")
            parsed = [option.parse(text) for text in texts]
        except ConfigurationError as error:
            raise ConfigurationError(f"{source}: {error}") from None
        if len(parsed) > 1:
            raise ConfigurationError(
                f"{source} names {len(parsed)} sessions: this version drives one; give one of {', '.join(texts)}"
            )
        if parsed:
            values[option.name] = parsed[0]
            sources[option.name] = Source(texts[0] if option.metavar else "on" if parsed[0] else "off", source)
    resolved = Settings(**values, sources=sources)
    if resolved.session is not None and resolved.project is None:
        _refuse_a_name_without_project(resolved.session, sources["session"].name)
    return resolved


def _refuse_a_name_without_project(session: SessionReference, source: str) -> None:
    from .model.arn import SessionName

    if isinstance(session, SessionName):
        raise ConfigurationError(
            f"{source}: {session.name!r} is a name, which needs a project to look it up in: give --devicefarm-project, "
            "or the session's ARN"
        )
