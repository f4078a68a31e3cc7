"""What a session leaves behind: its logs, its video, and whatever else the scenario says.

Names, types and extensions of the Appium logs are the guide's (appium-endpoint-server-logs), those of the device's
log and the video as they were seen. Logs and video say what the emulator knows, at the second at which it happened.
"""

import math
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from .movie import movie
from .scenario import Artifact
from .sessions import LiveSession
from .timeline import Moment

PREFIX = "/artifacts/"

_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class File:
    """One file. `category` is what ListArtifacts is asked for, `file` the last part of its URL.

    `plan` is there for a file that the scenario adds.
    """

    category: str
    name: str
    type: str
    extension: str
    file: str
    media_type: str = _TEXT
    plan: Artifact | None = None


_LIVE_APPIUM_LOG = File("FILE", "AppiumServerLogOutput", "APPIUM_SERVER_LOG_OUTPUT", "", "appium-live.log")
_APPIUM_LOG = File("FILE", "Appium Server Output", "APPIUM_SERVER_OUTPUT", "log", "appium.log")
_VIDEO = File("FILE", "Video", "VIDEO", "mp4", "video.mp4", "video/mp4")
_SYSLOG = File("LOG", "Syslog", "DEVICE_LOG", "syslog", "device.syslog")
_LOGCAT = File("LOG", "Logcat", "DEVICE_LOG", "logcat", "device.logcat")


def files(
    session: LiveSession, moment: Moment, now: float, video_seconds: float, mode: str, more: tuple[Artifact, ...]
) -> list[File]:
    """What a session has by now; a NO_VIDEO session never has a video, which is the emulator's reading of the mode."""
    if moment.completed_at is None:
        return [_LIVE_APPIUM_LOG] if moment.running_at is not None else []
    if moment.on_device_at is None:
        return []
    found = [_SYSLOG if _is_ios(session) else _LOGCAT]
    if moment.running_at is not None:
        found.append(_APPIUM_LOG)
        if mode != "NO_VIDEO" and now >= moment.completed_at + video_seconds:
            found.append(_VIDEO)
    for index, plan in enumerate(more, 1):
        if now >= moment.completed_at + plan.seconds:
            found += [_planned(plan, index, number) for number in range(1, plan.count + 1)]
    return found


def content(file: File, session: LiveSession, now: float, epoch: Callable[[float], float]) -> bytes:
    """The bytes of a file; `epoch` makes seconds since 1970 of the clock's."""
    moment = session.moment(now)
    end = now if moment.completed_at is None else moment.completed_at
    start = end if moment.on_device_at is None else moment.on_device_at
    if file is _VIDEO:
        return movie(end - start)
    if file.plan is not None:
        return _filling(file)
    if file.category == "LOG":
        return _text(_device_log(session, start, end, epoch))
    lines = [f"{_appium_time(epoch(at))} - [HTTP] {line}" for at, line in session.appium_log]
    return _text(lines or ["No command reached an Appium server in this session"])


def _device_log(session: LiveSession, start: float, end: float, epoch: Callable[[float], float]) -> Iterator[str]:
    """A line for each status, and one for each second of the session, as its video shows them."""
    device = session.base["device"].get("name")
    yield f"--------- {device}, played by the emulator: statuses, and the seconds since the session started"
    events = [(at, f"the session is {status}") for at, status in session.timeline.history()]
    events += [(start + second, f"{second} seconds") for second in range(math.ceil(end - start))]
    for at, text in sorted(event for event in events if event[0] <= end):
        moment = datetime.fromtimestamp(epoch(at), UTC)
        if _is_ios(session):
            yield f"{moment:%b} {moment.day:2} {moment:%H:%M:%S} iPhone emulator[1] <Notice>: {text}"
        else:
            yield f"{moment:%m-%d %H:%M:%S}.{moment.microsecond // 1000:03}  1000  1000 I Emulator: {text}"


def _is_ios(session: LiveSession) -> bool:
    return bool(session.base["device"].get("platform") == "IOS")


def _appium_time(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}:{moment.microsecond // 1000:03}"


def _text(lines: Iterator[str] | list[str]) -> bytes:
    return "\n".join([*lines, ""]).encode("utf-8", "replace")


def _planned(plan: Artifact, index: int, number: int) -> File:
    media_type = "image/png" if plan.extension == "png" else "application/octet-stream"
    name = plan.name if plan.count == 1 else f"{plan.name} {number}"
    return File(plan.category, name, plan.type, plan.extension, f"more-{index}-{number}", media_type, plan)


def _filling(file: File) -> bytes:
    """A small picture where that is what its extension promises, else so many bytes as the scenario says."""
    assert file.plan is not None
    if file.plan.extension != "png":
        return bytes(file.plan.size)
    head = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)  # 8 x 8 pixels of grey
    rows = (b"\0" + bytes([sum(file.file.encode()) % 256]) * 8) * 8
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )
