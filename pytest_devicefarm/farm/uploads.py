"""Uploading apps: from what the user named to an app that Device Farm has processed.

A file is uploaded once, from whichever host: the name of its upload carries a digest of its content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from ..errors import ConfigurationError, UnavailableError
from ..model.app import App, AppFile, AppReference, Upload, UploadStatus, check_app_file
from ..model.arn import Arn
from ..model.text import printable
from .client import TransientError
from .clock import Clock
from .put import CONTENT_TYPE, Content, URLRefused, put
from .retry import persist

T = TypeVar("T")
#: Guide, sessions: apps are kept 30 days. A session that begins on the last of them would lose its app.
REUSED_FOR = timedelta(days=29)
#: One that is PROCESSING for longer may never be anything else.
_PROCESSED_FOR = timedelta(hours=1)
_LONGEST_NAME = 256  #: characters (service model)
_ARRIVAL = 60.0  #: seconds; an upload may be INITIALIZED for a moment after its file came
_APPS = ("IOS_APP", "ANDROID_APP")


@dataclass(frozen=True)
class Sent:
    """How far a file's upload is; a new attempt begins at 0 again."""

    name: str  #: the file's own
    sent: int  #: bytes
    total: int  #: bytes


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
        with _open(app) as content:
            name = _upload_name(app, content.digest)
            earlier = self._persist(lambda: self._earlier(name, app.type), f"looking for app {content.name}")
            arn = earlier or self._upload(content, name, app.type)
        return replace(self._processed(arn, content.name), name=content.name)  # as the user knows it

    def _earlier(self, name: str, kind: str) -> str | None:
        """The ARN of an upload of the same content that is young enough."""
        pages = self.client.get_paginator("list_uploads").paginate(arn=self.project, type=kind)
        uploads = [Upload.from_response(each) for page in pages for each in page["uploads"]]
        now = self.clock.now()
        for status, age in ((UploadStatus.SUCCEEDED, REUSED_FOR), (UploadStatus.PROCESSING, _PROCESSED_FOR)):
            for each in uploads:
                if each.name == name and each.status is status and each.created and each.created > now - age:
                    return each.arn
        return None

    def _upload(self, content: Content, name: str, kind: str) -> str:
        try:
            return self._upload_once(content, name, kind)
        except URLRefused:
            return self._upload_once(content, name, kind)

    def _upload_once(self, content: Content, name: str, kind: str) -> str:
        doing = f"uploading app {content.name}"

        def create() -> Upload:
            asked = {"projectArn": self.project, "name": name, "type": kind, "contentType": CONTENT_TYPE}
            upload = Upload.from_response(self.client.create_upload(**asked)["upload"])
            if not upload.arn or not upload.url:
                raise TransientError("the answer has no upload")
            return upload

        upload = self._persist(create, doing)
        self._persist(lambda: put(upload.url or "", content, self._observer(content)), doing)
        return str(upload.arn)

    def _observer(self, content: Content) -> Callable[[int], None]:
        """Tell the progress of one attempt, and end it when its time is over."""
        told = -1

        def observe(sent: int) -> None:
            nonlocal told
            percent = 100 * sent // max(content.size, 1)
            if percent > told:
                told = percent
                self.progress(Sent(content.name, sent, content.size))
            if sent == content.size:
                return
            self._go_on(content.name)
            if self.clock.monotonic() >= self.deadline:
                raise UnavailableError(
                    f"app {content.name} could not be uploaded in time ({percent} per cent were): "
                    "try again later or allow more time"
                )

        return observe

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
            self._go_on(shown)
            pause = min(pause * 1.5, 5.0)

    def _persist(self, call: Callable[[], T], doing: str) -> T:
        return persist(call, doing, deadline=self.deadline, clock=self.clock, trouble=self.trouble)

    def _go_on(self, shown: str) -> None:
        """Raise `UnavailableError` where the run is over."""
        if self.clock.cancelled:
            raise UnavailableError(f"the run ended before app {shown} was uploaded")


@contextmanager
def _open(app: AppFile) -> Iterator[Content]:
    with ExitStack() as stack:
        try:
            file = stack.enter_context(app.path.open("rb"))
            content = Content.of(printable(app.path.name), file)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ConfigurationError(f"the app {printable(str(app.path))} cannot be read: {reason}") from None
        yield content


def _upload_name(app: AppFile, digest: str) -> str:
    """``shop.ipa`` as ``shop-1a2b3c4d5e6f.ipa``, within the service's limit and without slashes."""
    end = f"-{digest[:12]}{app.path.suffix.lower()}"
    stem = "".join(char if char.isprintable() and char not in "/\\" else "_" for char in app.path.stem)
    return stem[: _LONGEST_NAME - len(end)] + end
