"""Uploads: announced through the API, put with a presigned URL, then processed."""

import hashlib
import re
import tempfile
import threading
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from .apps import InvalidFile, metadata_of
from .errors import ApiError
from .presign import Presigner

PREFIX = "/uploads/"
#: Bytes. Guide, limits: "The maximum file size of an app that you can upload is 4 GB".
MAX_SIZE = 4 * 1024**3
#: Seconds. Guide, sessions: apps are kept 30 days.
KEPT_SECONDS = 30 * 86400.0
_CHUNK = 1024 * 1024
#: Appium tells an app by the end of its name.
_SUFFIXES = {"ANDROID_APP": ".apk", "IOS_APP": ".ipa"}


@dataclass(frozen=True)
class LiveUpload:
    """An upload. `put_at` is when its file was there; a scenario's upload has no file, and says its status itself."""

    arn: str
    project: str
    created: float
    fields: dict[str, Any] = field(repr=False)
    path: Path | None = None
    put_at: float | None = None
    message: str | None = None
    metadata: str | None = None


class Uploads:
    """All uploads. Its lock is its own, so that who puts 4 GB holds nobody else up."""

    def __init__(self, presigner: Presigner, seconds: float) -> None:
        self._presigner = presigner
        self._seconds = seconds
        self._lock = threading.Lock()
        self._uploads: dict[str, LiveUpload] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def add(self, upload: LiveUpload) -> LiveUpload:
        """Note an upload; returns it."""
        with self._lock:
            self._uploads[upload.arn] = upload
        return upload

    def get(self, arn: str, now: float) -> LiveUpload | None:
        """An upload, unless its 30 days are over."""
        upload = self._uploads.get(arn)
        if upload is not None and now - upload.created >= KEPT_SECONDS:
            self.remove(arn)
            return None
        return upload

    def of(self, project: str, now: float) -> list[LiveUpload]:
        """The uploads of a project."""
        with self._lock:
            arns = [upload.arn for upload in self._uploads.values() if upload.project == project]
        return [upload for arn in arns if (upload := self.get(arn, now))]

    def remove(self, arn: str) -> None:
        """Forget an upload and its file."""
        with self._lock:
            upload = self._uploads.pop(arn, None)
        if upload and upload.path:
            upload.path.unlink(missing_ok=True)

    def status(self, upload: LiveUpload, now: float) -> str:
        """INITIALIZED, PROCESSING, then SUCCEEDED or FAILED."""
        if upload.put_at is None:
            return str(upload.fields.get("status", "INITIALIZED"))
        if now < upload.put_at + self._seconds:
            return "PROCESSING"
        return "FAILED" if upload.message else "SUCCEEDED"

    def show(self, upload: LiveUpload, now: float) -> dict[str, Any]:
        """An upload as the API shows it."""
        status = self.status(upload, now)
        shown = upload.fields | {"arn": upload.arn, "status": status}
        if "url" not in shown:
            shown["url"] = self._presigner.url("PUT", _path(upload))
        if status == "FAILED" and upload.message:
            shown["message"] = upload.message
        if status == "SUCCEEDED" and upload.metadata:
            shown["metadata"] = upload.metadata
        return shown

    def at(self, path: str, now: float) -> LiveUpload:
        """The upload whose URL has this path.

        Raises ApiError, as S3 words it, where there is none any more.
        """
        upload = self.get(path.removeprefix(PREFIX).rpartition("/")[0], now)
        if upload is None:
            raise ApiError("NoSuchKey", "The specified key does not exist.", 404)
        return upload

    def put(self, upload: LiveUpload, body: BinaryIO, length: int) -> tuple[Path, str]:
        """Store a file of `length` bytes; returns where, and its MD5, which is its ETag at S3."""
        path = Path(self._directory()) / (uuid.uuid4().hex + _SUFFIXES.get(upload.fields["type"], ""))
        try:
            return path, _copy(body, path, length)
        except Exception:
            path.unlink(missing_ok=True)
            raise

    def process(self, upload: LiveUpload, path: Path, now: float) -> None:
        """Look into a stored file; what is found is told once PROCESSING is over."""
        message = metadata = None
        try:
            metadata = metadata_of(path, upload.fields["type"])
        except InvalidFile as invalid:
            message = str(invalid)
        done = replace(upload, path=path, put_at=now, message=message, metadata=metadata)
        with self._lock:
            before = self._uploads.get(upload.arn)
            if before is not None:
                self._uploads[upload.arn] = done
        old = before.path if before else path
        if old:
            old.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove all files."""
        with self._lock:
            if self._folder is not None:
                self._folder.cleanup()
                self._folder = None

    def _directory(self) -> str:
        with self._lock:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="devicefarm-emulator-", ignore_cleanup_errors=True)
            return self._folder.name


def _copy(body: BinaryIO, path: Path, length: int) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    left = length
    with path.open("wb") as file:
        while left and (chunk := body.read(min(left, _CHUNK))):
            file.write(chunk)
            digest.update(chunk)
            left -= len(chunk)
    if left:
        message = "You did not provide the number of bytes specified by the Content-Length HTTP header"
        raise ApiError("IncompleteBody", message)
    return digest.hexdigest()


def _path(upload: LiveUpload) -> str:
    # Plain and cut: a name may have characters that no URL can carry, or more of them than the model allows it.
    name = re.sub(r"[^\w.-]", "_", str(upload.fields["name"])[-64:], flags=re.ASCII)
    return f"{PREFIX}{upload.arn}/{name}"
