"""What the user asked for, made of the options into one frozen `Settings`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from .errors import ConfigurationError
from .options import OPTIONS, texts_of

if TYPE_CHECKING:
    import pytest

    from .model.app import AppReference
    from .model.arn import Arn, SessionReference
    from .model.device_request import DeviceRequest
    from .model.xcuitest import Rule

Junit = Literal["both", "testcase", "testsuite", "none"]
Artifacts = Literal["off", "on", "failure"]
Lost = Literal["stop", "skip", "replace"]
_MOST_AUXILIARY_APPS = 3  #: auxiliaryApps of CreateRemoteAccessSession (guide)


class Source(NamedTuple):
    """A setting's value as it was given, and where: an option, an environment variable, an ini key, or "default"."""

    text: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the user asked for; durations are in seconds. ``sources`` has each value that is not simply absent."""

    session: tuple[SessionReference, ...] = ()
    device: tuple[DeviceRequest, ...] = ()  #: one for each session to create
    project: Arn | str | None = None
    app: AppReference | None = None
    aux_app: tuple[AppReference, ...] = ()
    keep: bool = False
    stop: bool = False
    lost: Lost = "stop"
    min_sessions: int = 1
    interaction_mode: str | None = None
    billing_method: str | None = None
    skip_app_resign: bool | None = None
    vpce_configuration_arn: tuple[str, ...] = ()
    device_proxy: tuple[str, int] | None = None
    appium_version: str | None = None
    timeout: float = 900.0
    queue_timeout: float | None = None
    xcuitest: Rule
    profile: str | None = None
    endpoint_url: str | None = None
    junit: Junit = "both"
    driver_scope: Literal["function", "session"] = "function"
    keep_alive: float = 240.0
    keep_alive_limit: float = 1200.0
    junit_properties: tuple[str, ...] = ("*",)
    price_per_minute: Decimal = Decimal("0.17")  #: USD
    artifacts: Artifacts = "off"
    artifacts_dir: str = "devicefarm-artifacts"  #: relative to where pytest was started
    artifacts_timeout: float = 600.0
    artifacts_max_size: int = 1024**3  #: bytes
    emulator: bool = False
    scenario: str | None = None
    list: bool = False
    json: bool = False
    sweep: bool = False
    sources: Mapping[str, Source] = field(default_factory=dict)

    @property
    def emulated(self) -> bool:
        """Whether the emulator is started inside the run."""
        return bool(self.emulator or self.scenario)

    @property
    def active(self) -> bool:
        """Whether the run has a session at all; without one the plugin does nothing."""
        return bool(self.session or self.device or self.emulated)

    @property
    def count(self) -> int:
        """How many sessions the run has."""
        return len(self.session) + len(self.device) or 1  # the emulator's own

    def source(self, name: str) -> str:
        """Where a setting came from, for errors."""
        source = self.sources.get(name)
        return source.name if source and source.name != "default" else f"--devicefarm-{name.replace('_', '-')}, default"


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
        if parsed:
            many = option.repeatable
            values[option.name] = tuple(_flatten(parsed)) if many else parsed[0]
            shown = ", ".join(texts) if option.metavar else "on" if parsed[0] else "off"
            sources[option.name] = Source(shown, source)
    resolved = Settings(**values, sources=sources)
    _check_sessions(resolved)
    if resolved.json and not resolved.list:
        raise ConfigurationError(f"{resolved.source('json')} goes with --devicefarm-list")
    if not 1 <= resolved.min_sessions <= resolved.count:
        raise ConfigurationError(
            f"{resolved.source('min_sessions')}: {resolved.min_sessions} is none of 1 to {resolved.count}, the "
            "number of sessions"
        )
    if len(resolved.aux_app) > _MOST_AUXILIARY_APPS:
        raise ConfigurationError(f"{resolved.source('aux_app')}: a session takes {_MOST_AUXILIARY_APPS} at most")
    return resolved


def _flatten(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        yield from value if type(value) is tuple else (value,)


def _check_sessions(settings: Settings) -> None:
    """Refuse what can be told from the texts alone: a name without a project, one session twice, two accounts."""
    if not settings.session:
        return
    from .model.arn import Arn, SessionName

    source = settings.source("session")
    resources: set[str] = set()
    accounts = {settings.project.account} if isinstance(settings.project, Arn) else set()
    for each in settings.session:
        if isinstance(each, SessionName):
            if settings.project is None:
                raise ConfigurationError(
                    f"{source}: {each.name!r} is a name, which needs a project to look it up in: give "
                    "--devicefarm-project, or the session's ARN"
                )
        elif each.account:
            accounts.add(each.account)
    if len(accounts) > 1:
        raise ConfigurationError(
            f"{source}: the sessions are in {len(accounts)} AWS accounts ({', '.join(sorted(accounts))}): a run has "
            "the credentials of one"
        )
    for each in settings.session:
        key = each.name if isinstance(each, SessionName) else each.resource
        if key in resources:
            raise ConfigurationError(f"{source}: {each} is named twice: a session has one worker")
        resources.add(key)
