"""Apps: uploads of Device Farm, and the files that become them."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any, Self

from ..errors import ConfigurationError
from .arn import Arn, parse_arn
from .secret import Secret, redact
from .session import Device, OpenEnum, Platform, Shape
from .text import printable

#: Bytes. Guide, limits: "The maximum file size of an app that you can upload is 4 GB".
LARGEST_APP = 4 * 1024**3
_TYPES = {Platform.IOS: "IOS_APP", Platform.ANDROID: "ANDROID_APP"}
_PLATFORMS = {kind: platform for platform, kind in _TYPES.items()}
_SUFFIXES = {".ipa": Platform.IOS, ".apk": Platform.ANDROID}
_SYSTEMS = {Platform.IOS: "iOS", Platform.ANDROID: "Android"}
_IOS_PROPERTIES = re.compile(r"Payload/[^/]+\.app/Info\.plist")
#: The Android version of each API level from 14 on (Android's own list). A device of level 32 says 12, as one of 31.
_ANDROID_VERSIONS = "4.0 4.0.3 4.1 4.2 4.3 4.4 4.4 5.0 5.1 6.0 7.0 7.1 8.0 8.1 9 10 11 12 12 13 14 15 16 17"


class UploadStatus(OpenEnum):
    """``status`` of an upload (service model)."""

    INITIALIZED = "INITIALIZED"
    PROCESSING = "PROCESSING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


@dataclass(frozen=True, kw_only=True)
class Upload(Shape):
    """One reading of an upload (GetUpload)."""

    arn: str | None = None
    name: str | None = None
    created: datetime | None = None  #: UTC
    type: str | None = None
    status: UploadStatus | None = None
    url: Secret | None = None  #: presigned: whoever has it may put a file there
    metadata: str | None = None  #: JSON
    content_type: str | None = None
    message: str | None = None
    category: str | None = None

    @property
    def details(self) -> Mapping[str, Any]:
        """What ``metadata`` says; empty where it is absent or no JSON object."""
        try:
            told = json.loads(self.metadata or "{}")
        except (ValueError, RecursionError):
            return {}
        return told if isinstance(told, dict) else {}

    @property
    def reason(self) -> str:
        """Why the upload FAILED, on one line: its message, else what its metadata says of an error."""
        told = [value for name, value in self.details.items() if re.search("error|message", name, re.IGNORECASE)]
        text = self.message or ", ".join(value for value in told if isinstance(value, str)) or "no reason was given"
        return printable(" ".join(redact(text, [str(self.url)] if self.url else []).split()))


@dataclass(frozen=True, kw_only=True)
class App:
    """An app in Device Farm. What Device Farm does not tell of it is None or empty."""

    arn: str
    name: str
    platform: Platform | None = None
    minimum_os: str | None = None  #: a version such as ``15.0``, of Android too
    form_factors: tuple[str, ...] = ()  #: PHONE, TABLET; empty for any
    package: str | None = None  #: bundle ID or package name

    @classmethod
    def from_upload(cls, response: Mapping[str, Any]) -> Self:
        """Make it of an Upload structure, or of `Upload.raw`.

        The service was seen to send an Android app's ``package_name`` and ``sdk_version``, an API level; what it sends
        of iOS apps is in no document.
        """
        upload = Upload.from_response(response)
        details = upload.details
        factors = details.get("form_factors")
        return cls(
            arn=upload.arn or "",
            name=upload.name or "",
            platform=_PLATFORMS.get(upload.type or ""),
            minimum_os=_text(details.get("minimum_os")) or _android_version(details.get("sdk_version")),
            form_factors=tuple(each for each in factors if _text(each)) if isinstance(factors, list) else (),
            package=_text(details.get("package_name")),
        )

    def misfit(self, device: Device) -> str | None:
        """Why the app cannot run on the device, on one line; None where nothing is known to speak against it."""
        app, found = f"app {printable(self.name or self.arn)}", f"the device {device.name or device.arn or 'in use'}"
        if self.platform and device.platform and self.platform != device.platform:
            system = _SYSTEMS.get(device.platform, device.platform)
            return f"{app} is for {_SYSTEMS[self.platform]}, {found} has {system}"
        if self.minimum_os and device.os and _older(device.os, self.minimum_os):
            system = f"{_SYSTEMS[self.platform]} " if self.platform else ""
            return f"{app} needs {system}{self.minimum_os} or newer, {found} has {device.os}"
        if self.form_factors and device.form_factor and device.form_factor not in self.form_factors:
            return f"{app} is for {' and '.join(self.form_factors)}, {found} is a {device.form_factor}"
        return None


@dataclass(frozen=True)
class AppFile:
    """A local file that is an app, made by `check_app_file`."""

    path: Path
    platform: Platform

    @property
    def type(self) -> str:
        """The ``type`` of its upload."""
        return _TYPES[self.platform]


AppReference = Arn | Path


def parse_app(text: str) -> AppReference:
    """Tell an upload's ARN and a path apart; raise `ConfigurationError` for a text that can be neither.

    Whether a path leads to an app is for `check_app_file`.
    """
    text = text.strip()
    if text.startswith("arn:"):
        return parse_arn(text, "upload")
    try:
        path = Path(text).expanduser()
    except RuntimeError:  # ~nobody
        raise ConfigurationError(f"{text!r} is no app: the home directory in it is not known") from None
    if not text or "\0" in text:
        raise ConfigurationError(f"{text!r} is no app: give an upload's ARN, or the path of an .ipa or .apk")
    return path


def check_app_file(path: Path | str) -> AppFile:
    """Look into a local .ipa or .apk; raise `ConfigurationError` where it is no app."""
    path = Path(path)
    shown = printable(str(path))
    platform = _SUFFIXES.get(path.suffix.lower())
    try:
        if path.is_dir():
            raise ConfigurationError(f"{shown} is no app but a directory: give an .ipa or .apk file")
        size = path.stat().st_size
        if platform is None:
            raise ConfigurationError(f"{shown} is no app: its name ends neither with .ipa nor with .apk")
        if not size:
            raise ConfigurationError(f"{shown} is no app: the file is empty")
        if size > LARGEST_APP:
            raise ConfigurationError(f"{shown} has {size} bytes: Device Farm takes apps of 4 GB at most")
        with zipfile.ZipFile(path) as package:
            names = package.namelist()
    except FileNotFoundError:
        raise ConfigurationError(f"there is no app at {shown}: check the path") from None
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise ConfigurationError(f"{shown} is no app: it is no zip file ({error}); build it again") from None
    except OSError as error:
        raise ConfigurationError(f"the app {shown} cannot be read: {error.strerror or type(error).__name__}") from None
    if platform is Platform.IOS and not any(map(_IOS_PROPERTIES.fullmatch, names)):
        raise ConfigurationError(f"{shown} is no iOS app: it has no Payload/NAME.app/Info.plist; export it again")
    if platform is Platform.ANDROID and "AndroidManifest.xml" not in names:
        raise ConfigurationError(f"{shown} is no Android app: it has no AndroidManifest.xml; build it again")
    return AppFile(path, platform)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _android_version(level: Any) -> str | None:
    """The version of an API level; None for one that is not known, such as a preview's letter."""
    known = {str(number): version for number, version in enumerate(_ANDROID_VERSIONS.split(), 14)}
    return known.get(str(level))


def _older(version: str, minimum: str) -> bool:
    """Whether a version is older; False where one of them is none."""
    if not all(re.fullmatch(r"[0-9]+(\.[0-9]+)*", each, re.ASCII) for each in (version, minimum)):
        return False
    pairs = zip_longest(*([int(part) for part in each.split(".")] for each in (version, minimum)), fillvalue=0)
    return next((mine < needed for mine, needed in pairs if mine != needed), False)
