"""Answers in the formats that AWS's clients read here: JSON 1.1 for Device Farm, XML for STS and S3."""

import json
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from .errors import ApiError
from .scenario import ACCOUNT, USER_ARN

_STS = "https://sts.amazonaws.com/doc/2011-06-15/"


def json_answer(answer: dict[str, Any], status: int = 200) -> Response:
    """An answer of Device Farm; times go out as epoch seconds.

    Raises ValueError for numbers that JSON does not have.
    """
    body = json.dumps(answer, default=_epoch, allow_nan=False)
    return Response(body, status=status, content_type="application/x-amz-json-1.1")


def json_error(error: ApiError) -> Response:
    """An error of Device Farm."""
    response = json_answer({"__type": error.code, "message": error.message}, error.status)
    response.headers["x-amzn-ErrorType"] = error.code
    return response


def caller_identity(request_id: str) -> Response:
    """The answer of STS GetCallerIdentity."""
    body = (
        f'<GetCallerIdentityResponse xmlns="{_STS}"><GetCallerIdentityResult>'
        f"<Arn>{USER_ARN}</Arn><UserId>AIDAEMULATOR</UserId><Account>{ACCOUNT}</Account>"
        f"</GetCallerIdentityResult><ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
        f"</GetCallerIdentityResponse>"
    )
    return Response(body, content_type="text/xml")


def xml_error(error: ApiError, request_id: str) -> Response:
    """An error of STS."""
    # STS leaves `Exception` off the codes that JSON services end with it.
    code = error.code.removesuffix("Exception")
    body = (
        f'<ErrorResponse xmlns="{_STS}"><Error><Type>Sender</Type><Code>{escape(code)}</Code>'
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return Response(body, status=error.status, content_type="text/xml")


def s3_error(error: ApiError, request_id: str) -> Response:
    """An error of S3, at a presigned URL."""
    body = (
        f"<Error><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
        f"<RequestId>{request_id}</RequestId></Error>"
    )
    return Response(body, status=error.status, content_type="application/xml")


def _epoch(value: object) -> float:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    raise ValueError(f"{type(value).__name__} does not go into JSON")
