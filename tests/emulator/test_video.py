"""The video that the emulator makes: a real one, whose clock a player shows."""

import struct
from collections.abc import Iterator

import pytest

from pytest_devicefarm.emulator import Session, Step, h264
from pytest_devicefarm.emulator.movie import GLYPHS, HEIGHT, WIDTH, clock_face, movie

from .conftest import Play
from .farm_client import FarmClient, fetch

SAMPLES = h264.SIDE * h264.SIDE


def boxes(content: bytes) -> dict[bytes, bytes]:
    """The boxes of an MP4 file (ISO 14496-12) by their kind; their lengths have to add up."""
    found, at = {}, 0
    while at < len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        found[kind] = content[at + 8 : at + size]
        at += size
    assert at == len(content)
    return found


def frames(video: bytes) -> Iterator[bytes]:
    """Each picture's unit, where the file's tables say that it is."""
    track = boxes(boxes(boxes(video)[b"moov"])[b"trak"])
    table = boxes(boxes(boxes(track[b"mdia"])[b"minf"])[b"stbl"])
    (at,) = struct.unpack(">I", table[b"stco"][8:])
    for (size,) in struct.iter_unpack(">I", table[b"stsz"][12:]):
        (length,) = struct.unpack_from(">I", video, at)
        assert length == size - 4
        yield video[at + 4 : at + size]
        at += size
    assert at == len(video)


def read(unit: bytes) -> str:
    """What a picture shows. Its macroblocks, of plain samples, are at its end, two bytes between each and the next."""
    columns = WIDTH // h264.SIDE
    count = columns * HEIGHT // h264.SIDE
    body = unit[:-1]
    blocks = [body[-(SAMPLES * 3 // 2) :]]
    for _ in range(count - 1):
        body = body[: -(SAMPLES * 3 // 2) - 2]
        blocks.insert(0, body[-(SAMPLES * 3 // 2) :])
    text = ""
    for column in range(columns):
        pixels = [blocks[column + columns * half][16 * row : 16 * row + 16] for half in (0, 1) for row in range(16)]
        glyph = tuple(sum((pixels[2 + 4 * y][3 + 2 * x] > 128) << (4 - x) for x in range(5)) for y in range(7))
        text += next(character for character, dots in GLYPHS.items() if dots == glyph)
    return text


@pytest.mark.parametrize(("seconds", "shown"), [(0, 1), (0.2, 1), (61, 61), (61.5, 62)])
def test_there_is_a_picture_for_each_second(seconds: float, shown: int) -> None:
    """Of a session of 61.5 seconds 62, each with its second on it; they are whole, and key frames."""
    pictures = list(frames(movie(seconds)))
    assert [read(each) for each in pictures] == [clock_face(second) for second in range(shown)]
    assert all(each[0] == 0x65 for each in pictures)


def test_no_start_code_is_in_a_unit() -> None:
    """Three bytes that a decoder would take for the begin of another (H.264, 7.4.1)."""
    units = [*frames(movie(200)), h264.sequence(WIDTH // h264.SIDE, HEIGHT // h264.SIDE), h264.parameters()]
    assert not any(bytes([0, 0, last]) in each for each in units for last in range(4))


def test_the_clock_says_minutes_and_seconds() -> None:
    """Up to the 150 minutes that a session may last."""
    assert [clock_face(second) for second in (0, 65, 9000)] == ["  0:00", "  1:05", "150:00"]


def test_a_sessions_video_is_as_long_as_the_session(play: Play) -> None:
    """From `started`, when it came onto its device, to `stopped`."""
    steps = (Step("PENDING", 100), Step("PREPARING", 5), Step("RUNNING", 60.5), Step("COMPLETED"))
    session = Session(steps=steps, fields={"interactionMode": "VIDEO_ONLY"})
    farm = FarmClient(play(sessions=(session,), video_seconds=10))
    farm.advance(200)
    found = farm.api.list_artifacts(arn=session.arn, type="FILE")["artifacts"]
    (url,) = [each["url"] for each in found if each["type"] == "VIDEO"]
    assert fetch("GET", url)[1] == movie(65.5)
