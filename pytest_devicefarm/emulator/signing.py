"""Requests must be signed, as with AWS; with what key does not matter, so no signature is verified."""

import re

from werkzeug.wrappers import Request

from .errors import ApiError
from .scenario import REGION

_AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 .*\bCredential=[^/,\s]+/\d{8}/([^/,\s]+)/([^/,\s]+)/aws4_request\b")


def check(request: Request, service: str) -> None:
    """Refuse a request that is not signed for `service`, or for a region that Device Farm is not in.

    Raises ApiError, worded as AWS does.
    """
    authorization = request.headers.get("Authorization", "")
    if not authorization:
        raise ApiError("MissingAuthenticationTokenException", "Missing Authentication Token")
    signed = _AUTHORIZATION.match(authorization)
    if signed is None:
        message = "Authorization header is not a Signature Version 4 of AWS4-HMAC-SHA256"
        raise ApiError("IncompleteSignatureException", message)
    region, actual = signed.groups()
    if actual != service:
        message = f"Credential should be scoped to correct service: '{service}'."
        raise ApiError("InvalidSignatureException", message)
    if service == "devicefarm" and region != REGION:
        message = f"Credential should be scoped to a valid region, not '{region}'."
        raise ApiError("InvalidSignatureException", message)
