"""The client: the only module that imports boto3, and the one that tells its errors apart."""

from __future__ import annotations

import logging
import re
from typing import Any, Literal

import boto3.session
import botocore.session
from botocore import exceptions as aws
from botocore.config import Config
from botocore.parsers import ResponseParserError

from ..errors import ConfigurationError, DeviceFarmError, UnavailableError
from ..model.arn import REGION
from ..settings import ClientSettings

CONNECT_TIMEOUT = 5.0  #: seconds
READ_TIMEOUT = 10.0  #: seconds
_CREDENTIALS = "check AWS_PROFILE, --devicefarm-profile or the credentials of this environment"


def make_client(
    settings: ClientSettings, *, service: Literal["devicefarm", "sts"] = "devicefarm", attempts: int = 3
) -> Any:
    """Make a boto3 client for us-west-2, the only region of Device Farm.

    ``attempts`` is how often botocore sends a request at most. Raises `ConfigurationError` where there are no
    credentials, and what boto3 raises; `explain` puts that into words.
    """
    _keep_secrets_out_of_logs()
    if settings.emulated:
        # Neither a profile of the environment nor a credential process may matter when no account is needed.
        core = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
        core.set_credentials("emulator", "emulator")
    else:
        core = botocore.session.Session(profile=settings.profile)
        if core.get_credentials() is None:
            raise ConfigurationError(f"no AWS credentials were found: {_CREDENTIALS}")
    config = Config(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
    # The endpoint is Device Farm's; STS is there too only when it is the emulator's.
    endpoint_url = settings.endpoint_url if service == "devicefarm" or settings.emulated else None
    session = boto3.session.Session(botocore_session=core)
    try:
        return session.client(service, region_name=REGION, endpoint_url=endpoint_url, config=config)
    except ValueError as error:  # an endpoint URL of the environment that is none, for one
        raise ConfigurationError(f"boto3 cannot make a client: {error}") from None


class TransientError(Exception):
    """A call failed in a way that may heal: throttling, 5xx, time-outs, dropped connections, unreadable bodies."""


class Throttled(TransientError):
    """AWS refused to take the call now, so nothing was done."""


class QuotaReached(TransientError):
    """LimitExceededException: nothing was done, and for Create it heals only when another session ends."""


class AccessDenied(ConfigurationError):
    """The role or user of this run may not make the call."""


_BAD_CREDENTIALS = {
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_NO_CREDENTIALS = (
    aws.NoCredentialsError,
    aws.PartialCredentialsError,
    aws.CredentialRetrievalError,
    aws.ProfileNotFound,
    aws.ConfigParseError,
    aws.ConfigNotFound,
    aws.SSOError,
    aws.TokenRetrievalError,
    aws.NoAuthTokenError,
    aws.InvalidConfigError,
)
_THROTTLED = re.compile("Throttl|TooManyRequests|.LimitExceeded|SlowDown|BandwidthLimit")
_TRANSIENT = re.compile("RequestTimeout|InternalFailure|ServiceUnavailable")


def explain(error: Exception, doing: str) -> DeviceFarmError | TransientError:
    """Put an error of a boto3 call into words; ``doing`` is what was tried, such as "reading session X"."""
    if isinstance(error, DeviceFarmError | TransientError):
        return error
    if isinstance(error, aws.ClientError):
        return _explain_answer(error, doing)
    text = " ".join(str(error).split())
    if isinstance(error, _NO_CREDENTIALS):
        return ConfigurationError(f"{doing}: no usable AWS credentials ({text}): {_CREDENTIALS}")
    if isinstance(error, aws.SSLError) and "CERTIFICATE_VERIFY_FAILED" in text:
        return ConfigurationError(
            f"{doing}: the certificate of AWS could not be verified ({text}): check AWS_CA_BUNDLE"
        )
    if isinstance(error, aws.HTTPClientError | aws.ConnectionError):  # connecting, time-outs, dropped connections
        return TransientError(text)
    if isinstance(error, aws.ParamValidationError):
        return ConfigurationError(f"{doing}: boto3 refused the request: {text}")
    if isinstance(error, ResponseParserError | ValueError | TypeError | AttributeError | KeyError):
        return TransientError(f"the answer could not be read ({type(error).__name__})")
    return UnavailableError(f"{doing}: {type(error).__name__}: {text}")


def _explain_answer(error: aws.ClientError, doing: str) -> DeviceFarmError | TransientError:
    details = error.response.get("Error", {})
    code = str(details.get("Code", "")) or "an error without a code"
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    said = " ".join(f"{code}: {details.get('Message') or 'no message'}".split())
    if code == "LimitExceededException":
        return QuotaReached(said)
    if status == 429 or _THROTTLED.search(code):
        return Throttled(said)
    if status >= 500 or status == 408 or _TRANSIENT.search(code):
        return TransientError(said)
    if code in _BAD_CREDENTIALS:
        return ConfigurationError(f"{doing}: AWS did not accept the credentials ({said}): {_CREDENTIALS}")
    if code in ("AccessDeniedException", "AccessDenied", "NotAuthorized"):
        return AccessDenied(f"{doing}: access denied ({said}): allow this action to the role or user of this run")
    if code == "NotFoundException":
        return ConfigurationError(f"{doing}: Device Farm does not know it ({said}): check the ARN and the account")
    if code == "ServiceAccountException":
        return ConfigurationError(f"{doing}: the account cannot use Device Farm ({said}): check its service account")
    return ConfigurationError(f"{doing}: Device Farm refused the request ({said})")


_SENSITIVE_VALUE = re.compile(r"""((?:[eE]ndpoint|url)\\?["']\s*:\s*)\\?(["']).*?(?<!\\)\2""")


def _redact_body(record: logging.LogRecord) -> bool:
    message = record.getMessage()
    if "ndpoint" in message or "url" in message:
        record.msg, record.args = _SENSITIVE_VALUE.sub(r"\1\2<redacted>\2", message), ()
    return True


def _keep_secrets_out_of_logs() -> None:
    """botocore logs whole response bodies at DEBUG, and a session's endpoint URLs are credentials."""
    logging.getLogger("botocore.parsers").addFilter(_redact_body)  # adding it twice is adding it once
