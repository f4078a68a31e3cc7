"""Android's binary XML, as far as the manifest of an app needs it.

The format is that of `ResXMLTree_header` and its neighbours in Android's ResourceTypes.h: chunks, each with its type,
the size of its head and its own size; a pool of strings; and for each element a chunk that points into the pool.
"""

import struct
from dataclasses import dataclass

_XML, _STRINGS, _ELEMENT = 0x0003, 0x0001, 0x0102
_UTF8 = 1 << 8
_NOTHING = 0xFFFFFFFF
_STRING, _NUMBERS = 0x03, range(0x10, 0x12)


@dataclass(frozen=True)
class Manifest:
    """The attributes of a manifest's elements, by the element's name; of elements of one name, the first's."""

    elements: dict[str, dict[str, str]]

    def get(self, element: str, attribute: str) -> str | None:
        """An attribute as text; None where it is not there or refers to a resource."""
        return self.elements.get(element, {}).get(attribute)


def read_manifest(content: bytes) -> Manifest | None:
    """The manifest in `content`; None where it is not in this format."""
    try:
        return Manifest(_elements(content))
    except (struct.error, IndexError, UnicodeDecodeError):
        return None


def _elements(content: bytes) -> dict[str, dict[str, str]]:
    kind, head, _ = struct.unpack_from("<HHI", content)
    if kind != _XML:
        raise IndexError("not binary XML")
    elements: dict[str, dict[str, str]] = {}
    pool: list[str] = []
    at = head
    while at < len(content):
        kind, head, size = struct.unpack_from("<HHI", content, at)
        chunk = content[at : at + size]
        if kind == _STRINGS:
            pool = _strings(chunk, head)
        elif kind == _ELEMENT:
            name, attributes = _element(chunk[head:], pool)
            elements.setdefault(name, attributes)
        at += max(size, 8)
    return elements


def _strings(chunk: bytes, head: int) -> list[str]:
    number, _, flags, begin = struct.unpack_from("<IIII", chunk, 8)
    if number * 4 > len(chunk):
        raise IndexError("more strings than bytes")
    offsets = struct.unpack_from(f"<{number}I", chunk, head)
    read = _utf8 if flags & _UTF8 else _utf16
    return [read(chunk, begin + offset) for offset in offsets]


def _utf8(chunk: bytes, at: int) -> str:
    # Two lengths, of characters and of bytes; the high bit says that there is a second byte.
    at += 2 if chunk[at] & 0x80 else 1
    length = chunk[at]
    at += 1
    if length & 0x80:
        length = (length & 0x7F) << 8 | chunk[at]
        at += 1
    return chunk[at : at + length].decode("utf-8", "replace")


def _utf16(chunk: bytes, at: int) -> str:
    (length,) = struct.unpack_from("<H", chunk, at)
    at += 2
    if length & 0x8000:
        length = (length & 0x7FFF) << 16 | struct.unpack_from("<H", chunk, at)[0]
        at += 2
    return chunk[at : at + length * 2].decode("utf-16-le", "replace")


def _element(body: bytes, pool: list[str]) -> tuple[str, dict[str, str]]:
    _, name, start, size, number = struct.unpack_from("<IIHHH", body)
    attributes = {}
    for each in range(number):
        _, key, raw, _, _, kind, value = struct.unpack_from("<IIIHBBI", body, start + each * size)
        if kind == _STRING:
            attributes[pool[key]] = pool[raw if raw != _NOTHING else value]
        elif kind in _NUMBERS:
            attributes[pool[key]] = str(value)
    return pool[name], attributes
