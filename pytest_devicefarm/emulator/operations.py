"""The operations that the emulator has, each a function from checked parameters to an answer."""

from collections.abc import Callable
from typing import Any

from . import device_calls, project_calls, session_calls, upload_calls
from .farm import Farm
from .model import Model

OPERATIONS: dict[str, Callable[[Farm, Model, dict[str, Any]], dict[str, Any]]] = {
    "CreateProject": project_calls.create_project,
    "CreateRemoteAccessSession": session_calls.create_remote_access_session,
    "CreateUpload": upload_calls.create_upload,
    "DeleteRemoteAccessSession": session_calls.delete_remote_access_session,
    "DeleteUpload": upload_calls.delete_upload,
    "GetAccountSettings": project_calls.get_account_settings,
    "GetDevice": device_calls.get_device,
    "GetDeviceInstance": device_calls.get_device_instance,
    "GetProject": project_calls.get_project,
    "GetRemoteAccessSession": session_calls.get_remote_access_session,
    "GetUpload": upload_calls.get_upload,
    "InstallToRemoteAccessSession": session_calls.install_to_remote_access_session,
    "ListArtifacts": session_calls.list_artifacts,
    "ListDeviceInstances": device_calls.list_device_instances,
    "ListDevices": device_calls.list_devices,
    "ListProjects": project_calls.list_projects,
    "ListRemoteAccessSessions": session_calls.list_remote_access_sessions,
    "ListTagsForResource": project_calls.list_tags_for_resource,
    "ListUploads": upload_calls.list_uploads,
    "StopRemoteAccessSession": session_calls.stop_remote_access_session,
    "TagResource": project_calls.tag_resource,
    "UntagResource": project_calls.untag_resource,
}
