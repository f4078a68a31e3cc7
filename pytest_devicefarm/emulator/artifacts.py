"""What a session leaves behind: its logs and its video.

Names, types and extensions of the Appium logs are the guide's (appium-endpoint-server-logs), those of the device's
log and the video as they were seen. The logs say what the emulator knows; the video is a valid MP4 file without any
picture, as there was no screen.
"""

import struct
from dataclasses import dataclass

from .sessions import LiveSession
from .timeline import Moment

PREFIX = "/artifacts/"


@dataclass(frozen=True)
class Artifact:
    """One file. `category` is what ListArtifacts is asked for, `file` the last part of its URL."""

    category: str
    name: str
    type: str
    extension: str
    file: str
    media_type: str = "text/plain; charset=utf-8"


_LIVE_APPIUM_LOG = Artifact("FILE", "AppiumServerLogOutput", "APPIUM_SERVER_LOG_OUTPUT", "", "appium-live.log")
_APPIUM_LOG = Artifact("FILE", "Appium Server Output", "APPIUM_SERVER_OUTPUT", "log", "appium.log")
_VIDEO = Artifact("FILE", "Video", "VIDEO", "mp4", "video.mp4", "video/mp4")
_SYSLOG = Artifact("LOG", "Syslog", "DEVICE_LOG", "syslog", "device.syslog")
_LOGCAT = Artifact("LOG", "Logcat", "DEVICE_LOG", "logcat", "device.logcat")


def artifacts(session: LiveSession, moment: Moment, now: float, video_seconds: float, mode: str) -> list[Artifact]:
    """What a session has by now; a NO_VIDEO session never has a video, which is the emulator's reading of the mode."""
    if moment.completed_at is None:
        return [_LIVE_APPIUM_LOG] if moment.running_at is not None else []
    if moment.on_device_at is None:
        return []
    found = [_SYSLOG if session.base["device"].get("platform") == "IOS" else _LOGCAT]
    if moment.running_at is not None:
        found.append(_APPIUM_LOG)
        if mode != "NO_VIDEO" and now >= moment.completed_at + video_seconds:
            found.append(_VIDEO)
    return found


def content(artifact: Artifact, session: LiveSession) -> bytes:
    """The bytes of an artifact."""
    if artifact is _VIDEO:
        return _movie()
    if artifact.category == "LOG":
        lines = [f"{at:.3f} {status}" for at, status in session.timeline.history()]
        head = f"{session.base['device'].get('name')}, played by the emulator: statuses and the seconds on its clock"
        return "\n".join([head, *lines, ""]).encode("utf-8", "replace")
    lines = list(session.appium_log) or ["No command reached an Appium server in this session"]
    return "\n".join([*lines, ""]).encode("utf-8", "replace")


def _movie() -> bytes:
    """The least that is an MP4 file (ISO 14496-12): its type, a movie of no length and no tracks, and a remark."""
    unity = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    header = struct.pack(">IIIII", 0, 0, 0, 1000, 0) + struct.pack(">IH10x", 0x10000, 0x0100) + unity
    header += bytes(24) + struct.pack(">I", 1)
    return b"".join(
        (
            _box(b"ftyp", b"isom" + bytes(4) + b"isommp41"),
            _box(b"moov", _box(b"mvhd", header)),
            _box(b"free", b"The emulator of pytest-devicefarm has no screen to record."),
        )
    )


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body
