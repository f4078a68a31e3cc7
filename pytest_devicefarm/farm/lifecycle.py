"""Creating and stopping sessions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from ..errors import ConfigurationError, DeviceFarmError, UnavailableError
from ..model.condition import version
from ..model.session import Device, InteractionMode, Platform, RemoteAccessSession, SessionStatus
from ..model.xcuitest import Verdict, judge
from ..settings import Settings
from .client import READ_TIMEOUT, QuotaReached, Throttled, TransientError
from .clock import Clock
from .devices import Choice
from .resolve import list_sessions
from .retry import attempt, backoff, persist
from .service import Service

#: Settings that not every boto3 can send: where they are in the request, and the first version that knows it.
_LATE = {
    "app": (("appArn",), "1.40.75"),
    "aux_app": (("configuration", "auxiliaryApps"), "1.40.75"),
    "appium_version": (("configuration", "parameters"), "1.43.80"),
}
_NAMES_APPIUM = (27,)  #: from this iOS on a request must name Appium's version (guide: appium-endpoint-support)


def check_boto3(settings: Settings, client: Any) -> None:
    """Raise `ConfigurationError` where the installed boto3 cannot ask for what the settings want."""
    for name, (path, since) in _LATE.items():
        if not getattr(settings, name):
            continue
        shape = client.meta.service_model.operation_model("CreateRemoteAccessSession").input_shape
        for member in path:
            shape = shape and shape.members.get(member)
        if shape is None:
            raise ConfigurationError(
                f"{settings.source(name)}: the installed boto3 does not know it: pip install 'boto3>={since}'"
            )


def misfit(settings: Settings, device: Device) -> str | None:
    """Why a session on the device would be paid for and of no use; None where nothing is known to speak against it."""
    mode = _interaction_mode(settings, device)
    if judge(device.platform, InteractionMode(mode) if mode else None, settings.xcuitest) is Verdict.REFUSED:
        return f"XCUITest does not run in {mode} sessions ({settings.source('interaction_mode')})"
    names_appium = device.platform is Platform.IOS and version(device.os or "") >= _NAMES_APPIUM
    if names_appium and not settings.appium_version:
        return "iOS 27 and later need Appium's version: give ini devicefarm_appium_version"
    return None


def _interaction_mode(settings: Settings, device: Device) -> str | None:
    # XCUITest does not run in the service's own default.
    return settings.interaction_mode or ("NO_VIDEO" if device.platform is Platform.IOS else None)


def request(
    settings: Settings, choice: Choice, *, project: str, name: str, app: str | None, auxiliary: Sequence[str]
) -> dict[str, Any]:
    """The parameters of CreateRemoteAccessSession for a session on the device that was chosen."""
    proxy = settings.device_proxy
    configuration = {
        "auxiliaryApps": list(auxiliary),
        "billingMethod": settings.billing_method,
        "vpceConfigurationArns": list(settings.vpce_configuration_arn),
        "deviceProxy": proxy and {"host": proxy[0], "port": proxy[1]},
        "parameters": settings.appium_version and {"appium:version": settings.appium_version},
    }
    wanted = {
        "projectArn": project,
        "deviceArn": choice.device.arn,
        "instanceArn": choice.instance_arn,
        "name": name,
        "appArn": app,
        "interactionMode": _interaction_mode(settings, choice.device),
        "skipAppResign": settings.skip_app_resign,
        "configuration": {key: value for key, value in configuration.items() if value},
    }
    return {key: value for key, value in wanted.items() if value not in (None, {})}


def create(
    service: Service,
    request: dict[str, Any],
    *,
    known: Callable[[], Collection[str]],
    clock: Clock,
    deadline: float,
) -> RemoteAccessSession:
    """Create a session; raise `UnavailableError` at the ``deadline`` or for a quota, and what cannot heal.

    A call that broke off may have created one all the same: it is looked for by its name among those not ``known``.
    Where that cannot be done, `UnavailableError` says so.
    """
    failures, broke_off = 0, False
    while True:
        try:
            if broke_off and (found := _made(service, request, known())):
                return found
            broke_off = False
            return attempt(lambda: _create(service, request), "creating a session")
        except QuotaReached as error:
            raise UnavailableError(
                f"creating a session: a quota of the account is reached ({error}); try again later"
            ) from error
        except TransientError as error:
            broke_off = broke_off or not isinstance(error, Throttled)
            failures += 1
            left_time = deadline - clock.monotonic()
            if left_time <= 0 or clock.cancelled:
                raise UnavailableError(
                    f"creating a session: AWS could not be asked: {error}; try again later"
                ) from error
            clock.sleep(min(backoff(failures), left_time))


def _made(service: Service, request: dict[str, Any], known: Collection[str]) -> RemoteAccessSession | None:
    """The session that a call made which broke off."""
    try:
        return next(iter(left_behind(service, request["projectArn"], request["name"], known)), None)
    except DeviceFarmError as error:
        raise UnavailableError(
            f"creating a session: the call broke off, and whether it made one is not known: {error}"
        ) from error


def left_behind(service: Service, project: str, name: str, known: Collection[str]) -> list[RemoteAccessSession]:
    """The live sessions of this ``name`` that are not ``known``; raises as `attempt` does."""
    found = attempt(lambda: list_sessions(service.connect(), project), "looking for a session by its name")
    mine = [each for each in found if each.name == name and each.arn not in known]
    return [each for each in mine if not (each.status and each.status.ended)]


def stop(service: Service, arn: str, *, clock: Clock, deadline: float) -> RemoteAccessSession:
    """Have AWS stop a session, which then takes its time; raise `DeviceFarmError` where it does not accept it."""
    answer = persist(
        lambda: service.connect().stop_remote_access_session(arn=arn)["remoteAccessSession"],
        f"stopping session {arn}",
        deadline=deadline,
        clock=clock,
        trouble=lambda message: None,
    )
    return RemoteAccessSession.from_response({"arn": arn, **answer})


def has_ended(service: Service, arn: str, clock: Clock) -> bool:
    """Whether a session is known to have ended; False where it cannot be read."""
    try:
        status = service.read(arn, clock).status
    except Exception:
        return False
    return status is not None and status.ended


def last_reading(
    service: Service, arn: str, *, stopping: Callable[[], bool], clock: Clock, deadline: float
) -> RemoteAccessSession:
    """Read a session after its last test, as long as it is ``stopping`` until it is COMPLETED or the ``deadline``.

    Result and minutes are final only then. Raises `DeviceFarmError` where it cannot be read.
    """
    pause = 0.5
    while True:
        session = persist(
            lambda: service.read(arn, clock),
            f"reading session {arn}",
            deadline=min(deadline, clock.monotonic() + READ_TIMEOUT),
            clock=clock,
            trouble=lambda message: None,
        )
        over = clock.cancelled or clock.monotonic() >= deadline
        if not stopping() or session.status is SessionStatus.COMPLETED or over:
            return session
        clock.sleep(min(pause, deadline - clock.monotonic()))
        pause = min(pause * 1.5, 5.0)


def _create(service: Service, request: dict[str, Any]) -> RemoteAccessSession:
    return RemoteAccessSession.from_response(
        service.connect().create_remote_access_session(**request)["remoteAccessSession"]
    )
