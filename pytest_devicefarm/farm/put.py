"""Putting a file at a presigned URL, block by block."""

from __future__ import annotations

import hashlib
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, BinaryIO, Self
from urllib.error import HTTPError, URLError
from urllib.request import HTTPHandler, HTTPSHandler, Request, build_opener

from ..errors import ConfigurationError, DeviceFarmError
from .client import READ_TIMEOUT, TransientError
from .tls import tls_context

CONTENT_TYPE = "application/octet-stream"
_BLOCK = 64 * 1024  #: bytes
#: Errors of S3 that are no fault of the request; the first two come with the status 400.
_TRANSIENT = re.compile("RequestTimeout|IncompleteBody|SlowDown")


class URLRefused(ConfigurationError):
    """The storage did not accept the presigned URL, which may have expired."""


@dataclass(frozen=True)
class Content:
    """An open file, and what was in it when it was read first."""

    name: str  #: for messages
    file: BinaryIO
    size: int  #: bytes
    digest: str  #: hexadecimal SHA-256

    @classmethod
    def of(cls, name: str, file: BinaryIO) -> Self:
        """Read the whole file once, without holding it in memory."""
        digest, size = hashlib.sha256(), 0
        while block := file.read(1024 * 1024):
            digest.update(block)
            size += len(block)
        return cls(name, file, size, digest.hexdigest())


def put(url: str, content: Content, observe: Callable[[int], None]) -> None:
    """Put a file at a presigned URL, which is a credential: no error says it, and urllib, unlike urllib3, logs none.

    ``observe`` gets the number of bytes that are on their way before each block, and ends it all by raising. Raises
    `TransientError` for what may heal, `URLRefused`, and `ConfigurationError`.
    """
    doing = f"uploading app {content.name}"
    headers = {"Content-Type": CONTENT_TYPE, "Content-Length": str(content.size)}
    try:
        opener = build_opener(_Plain(), _Secure(tls_context(url)))
        request = Request(url, data=_Reader(content, observe), headers=headers, method="PUT")
        opener.open(request, timeout=READ_TIMEOUT).close()
    except DeviceFarmError as error:
        raise error.with_traceback(None) from None  # urllib's frames have the URL
    except HTTPError as error:
        raise _explain(error, doing) from None
    except (OSError, ValueError, HTTPException) as error:
        reason = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise ConfigurationError(
                f"{doing}: the certificate of the storage could not be verified ({reason.verify_message}): "
                "check AWS_CA_BUNDLE"
            ) from None
        raise TransientError(type(reason).__name__) from None  # its text may hold the URL


def _explain(error: HTTPError, doing: str) -> Exception:
    with error:
        try:
            code = re.search(b"<Code>([A-Za-z]{1,60})</Code>", error.read(4096))
        except (OSError, HTTPException):
            code = None
    said = f"HTTP {error.code} {code[1].decode()}" if code else f"HTTP {error.code}"
    if error.code >= 500 or error.code in (408, 429) or _TRANSIENT.search(said):
        return TransientError(said)
    kind = URLRefused if error.code == 403 else ConfigurationError
    return kind(f"{doing}: the storage of Device Farm refused the file ({said}): is a proxy in the way?")


class _Reader:
    """One pass over a file."""

    def __init__(self, content: Content, observe: Callable[[int], None]) -> None:
        self._content = content
        self._observe = observe
        self._digest = hashlib.sha256()
        self._sent = 0
        content.file.seek(0)

    def read(self, size: int = _BLOCK, /) -> bytes:
        self._observe(self._sent)
        left = self._content.size - self._sent
        try:
            block = self._content.file.read(min(size, left))
            self._digest.update(block)
            if len(block) < left:
                changed = not block
            else:
                changed = self._digest.hexdigest() != self._content.digest or bool(self._content.file.read(1))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ConfigurationError(f"app {self._content.name} cannot be read: {reason}") from None
        if left and changed:
            # Before the last block is sent: so nobody takes the upload for that of its name.
            raise ConfigurationError(f"app {self._content.name} changed while it was uploaded: let its build end first")
        self._sent += len(block)
        return block


class _AnswerFirst(HTTPConnection):
    """A server may refuse a file before it has read it all: its answer says more than the connection that it closed."""

    def request(self, *args: Any, **options: Any) -> None:
        try:
            super().request(*args, **options)
        except (BrokenPipeError, ConnectionResetError):
            if self.sock is None:
                raise


class _SecureAnswerFirst(_AnswerFirst, HTTPSConnection):
    pass


class _Plain(HTTPHandler):
    def http_open(self, request: Request) -> Any:
        return self.do_open(_AnswerFirst, request, blocksize=_BLOCK)


class _Secure(HTTPSHandler):
    def __init__(self, trusted: ssl.SSLContext | None) -> None:
        super().__init__()
        self._trusted = trusted

    def https_open(self, request: Request) -> Any:
        return self.do_open(_SecureAnswerFirst, request, context=self._trusted, blocksize=_BLOCK)
