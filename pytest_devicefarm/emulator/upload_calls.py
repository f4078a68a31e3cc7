"""Operations on uploads, and the PUT that brings a file."""

import uuid
from typing import Any

from .arns import check_arn, not_found
from .errors import ApiError
from .farm import Farm
from .model import Model
from .paging import page
from .project_calls import project_of
from .scenario import ARN_PREFIX
from .uploads import LiveUpload

Params = dict[str, Any]
Answer = dict[str, Any]

#: Model, CreateUpload. It says .zip of all others as well, but AWS's own example has a name without it.
_EXTENSIONS = {"ANDROID_APP": ".apk", "IOS_APP": ".ipa"}
_PLATFORMS = {"ANDROID_APP": "ANDROID", "IOS_APP": "IOS"}


def create_upload(farm: Farm, model: Model, params: Params) -> Answer:
    """Announce a file; the answer has the URL to put it at."""
    project = project_of(farm, params["projectArn"])
    name, kind = params["name"], params["type"]
    if kind == "WEB_APP":
        # Model: "If you call CreateUpload with WEB_APP specified, AWS Device Farm throws an ArgumentException error."
        raise ApiError("ArgumentException", "Uploads of the type WEB_APP are not supported")
    if "/" in name:
        raise ApiError("ArgumentException", f"The name of an upload has no forward slashes: {name}")
    if (extension := _EXTENSIONS.get(kind)) and not name.lower().endswith(extension):
        raise ApiError("ArgumentException", f"The name of an upload of type {kind} ends with {extension}: {name}")
    now = farm.now()
    fields = {"name": name, "type": kind, "category": "PRIVATE", "created": farm.epoch(now)}
    if "contentType" in params:
        fields["contentType"] = params["contentType"]
    arn = f"{ARN_PREFIX}:upload:{project['arn'].rpartition(':')[2]}/{uuid.uuid4()}"
    upload = farm.uploads.add(LiveUpload(arn, project["arn"], now, fields))
    return {"upload": farm.uploads.show(upload, now)}


def get_upload(farm: Farm, model: Model, params: Params) -> Answer:
    """One upload, by its ARN."""
    return {"upload": farm.uploads.show(upload_of(farm, params["arn"]), farm.now())}


def list_uploads(farm: Farm, model: Model, params: Params) -> Answer:
    """A project's uploads, of one type or all."""
    project, now = project_of(farm, params["arn"]), farm.now()
    uploads = farm.uploads.of(project["arn"], now)
    if "type" in params:
        uploads = [upload for upload in uploads if upload.fields["type"] == params["type"]]
    return page(model, "ListUploads", params, uploads, lambda upload: farm.uploads.show(upload, now), farm.page_size)


def delete_upload(farm: Farm, model: Model, params: Params) -> Answer:
    """Forget an upload."""
    farm.uploads.remove(upload_of(farm, params["arn"]).arn)
    return {}


def upload_of(farm: Farm, arn: str) -> LiveUpload:
    """The upload with this ARN; raises ApiError where there is none. AWS's own example has `app` for `upload`."""
    check_arn(arn, "upload", "app")
    if upload := farm.uploads.get(arn, farm.now()):
        return upload
    raise not_found("upload", arn)


def app_of(farm: Farm, arn: str, platform: str) -> LiveUpload:
    """The app with this ARN, fit to be installed on `platform`; raises ApiError for any other upload."""
    upload = upload_of(farm, arn)
    kind = upload.fields["type"]
    if _PLATFORMS.get(kind) != platform:
        raise ApiError("ArgumentException", f"The upload {arn} is of type {kind}: no app for {platform}")
    if (status := farm.uploads.status(upload, farm.now())) != "SUCCEEDED":
        raise ApiError("ArgumentException", f"The upload {arn} is {status}: only one that SUCCEEDED can be installed")
    return upload
