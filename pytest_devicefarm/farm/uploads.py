"""Uploading apps: from what the user named to an app that Device Farm has processed.

A file is uploaded once, from whichever host: the name of its upload carries a digest of its content.
"""

from __future__ import annotations

import hashlib
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, BinaryIO, TypeVar
from urllib.error import HTTPError, URLError
from urllib.request import HTTPHandler, HTTPSHandler, Request, build_opener

from ..errors import ConfigurationError, DeviceFarmError, UnavailableError
from ..model.app import App, AppFile, AppReference, Upload, UploadStatus, check_app_file
from ..model.arn import Arn
from ..model.text import printable
from .client import READ_TIMEOUT, TransientError
from .clock import Clock
from .retry import persist
from .tls import tls_context

T = TypeVar("T")
CONTENT_TYPE = "application/octet-stream"
#: Guide, sessions: apps are kept 30 days. A session that begins on the last of them would lose its app.
REUSED_FOR = timedelta(days=29)
_LONGEST_NAME = 256  #: characters (service model)
_BLOCK = 64 * 1024  #: bytes
_ARRIVAL = 60.0  #: seconds; an upload may be INITIALIZED for a moment after its file came
_APPS = ("IOS_APP", "ANDROID_APP")
#: Errors of S3 that are no fault of the request; the first two have the status 400.
_TRANSIENT = re.compile("RequestTimeout|IncompleteBody|SlowDown")


@dataclass(frozen=True)
class Sent:
    """How far a file's upload is; a new attempt begins at 0 again."""

    name: str  #: the file's own
    sent: int  #: bytes
    total: int  #: bytes


class _URLRefused(ConfigurationError):
    """The storage did not accept the presigned URL, which may have expired."""


def provide_app(
    reference: AppReference,
    *,
    client: Any,
    project: str,
    clock: Clock,
    deadline: float,
    progress: Callable[[Sent], None],
    trouble: Callable[[str], None],
) -> App:
    """The app that ``reference`` names, ready to be installed; a file is uploaded to the ``project``'s ARN if need be.

    ``progress`` is called once for each per cent of a file at most, and not at all for a file that is there already;
    ``trouble`` gets a line for each failure that is tried again. ``deadline`` is of ``clock.monotonic``. Raises
    `ConfigurationError` for what is no app, and `UnavailableError` at the deadline or when the clock is cancelled.
    """
    provider = _Provider(client, project, clock, deadline, progress, trouble)
    if isinstance(reference, Arn):
        return provider.named(str(reference))
    return provider.of_file(check_app_file(reference))


@dataclass(frozen=True)
class _Provider:
    client: Any
    project: str
    clock: Clock
    deadline: float
    progress: Callable[[Sent], None]
    trouble: Callable[[str], None]

    def named(self, arn: str) -> App:
        return self._processed(arn, arn, arrival=_ARRIVAL)

    def of_file(self, app: AppFile) -> App:
        shown = printable(app.path.name)
        try:
            with app.path.open("rb") as file:
                content = _Content(shown, file, *_measure(file))
                name = _upload_name(app, content.digest)
                earlier = self._persist(lambda: self._earlier(name, app.type), f"looking for app {shown}")
                arn = earlier or self._upload(content, name, app.type)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ConfigurationError(f"the app {printable(str(app.path))} cannot be read: {reason}") from None
        return self._processed(arn, shown)

    def _earlier(self, name: str, kind: str) -> str | None:
        """The ARN of an upload of the same content that is young enough."""
        pages = self.client.get_paginator("list_uploads").paginate(arn=self.project, type=kind)
        uploads = [Upload.from_response(each) for page in pages for each in page["uploads"]]
        youngest = self.clock.now() - REUSED_FOR
        fresh = [each for each in uploads if each.name == name and each.created and each.created > youngest]
        for status in (UploadStatus.SUCCEEDED, UploadStatus.PROCESSING):
            for upload in fresh:
                if upload.status is status and upload.arn:
                    return upload.arn
        return None

    def _upload(self, content: _Content, name: str, kind: str) -> str:
        doing = f"uploading app {content.name}"

        def create() -> Upload:
            asked = {"projectArn": self.project, "name": name, "type": kind, "contentType": CONTENT_TYPE}
            upload = Upload.from_response(self.client.create_upload(**asked)["upload"])
            if not upload.arn or not upload.url:
                raise TransientError("the answer has no upload")
            return upload

        upload = self._persist(create, doing)
        try:
            self._persist(lambda: _put(upload.url, _Reader(content, self)), doing)
        except _URLRefused:
            upload = self._persist(create, doing)
            self._persist(lambda: _put(upload.url, _Reader(content, self)), doing)
        return str(upload.arn)

    def _processed(self, arn: str, shown: str, arrival: float = float("inf")) -> App:
        """Wait until an upload SUCCEEDED; raise `ConfigurationError` where it FAILED or is no app.

        ``arrival`` is how many seconds its file may take to arrive.
        """

        def read() -> Upload:
            return Upload.from_response({"arn": arn, **self.client.get_upload(arn=arn)["upload"]})

        begun, pause = self.clock.monotonic(), 1.0
        while True:
            upload = self._persist(read, f"reading upload {arn}")
            if upload.type not in _APPS:
                raise ConfigurationError(f"{arn} is no app: its type is {upload.type}, not {' or '.join(_APPS)}")
            if upload.status is UploadStatus.SUCCEEDED:
                return App.from_upload(upload.raw)
            if upload.status is UploadStatus.FAILED:
                raise ConfigurationError(f"Device Farm could not process app {shown}: {upload.reason}")
            now = self.clock.monotonic()
            if upload.status is UploadStatus.INITIALIZED and now >= begun + arrival:
                raise ConfigurationError(
                    f"upload {arn} has no file (INITIALIZED): upload one, or give the path of a file"
                )
            if now >= self.deadline:
                raise UnavailableError(
                    f"app {shown} is still {upload.status} in Device Farm: try again later or allow more time"
                )
            self.clock.sleep(min(pause, self.deadline - now))
            self.go_on(shown)
            pause = min(pause * 1.5, 5.0)

    def _persist(self, call: Callable[[], T], doing: str) -> T:
        return persist(call, doing, deadline=self.deadline, clock=self.clock, trouble=self.trouble)

    def go_on(self, shown: str) -> None:
        """Raise `UnavailableError` where the run is over."""
        if self.clock.cancelled:
            raise UnavailableError(f"the run ended before app {shown} was uploaded")


@dataclass(frozen=True)
class _Content:
    """An open file as it was when it was read first."""

    name: str
    file: BinaryIO
    size: int  #: bytes
    digest: str  #: hexadecimal SHA-256


class _Reader:
    """One pass over a file for http.client, which asks for block after block."""

    def __init__(self, content: _Content, provider: _Provider) -> None:
        self.content = content
        self._provider = provider
        self._digest = hashlib.sha256()
        self._sent = 0
        self._percent = 0
        content.file.seek(0)

    def read(self, size: int = _BLOCK, /) -> bytes:
        content, provider = self.content, self._provider
        provider.go_on(content.name)
        if provider.clock.monotonic() >= provider.deadline:
            raise UnavailableError(
                f"app {content.name} could not be uploaded in time ({self._sent} of {content.size} bytes were): "
                "try again later or allow more time"
            )
        left = content.size - self._sent
        if not left:
            return b""
        block = self._block(size, left)
        self._sent += len(block)
        percent = 100 * self._sent // content.size
        if percent > self._percent:
            self._percent = percent
            provider.progress(Sent(content.name, self._sent, content.size))
        return block

    def _block(self, size: int, left: int) -> bytes:
        """The next block; raise `ConfigurationError` before the last one if the file has changed.

        Then the storage never has the whole file, and the upload will not be taken for that of its name.
        """
        content = self.content
        try:
            block = content.file.read(min(size, left))
            self._digest.update(block)
            whole = len(block) == left
            changed = self._digest.hexdigest() != content.digest or content.file.read(1) if whole else not block
        except OSError as error:
            raise ConfigurationError(
                f"app {content.name} cannot be read: {error.strerror or type(error).__name__}"
            ) from None
        if changed:
            raise ConfigurationError(f"app {content.name} changed while it was uploaded: wait for its build to end")
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
    def __init__(self, context: ssl.SSLContext | None) -> None:
        super().__init__()
        self._trusted = context

    def https_open(self, request: Request) -> Any:
        return self.do_open(_SecureAnswerFirst, request, context=self._trusted, blocksize=_BLOCK)


def _put(url: str | None, reader: _Reader) -> None:
    """Put a file at a presigned URL, which is a credential: no error says it, and urllib does not log it."""
    doing = f"uploading app {reader.content.name}"
    headers = {"Content-Type": CONTENT_TYPE, "Content-Length": str(reader.content.size)}
    try:
        opener = build_opener(_Plain(), _Secure(tls_context(url or "")))
        opener.open(Request(url or "", data=reader, headers=headers, method="PUT"), timeout=READ_TIMEOUT).close()
    except DeviceFarmError as error:
        raise error.with_traceback(None) from None  # urllib's frames have the URL
    except HTTPError as error:
        raise _explain_answer(error, doing) from None
    except (OSError, ValueError, HTTPException) as error:
        reason = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise ConfigurationError(
                f"{doing}: the certificate of Device Farm's storage could not be verified ({reason.verify_message}): "
                "check AWS_CA_BUNDLE"
            ) from None
        raise TransientError(type(reason).__name__) from None  # its text may hold the URL


def _explain_answer(error: HTTPError, doing: str) -> Exception:
    with error:
        try:
            code = re.search(b"<Code>([A-Za-z]{1,60})</Code>", error.read(4096))
        except (OSError, HTTPException):
            code = None
    said = f"HTTP {error.code} {code[1].decode()}" if code else f"HTTP {error.code}"
    if error.code >= 500 or error.code in (408, 429) or _TRANSIENT.search(said):
        return TransientError(said)
    kind = _URLRefused if error.code == 403 else ConfigurationError
    return kind(f"{doing}: the storage of Device Farm refused the file ({said}): is a proxy in the way?")


def _measure(file: BinaryIO) -> tuple[int, str]:
    """A file's size in bytes and its digest."""
    digest, size = hashlib.sha256(), 0
    while block := file.read(1024 * 1024):
        digest.update(block)
        size += len(block)
    return size, digest.hexdigest()


def _upload_name(app: AppFile, digest: str) -> str:
    """``shop.ipa`` as ``shop-1a2b3c4d5e6f.ipa``, within the service's limit and without slashes."""
    end = f"-{digest[:12]}{app.path.suffix.lower()}"
    stem = "".join(char if char.isprintable() and char not in "/\\" else "_" for char in app.path.stem)
    return stem[: _LONGEST_NAME - len(end)] + end
