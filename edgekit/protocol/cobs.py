"""COBS: bytes without a zero, so that a zero can end a frame.

Each group is a length byte followed by that many minus one non-zero bytes, and stands for those
bytes and a zero after them; a length of 255 stands for 254 bytes and no zero; the zero after the
last group is not there. Cheshire and Baker, "Consistent Overhead Byte Stuffing", 1999.
"""

from __future__ import annotations

_FULL = 254


def overhead(size: int) -> int:
    """The most bytes that encoding `size` bytes adds."""
    return 1 + size // _FULL


def encode(data: bytes) -> bytes:
    """`data` without zeros, at most `overhead(len(data))` bytes longer."""
    out = bytearray()
    runs = data.split(b"\0")
    for number, run in enumerate(runs):
        start = 0
        while len(run) - start >= _FULL:
            out.append(_FULL + 1)
            out += run[start : start + _FULL]
            start += _FULL
        if start and start == len(run) and number == len(runs) - 1:
            break  # the last full group already ends the data
        out.append(len(run) - start + 1)
        out += run[start:]
    return bytes(out)


def decode(data: bytes) -> bytes | None:
    """What was encoded, or None when `data` is not the encoding of anything."""
    if not data or 0 in data:
        return None
    out = bytearray()
    at = 0
    while True:
        length = data[at]
        end = at + length
        if end > len(data):
            return None
        out += data[at + 1 : end]
        if end == len(data):
            return bytes(out)
        if length <= _FULL:
            out.append(0)
        at = end
