"""A session's video: a real MP4 file, in which a clock shows the seconds since the session started.

So who follows a link to a second of it can see whether it was the right one. One picture a second, 96 x 32 pixels.
"""

import struct
from functools import cache

from . import h264

WIDTH, HEIGHT = 96, 32
_SCALE = 2  #: pixels of a dot, across; twice as many down
_TICKS = 1000  #: of a second
_UNITY = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)

#: Five dots across and seven down, a number for each row.
GLYPHS = {
    "0": (14, 17, 19, 21, 25, 17, 14),
    "1": (4, 12, 4, 4, 4, 4, 14),
    "2": (14, 17, 1, 2, 4, 8, 31),
    "3": (31, 2, 4, 2, 1, 17, 14),
    "4": (2, 6, 10, 18, 31, 2, 2),
    "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (6, 8, 16, 30, 17, 17, 14),
    "7": (31, 1, 2, 4, 8, 8, 8),
    "8": (14, 17, 17, 14, 17, 17, 14),
    "9": (14, 17, 17, 15, 1, 2, 12),
    ":": (0, 4, 4, 0, 4, 4, 0),
    " ": (0, 0, 0, 0, 0, 0, 0),
}


def clock_face(second: int) -> str:
    """What the picture of a second shows: `  1:05`."""
    return f"{second // 60:3}:{second % 60:02}"


def movie(seconds: float) -> bytes:
    """A video of so many seconds, at least one."""
    count = max(1, int(-(-seconds // 1)))
    pictures = [_picture(second) for second in range(count)]
    head = _box(b"ftyp", b"isom", bytes(4), b"isomavc1mp41")
    at = len(head) + len(_index(pictures, 0)) + 8
    return head + _index(pictures, at) + _box(b"mdat", *pictures)


def _picture(second: int) -> bytes:
    face = clock_face(second)
    unit = h264.picture([_glyph(character)[half] for half in (0, 1) for character in face], second)
    return struct.pack(">I", len(unit)) + unit


@cache
def _glyph(character: str) -> tuple[bytes, bytes]:
    """A character of 16 x 32 pixels, in two macroblocks."""
    rows = [[h264.DARK] * h264.SIDE for _ in range(HEIGHT)]
    for y, dots in enumerate(GLYPHS[character]):
        for x in range(5):
            if dots >> (4 - x) & 1:
                for down in range(2 * _SCALE):
                    left = 3 + _SCALE * x
                    rows[2 + 2 * _SCALE * y + down][left : left + _SCALE] = [h264.LIGHT] * _SCALE
    return h264.macroblock(rows[: h264.SIDE]), h264.macroblock(rows[h264.SIDE :])


def _index(pictures: list[bytes], at: int) -> bytes:
    """All that a player needs to know (ISO 14496-12 and 14496-15); the first picture is `at` so many bytes."""
    count, length = len(pictures), len(pictures) * _TICKS
    parameters = (h264.sequence(WIDTH // h264.SIDE, HEIGHT // h264.SIDE), h264.parameters())
    sets = [struct.pack(">H", len(each)) + each for each in parameters]
    config = _box(b"avcC", b"\1" + parameters[0][1:4] + b"\xff\xe1" + sets[0] + b"\1" + sets[1])
    sample = struct.pack(">6xH16xHHIIIH32sHh", 1, WIDTH, HEIGHT, 0x480000, 0x480000, 0, 1, b"", 24, -1)
    table = _box(
        b"stbl",
        _full(b"stsd", struct.pack(">I", 1), _box(b"avc1", sample, config)),
        _full(b"stts", struct.pack(">III", 1, count, _TICKS)),
        _full(b"stsc", struct.pack(">IIII", 1, 1, count, 1)),
        _full(b"stsz", struct.pack(f">II{count}I", 0, count, *map(len, pictures))),
        _full(b"stco", struct.pack(">II", 1, at)),
    )
    here = _box(b"dinf", _full(b"dref", struct.pack(">I", 1), _full(b"url ", flags=1)))
    media = _box(
        b"mdia",
        _full(b"mdhd", struct.pack(">IIIIHH", 0, 0, _TICKS, length, 0x55C4, 0)),
        _full(b"hdlr", struct.pack(">I4s12x", 0, b"vide"), b"session\0"),
        _box(b"minf", _full(b"vmhd", bytes(8), flags=1), here, table),
    )
    track = struct.pack(">IIIII", 0, 0, 1, 0, length) + bytes(16) + _UNITY
    track += struct.pack(">II", WIDTH << 16, HEIGHT << 16)
    head = struct.pack(">IIIIIH10x", 0, 0, _TICKS, length, 0x10000, 0x100) + _UNITY + bytes(24) + struct.pack(">I", 2)
    return _box(b"moov", _full(b"mvhd", head), _box(b"trak", _full(b"tkhd", track, flags=3), media))


def _box(kind: bytes, *content: bytes) -> bytes:
    return struct.pack(">I4s", sum(map(len, content)) + 8, kind) + b"".join(content)


def _full(kind: bytes, *content: bytes, flags: int = 0) -> bytes:
    """A box with a version, always 0, and flags."""
    return _box(kind, struct.pack(">I", flags), *content)
