"""The presigned URLs, which at AWS lead to S3: files of uploads come in, artifacts go out."""

import re

from werkzeug.wrappers import Request, Response

from . import artifacts, uploads, wire
from .errors import ApiError
from .farm import Farm
from .session_calls import artifacts_of

PREFIXES = (uploads.PREFIX, artifacts.PREFIX)


def answer(farm: Farm, request: Request, request_id: str) -> Response:
    """Answer a request at a presigned URL; errors are S3's."""
    try:
        farm.presigner.check(request.method, request.path, request.args)
        if request.path.startswith(uploads.PREFIX):
            return _take(farm, request)
        return _give(farm, request)
    except ApiError as error:
        return wire.s3_error(error, request_id)


def _take(farm: Farm, request: Request) -> Response:
    upload = farm.uploads.at(request.path, farm.now())
    if "Transfer-Encoding" in request.headers:
        message = "A header you provided implies functionality that is not implemented"
        raise ApiError("NotImplemented", message, 501)
    length = request.content_length
    if length is None:
        raise ApiError("MissingContentLength", "You must provide the Content-Length HTTP header.", 411)
    if length > uploads.MAX_SIZE:
        raise ApiError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
    path, digest = farm.uploads.put(upload, request.environ["wsgi.input"], length)
    farm.uploads.process(upload, path, farm.now())
    return Response(status=200, headers={"ETag": f'"{digest}"', "Content-Length": "0"})


def _give(farm: Farm, request: Request) -> Response:
    match = re.fullmatch(rf"{artifacts.PREFIX}(.+)/([\w.-]+)", request.path)
    session = farm.sessions.get(match[1]) if match else None
    if match and session:
        for artifact in artifacts_of(farm, session, farm.now()):
            if artifact.file == match[2]:
                return Response(artifacts.content(artifact, session), content_type=artifact.media_type)
    raise ApiError("NoSuchKey", "The specified key does not exist.", 404)
