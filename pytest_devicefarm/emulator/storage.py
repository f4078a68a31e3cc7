"""The presigned URLs, which at AWS lead to S3: files of uploads come in, artifacts go out."""

import math
import re
import threading
from collections.abc import Iterator

from werkzeug.wrappers import Request, Response

from . import artifacts, uploads, wire
from .clock import Clock
from .errors import ApiError, ConnectionDropped
from .farm import Farm
from .session_calls import files_of

PREFIXES = (uploads.PREFIX, artifacts.PREFIX)

_BETWEEN_BLOCKS = 0.1  #: seconds on the clock between two blocks of a file that never ends


def answer(farm: Farm, request: Request, request_id: str, clock: Clock, stop: threading.Event) -> Response:
    """Answer a request at a presigned URL; errors are S3's."""
    try:
        farm.presigner.check(request.method, request.path, request.args)
        if request.path.startswith(uploads.PREFIX):
            return _take(farm, request)
        return _give(farm, request, clock, stop)
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


def _give(farm: Farm, request: Request, clock: Clock, stop: threading.Event) -> Response:
    match = re.fullmatch(rf"{artifacts.PREFIX}(.+)/([\w.-]+)", request.path)
    session, now = farm.sessions.get(match[1]) if match else None, farm.now()
    if match and session:
        for file in files_of(farm, session, now):
            if file.file == match[2]:
                body = artifacts.content(file, session, now, farm.epoch)
                response = Response(body, content_type=file.media_type)
                return (
                    _spoil(response, file.plan.fault, body, clock, stop) if file.plan and file.plan.fault else response
                )
    raise ApiError("NoSuchKey", "The specified key does not exist.", 404)


def _spoil(response: Response, fault: str, body: bytes, clock: Clock, stop: threading.Event) -> Response:
    """A file that cannot be had as it should."""
    if fault == "unavailable":
        raise ApiError("ServiceUnavailable", "Please reduce your request rate.", 503)
    if fault == "missing":
        raise ApiError("NoSuchKey", "The specified key does not exist.", 404)

    def broken() -> Iterator[bytes]:
        yield body[: len(body) // 2] or b"?"
        if fault == "cut":
            raise ConnectionDropped
        while not stop.is_set():
            clock.wait_until(math.inf if fault == "hang" else clock.now() + _BETWEEN_BLOCKS, stop)
            yield b"?"
        raise ConnectionDropped

    # Of one that never ends nobody knows the size.
    response.response = broken()
    if fault == "endless":
        response.headers.pop("Content-Length", None)
    else:
        response.headers["Content-Length"] = str(len(body) + 1)
    return response
