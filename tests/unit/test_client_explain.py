"""farm/client.explain: each failure of boto3 as an error with its own text, or as one that may heal."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions as aws
from botocore.parsers import ResponseParserError

from pytest_devicefarm.errors import ConfigurationError, DeviceFarmError, SessionEnded, UnavailableError
from pytest_devicefarm.farm.client import AccessDenied, QuotaReached, Throttled, TransientError, explain
from pytest_devicefarm.model.session import RemoteAccessSession

REMEDY = "check AWS_PROFILE, --devicefarm-profile or the credentials of this environment"
URL = "https://devicefarm.us-west-2.amazonaws.com/"


def _answer(code: str | None, message: str | None = "Said so", status: int = 400) -> aws.ClientError:
    error = {name: text for name, text in (("Code", code), ("Message", message)) if text is not None}
    response: Any = {"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}
    return aws.ClientError(response, "GetRemoteAccessSession")


def _credentials(code: str) -> tuple[type[Exception], str]:
    return ConfigurationError, f"reading X: AWS did not accept the credentials ({code}: Said so): {REMEDY}"


ANSWERS: dict[str, tuple[aws.ClientError, tuple[type[Exception], str]]] = {
    # The reference page's four exceptions
    "argument": (
        _answer("ArgumentException"),
        (ConfigurationError, "reading X: Device Farm refused the request (ArgumentException: Said so)"),
    ),
    "not-found": (
        _answer("NotFoundException"),
        (
            ConfigurationError,
            "reading X: Device Farm does not know it (NotFoundException: Said so): check the ARN and the account",
        ),
    ),
    "limit": (_answer("LimitExceededException"), (QuotaReached, "LimitExceededException: Said so")),
    "service-account": (
        _answer("ServiceAccountException"),
        (
            ConfigurationError,
            "reading X: the account cannot use Device Farm (ServiceAccountException: Said so): "
            "check its service account",
        ),
    ),
    # Permissions and credentials
    **{
        code: (
            _answer(code, status=403),
            (
                AccessDenied,
                f"reading X: access denied ({code}: Said so): allow this action to the role or user of this run",
            ),
        )
        for code in ("AccessDeniedException", "AccessDenied", "NotAuthorized")
    },
    **{
        code: (_answer(code), _credentials(code))
        for code in (
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
        )
    },
    # What may heal
    **{
        code: (_answer(code), (Throttled, f"{code}: Said so"))
        for code in (
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "RequestThrottledException",
            "TooManyRequestsException",
            "RequestLimitExceeded",
            "PriorRequestThrottled",
            "SlowDown",
            "BandwidthLimitExceeded",
        )
    },
    **{
        f"http-{status}": (_answer("X", status=status), (TransientError, "X: Said so"))
        for status in (500, 502, 503, 504, 599)
    },
    "http-429": (_answer("X", status=429), (Throttled, "X: Said so")),
    "denied-by-a-proxy-that-is-down": (
        _answer("AccessDeniedException", status=503),
        (TransientError, "AccessDeniedException: Said so"),
    ),
    # Everything else
    "unknown": (
        _answer("ValidationException"),
        (ConfigurationError, "reading X: Device Farm refused the request (ValidationException: Said so)"),
    ),
    "no-message": (
        _answer("ArgumentException", None),
        (ConfigurationError, "reading X: Device Farm refused the request (ArgumentException: no message)"),
    ),
    "empty-message": (
        _answer("ArgumentException", ""),
        (ConfigurationError, "reading X: Device Farm refused the request (ArgumentException: no message)"),
    ),
    "no-code": (
        _answer(None),
        (ConfigurationError, "reading X: Device Farm refused the request (an error without a code: Said so)"),
    ),
    "lines": (
        _answer("ArgumentException", "Said\n  so\tthere"),
        (ConfigurationError, "reading X: Device Farm refused the request (ArgumentException: Said so there)"),
    ),
    "nothing": (
        aws.ClientError({}, "GetRemoteAccessSession"),
        (ConfigurationError, "reading X: Device Farm refused the request (an error without a code: no message)"),
    ),
}


def _check(error: Exception, expected: tuple[type[Exception], str]) -> None:
    explained = explain(error, "reading X")
    assert (type(explained), str(explained)) == expected


@pytest.mark.parametrize(("error", "expected"), ANSWERS.values(), ids=ANSWERS)
def test_answers(error: aws.ClientError, expected: tuple[type[Exception], str]) -> None:
    """Each error code that AWS answers has its class, its text and its remedy."""
    _check(error, expected)


FAILURES: dict[str, tuple[Exception, tuple[type[Exception], str]]] = {
    "no-credentials": (
        aws.NoCredentialsError(),
        (ConfigurationError, f"reading X: no usable AWS credentials (Unable to locate credentials): {REMEDY}"),
    ),
    "partial-credentials": (
        aws.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
        (
            ConfigurationError,
            "reading X: no usable AWS credentials (Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY): "
            f"{REMEDY}",
        ),
    ),
    "profile": (
        aws.ProfileNotFound(profile="phones"),
        (
            ConfigurationError,
            f"reading X: no usable AWS credentials (The config profile (phones) could not be found): {REMEDY}",
        ),
    ),
    "sso": (
        aws.UnauthorizedSSOTokenError(),
        (
            ConfigurationError,
            "reading X: no usable AWS credentials (The SSO session associated with this profile has expired or is "
            "otherwise invalid. To refresh this SSO session run aws sso login with the corresponding profile.): "
            f"{REMEDY}",
        ),
    ),
    "credential-process": (
        aws.CredentialRetrievalError(provider="custom-process", error_msg="exit 1\nsorry"),
        (
            ConfigurationError,
            "reading X: no usable AWS credentials (Error when retrieving credentials from custom-process: exit 1 "
            f"sorry): {REMEDY}",
        ),
    ),
    "config-file": (
        aws.ConfigParseError(path="/c"),
        (ConfigurationError, f"reading X: no usable AWS credentials (Unable to parse config file: /c): {REMEDY}"),
    ),
    "read-timeout": (
        aws.ReadTimeoutError(endpoint_url=URL),
        (TransientError, f'Read timeout on endpoint URL: "{URL}"'),
    ),
    "closed": (
        aws.ConnectionClosedError(endpoint_url=URL),
        (TransientError, f'Connection was closed before we received a valid response from endpoint URL: "{URL}".'),
    ),
    "http-client": (
        aws.HTTPClientError(error="odd"),
        (TransientError, "An HTTP Client raised an unhandled exception: odd"),
    ),
    "streaming": (
        aws.ResponseStreamingError(error="cut"),
        (TransientError, "An error occurred while reading from response stream: cut"),
    ),
    "certificate": (
        aws.SSLError(endpoint_url=URL, error="[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"),
        (
            ConfigurationError,
            f"reading X: the certificate of AWS could not be verified (SSL validation failed for {URL} "
            "[SSL: CERTIFICATE_VERIFY_FAILED] self-signed): check AWS_CA_BUNDLE",
        ),
    ),
    "body": (
        ResponseParserError("not\nJSON"),
        (TransientError, "the answer could not be read (ResponseParserError)"),
    ),
    "body-type": (TypeError("x"), (TransientError, "the answer could not be read (TypeError)")),
    "body-key": (KeyError("remoteAccessSession"), (TransientError, "the answer could not be read (KeyError)")),
    "parameters": (
        aws.ParamValidationError(report="Invalid length\nfor arn"),
        (
            ConfigurationError,
            "reading X: boto3 refused the request: Parameter validation failed: Invalid length for arn",
        ),
    ),
    "other-botocore": (
        aws.UnknownServiceError(service_name="devicefarm", known_service_names="s3"),
        (
            UnavailableError,
            "reading X: UnknownServiceError: Unknown service: 'devicefarm'. Valid service names are: s3",
        ),
    ),
    "other": (RuntimeError("odd\nthing"), (UnavailableError, "reading X: RuntimeError: odd thing")),
}


@pytest.mark.parametrize(("error", "expected"), FAILURES.values(), ids=FAILURES)
def test_failures(error: Exception, expected: tuple[type[Exception], str]) -> None:
    """Each way in which a call fails before or without an answer has its class and text."""
    _check(error, expected)


NOT_CONNECTED: dict[str, tuple[Exception, str]] = {
    "refused": (aws.EndpointConnectionError(endpoint_url=URL), f'Could not connect to the endpoint URL: "{URL}"'),
    "connect-timeout": (aws.ConnectTimeoutError(endpoint_url=URL), f'Connect timeout on endpoint URL: "{URL}"'),
    "proxy": (
        aws.ProxyConnectionError(proxy_url="http://proxy"),
        'Failed to connect to proxy URL: "http://proxy"',
    ),
    "tls-cut": (
        aws.SSLError(endpoint_url=URL, error="EOF occurred in violation of protocol"),
        f"SSL validation failed for {URL} EOF occurred in violation of protocol",
    ),
}


@pytest.mark.parametrize(("error", "text"), NOT_CONNECTED.values(), ids=NOT_CONNECTED)
def test_dropped_connections_may_heal(error: Exception, text: str) -> None:
    """A connection that is refused, times out, or breaks while it is made is tried again."""
    _check(error, (TransientError, text))


@pytest.mark.parametrize(
    ("code", "status"),
    [("RequestTimeout", 400), ("RequestTimeoutException", 400), ("X", 408), ("InternalFailure", 400)],
)
def test_server_side_timeouts_may_heal(code: str, status: int) -> None:
    """A time-out that AWS itself answers is tried again."""
    _check(_answer(code, status=status), (TransientError, f"{code}: Said so"))


@pytest.mark.parametrize(
    "error",
    [TransientError("x"), ConfigurationError("x"), SessionEnded("x", RemoteAccessSession())],
    ids=lambda error: type(error).__name__,
)
def test_errors_in_words_stay(error: DeviceFarmError | TransientError) -> None:
    """What is put into words already is not put into others."""
    assert explain(error, "reading X") is error


EVERY = {**ANSWERS, **FAILURES}


@pytest.mark.parametrize("error", [error for error, _ in EVERY.values()], ids=EVERY)
def test_every_text_is_one_line(error: Exception) -> None:
    """Whatever boto3 says, the user gets one line."""
    assert len(str(explain(error, "reading X")).splitlines()) == 1
