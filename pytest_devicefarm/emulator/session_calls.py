"""Operations on remote access sessions."""

import secrets
from typing import Any

from .arns import check_arn, not_found
from .artifacts import PREFIX, File, files
from .device_calls import device_of, instance_of
from .devices import udid
from .errors import ApiError
from .farm import Farm
from .filters import version
from .model import Model, Unchecked
from .paging import page
from .project_calls import project_of
from .scenario import ARN_PREFIX
from .sessions import LiveSession
from .upload_calls import app_of

Params = dict[str, Any]
Answer = dict[str, Any]

#: Guide, appium-endpoint-support: the versions, and from which iOS version on one must be named.
_APPIUM_VERSIONS = ("2", "3")
_MUST_NAME = (27,)
_LEAST_IOS = (15,)
#: Members of the request that the session shows again; the last four are of the older generation of the model.
_GIVEN = ("skipAppResign", "remoteDebugEnabled", "remoteRecordEnabled", "remoteRecordAppArn", "clientId")


def get_remote_access_session(farm: Farm, model: Model, params: Params) -> Answer:
    """One session, by its ARN."""
    session = session_of(farm, params["arn"])
    farm.first_read(session)
    return {"remoteAccessSession": farm.session(session)}


def list_remote_access_sessions(farm: Farm, model: Model, params: Params) -> Answer:
    """A project's sessions."""
    sessions = farm.sessions_of(project_of(farm, params["arn"])["arn"])
    return page(model, "ListRemoteAccessSessions", params, sessions, farm.session, farm.page_size)


def create_remote_access_session(farm: Farm, model: Model, params: Params) -> Answer:
    """A new session on a device."""
    project = project_of(farm, params["projectArn"])
    device = device_of(farm, params["deviceArn"])
    configuration = params.get("configuration", {})
    if not device.get("remoteAccessEnabled"):
        raise ApiError("ArgumentException", f"The device {device['arn']} is not enabled for remote access")
    if model.knows("CreateRemoteAccessSession", "configuration", "parameters"):
        _check_appium(device, configuration.get("parameters", {}))
    base: dict[str, Any] = {
        "device": device,
        "deviceUdid": udid(device, secrets.token_hex(16)),
        "billingMethod": configuration.get("billingMethod", "METERED"),
        # What the service says where nothing was asked for is unknown; this was its default as long as it had one.
        "interactionMode": params.get("interactionMode", "INTERACTIVE"),
        "skipAppResign": False,
    } | {name: params[name] for name in _GIVEN if name in params}
    if "instanceArn" in params:
        base |= _instance(farm, device, params["instanceArn"])
    if "deviceProxy" in configuration:
        base["deviceProxy"] = configuration["deviceProxy"]
    if device.get("fleetType") == "PRIVATE" and "vpcConfig" in project:
        base["vpcConfig"] = project["vpcConfig"]
    if "appArn" in params:
        base["appUpload"] = app_of(farm, params["appArn"], device["platform"]).arn
    others = [app_of(farm, arn, device["platform"]).arn for arn in configuration.get("auxiliaryApps", ())]
    session = farm.create(project["arn"], params.get("name") or device["name"], base)
    session.other_apps = tuple(others)
    return {"remoteAccessSession": farm.session(session)}


def stop_remote_access_session(farm: Farm, model: Model, params: Params) -> Answer:
    """End a session. One that ends already, or has, is answered as it is: nobody has written what the service does."""
    session = session_of(farm, params["arn"])
    farm.stop(session)
    return {"remoteAccessSession": farm.session(session)}


def delete_remote_access_session(farm: Farm, model: Model, params: Params) -> Answer:
    """Forget a session and its results. Model: "You cannot delete a remote access session if it is still active."."""
    session = session_of(farm, params["arn"])
    status = session.moment(farm.now()).step.status
    if status != "COMPLETED":
        raise ApiError("ArgumentException", f"The session {session.arn} is {status}: one that is active stays")
    farm.delete(session)
    return {}


def install_to_remote_access_session(farm: Farm, model: Model, params: Params) -> Answer:
    """Put an app on a session's device. It counts as use of the session."""
    session = session_of(farm, params["remoteAccessSessionArn"])
    upload = app_of(farm, params["appArn"], session.base["device"]["platform"])
    if not farm.is_running(session):
        status = session.moment(farm.now()).step.status
        raise ApiError("ArgumentException", f"The session {session.arn} is {status}: apps go to a RUNNING one")
    farm.install(session, upload.arn)
    return {"appUpload": farm.uploads.show(upload, farm.now())}


def list_artifacts(farm: Farm, model: Model, params: Params) -> Answer:
    """A session's artifacts of one type. Of runs, jobs, suites and tests there are none here."""
    check_arn(params["arn"], "session", "run", "job", "suite", "test")
    session, now = session_of(farm, params["arn"], "session", "run", "job", "suite", "test"), farm.now()
    found = [each for each in files_of(farm, session, now) if each.category == params["type"]]
    return page(model, "ListArtifacts", params, found, lambda file: _shown(farm, session, file), farm.page_size)


def files_of(farm: Farm, session: LiveSession, now: float) -> list[File]:
    """All that a session has by now."""
    mode = str(farm.session(session).get("interactionMode"))
    return files(session, session.moment(now), now, farm.video_seconds, mode, farm.artifacts)


def session_of(farm: Farm, arn: str, *kinds: str) -> LiveSession:
    """The session with this ARN; raises ApiError where there is none."""
    check_arn(arn, *(kinds or ("session",)))
    if session := farm.sessions.get(arn):
        return session
    raise not_found(arn.split(":", 6)[5], arn)


def _check_appium(device: dict[str, Any], parameters: dict[str, str]) -> None:
    asked, system = parameters.get("appium:version"), version(device["os"])
    ios = device["platform"] == "IOS"
    if asked is None and ios and system >= _MUST_NAME:
        message = 'devices with iOS 27 or later need the parameter "appium:version": name 2 or 3'
        raise ApiError("ArgumentException", message)
    if asked is not None and (asked not in _APPIUM_VERSIONS or (ios and system < _LEAST_IOS)):
        message = f"Appium version {asked!r} is not available for {device['name']} with {device['os']}"
        raise ApiError("ArgumentException", message)


def _instance(farm: Farm, device: dict[str, Any], arn: str) -> dict[str, Any]:
    instance = instance_of(farm, arn)
    if instance["deviceArn"] != device["arn"]:
        raise ApiError("ArgumentException", f"The device instance {arn} is none of the device {device['arn']}")
    return {"instanceArn": arn, "deviceUdid": instance["udid"]}


def _shown(farm: Farm, session: LiveSession, file: File) -> Answer:
    identity = session.arn.split(":", 6)[6]
    shown = {
        "arn": f"{ARN_PREFIX}:artifact:{identity}/{file.file}",
        "name": file.name,
        "type": file.type,
        "extension": file.extension,
        "url": farm.presigner.url("GET", f"{PREFIX}{session.arn}/{file.file}"),
    }
    # That type is seen on the service, but is not in its model; a scenario may make up others.
    return Unchecked(shown) if file.type == "APPIUM_SERVER_LOG_OUTPUT" or file.plan else shown
