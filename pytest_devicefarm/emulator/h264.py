"""H.264 without an encoder: pictures put together from macroblocks whose samples stand there as they are.

The standard (ITU-T H.264, 7.3 and 7.4) has a kind of macroblock, I_PCM, that holds plain samples. Pictures of nothing
else need no prediction, no transform and no arithmetic, every one of them is a key frame, and any player shows them.
"""

from collections.abc import Sequence

SIDE = 16  #: pixels of a macroblock, each way
#: Brightness and colour. No sample is zero, so nothing in a picture can be taken for a start code.
DARK, LIGHT, GREY = 16, 235, 128

_I_SLICE, _I_PCM = 7, 25
_BASELINE, _CONSTRAINED, _LEVEL_1 = 66, 0xC0, 10


class Bits:
    """A bit string, written from the left."""

    def __init__(self) -> None:
        self._text = ""

    def fixed(self, value: int, width: int) -> "Bits":
        """u(width)."""
        self._text += format(value, f"0{width}b")
        return self

    def golomb(self, *values: int) -> "Bits":
        """ue(v), each."""
        for value in values:
            code = format(value + 1, "b")
            self._text += "0" * (len(code) - 1) + code
        return self

    def aligned(self) -> bytes:
        """The bytes, filled up with zeros."""
        text = self._text + "0" * (-len(self._text) % 8)
        return int(f"1{text}", 2).to_bytes(len(text) // 8 + 1, "big")[1:]

    def ended(self) -> bytes:
        """The bytes, with the bit that ends a unit (rbsp_trailing_bits)."""
        self._text += "1"
        return self.aligned()


def macroblock(rows: Sequence[Sequence[int]]) -> bytes:
    """Sixteen rows of sixteen samples of brightness, without colour."""
    return bytes(sample for row in rows for sample in row) + bytes([GREY]) * (SIDE * SIDE // 2)


def sequence(columns: int, rows: int) -> bytes:
    """The sequence parameter set of pictures of so many macroblocks."""
    bits = Bits().fixed(_BASELINE, 8).fixed(_CONSTRAINED, 8).fixed(_LEVEL_1, 8)
    bits.golomb(0, 0, 2, 1)  # its number; 4 bits of frame_num; output in decoding order; one reference frame
    bits.fixed(0, 1).golomb(columns - 1, rows - 1)
    bits.fixed(0b1100, 4)  # whole frames; 8x8 inference; neither cropping nor usability information
    return _unit(0x67, bits.ended())


def parameters() -> bytes:
    """The picture parameter set: CAVLC, one slice group, and a control of the deblocking filter in each slice."""
    bits = Bits().golomb(0, 0).fixed(0, 2).golomb(0, 0, 0).fixed(0, 3).golomb(0, 0, 0).fixed(0b100, 3)
    return _unit(0x68, bits.ended())


def picture(macroblocks: Sequence[bytes], number: int) -> bytes:
    """One key frame; `number` tells it from the one before."""
    head = Bits().golomb(0, _I_SLICE, 0).fixed(0, 4).golomb(number % 2).fixed(0, 2)
    head.golomb(0, 1, _I_PCM)  # the quantiser's change; no deblocking; the first macroblock's type
    between = Bits().golomb(_I_PCM).aligned()
    return _unit(0x65, head.aligned() + between.join(macroblocks) + Bits().ended())


def _unit(kind: int, body: bytes) -> bytes:
    """A NAL unit. Nothing in these looks like a start code, so nothing needs to be escaped (7.4.1)."""
    return bytes([kind]) + body
