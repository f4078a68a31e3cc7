"""What is inside an app: whether it is one, and what Device Farm tells of it.

The messages are those of the guide's pages troubleshooting-android-applications and -ios-applications. The names in
the metadata of an Android app are those that the service was seen to send; those of an iOS app are not known.
"""

import json
import plistlib
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from .manifest import Manifest, read_manifest

_NO_ZIP = "We could not open your application. Please verify that the file is valid and try again."
_NO_MANIFEST = (
    "We could not extract information about your application. Please verify that the application is valid by running "
    'the command "aapt debug badging <path to your test package>", and try again after the command does not print '
    "any error."
)
_NO_PAYLOAD = (
    "We could not find the Payload directory inside your application. Please unzip your application, verify that the "
    "Payload directory is inside the package, and try again."
)
_NO_APP = (
    "We could not find the .app directory inside the Payload directory. Please unzip your application and then open "
    "the Payload directory, verify that the .app directory is inside the directory, and try again."
)
_NO_PLIST = (
    "We could not find the Info.plist file inside the .app directory. Please unzip your application and then open the "
    ".app directory, verify that the Info.plist file is inside the directory, and try again."
)
_NO_PACKAGE = "We could not open your test package. Please verify that the file is valid and try again."

_APP_DIRECTORY = re.compile(r"Payload/[^/]+\.app/")
_FAMILIES = {1: "PHONE", 2: "TABLET"}
#: Bytes. A manifest or a property list that is larger is none.
_MAX_LISTING = 16 * 1024 * 1024


class InvalidFile(Exception):
    """A file that Device Farm does not accept; the text is the upload's message."""


def metadata_of(path: Path, kind: str) -> str | None:
    """What the upload's `metadata` says of the file at `path`, an upload of type `kind`; None where nothing is known.

    Raises InvalidFile.
    """
    if kind.endswith("_TEST_SPEC"):
        return None
    try:
        with zipfile.ZipFile(path) as package:
            if kind == "ANDROID_APP":
                return json.dumps(_android(package))
            if kind == "IOS_APP":
                return json.dumps(_ios(package))
            return None
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
        raise InvalidFile(_NO_ZIP if kind in ("ANDROID_APP", "IOS_APP") else _NO_PACKAGE) from None


def _android(package: zipfile.ZipFile) -> dict[str, Any]:
    if "AndroidManifest.xml" not in package.namelist():
        raise InvalidFile(_NO_MANIFEST)
    manifest = read_manifest(_listing(package, "AndroidManifest.xml"))
    return {} if manifest is None else _told(manifest)


def _told(manifest: Manifest) -> dict[str, Any]:
    told = {
        "package_name": manifest.get("manifest", "package"),
        "version_code": manifest.get("manifest", "versionCode"),
        "version_name": manifest.get("manifest", "versionName"),
        "sdk_version": manifest.get("uses-sdk", "minSdkVersion"),
        "target_sdk_version": manifest.get("uses-sdk", "targetSdkVersion"),
    }
    return {name: value for name, value in told.items() if value is not None}


def _ios(package: zipfile.ZipFile) -> dict[str, Any]:
    names = package.namelist()
    if not any(name.startswith("Payload/") for name in names):
        raise InvalidFile(_NO_PAYLOAD)
    folder = next((found.group() for name in names if (found := _APP_DIRECTORY.match(name))), None)
    if folder is None:
        raise InvalidFile(_NO_APP)
    if f"{folder}Info.plist" not in names:
        raise InvalidFile(_NO_PLIST)
    try:
        info = plistlib.loads(_listing(package, f"{folder}Info.plist"))
    except (plistlib.InvalidFileException, ExpatError, ValueError, OverflowError):
        return {}
    if not isinstance(info, dict):
        return {}
    families = info.get("UIDeviceFamily")
    told = {
        "package_name": info.get("CFBundleIdentifier"),
        "version_name": info.get("CFBundleShortVersionString"),
        "minimum_os": info.get("MinimumOSVersion"),
        "form_factors": [_FAMILIES[family] for family in families if family in _FAMILIES]
        if isinstance(families, list)
        else None,
    }
    return {name: value for name, value in told.items() if isinstance(value, str | list)}


def _listing(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as file:
        return file.read(_MAX_LISTING)
