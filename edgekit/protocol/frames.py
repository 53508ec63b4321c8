"""Frames: payloads on the line, and finding them again in whatever arrives."""

from __future__ import annotations

import struct
import zlib

from edgekit.protocol import cobs

MAX_PAYLOAD_BYTES = 512
END = b"\0"
"""Ends every frame, and stands before a first or repeated one to end any half frame."""

_CRC = struct.Struct("<I")
_MAX_HELD = MAX_PAYLOAD_BYTES + _CRC.size + cobs.overhead(MAX_PAYLOAD_BYTES + _CRC.size)


def encode(payload: bytes) -> bytes:
    """A payload of at most 512 bytes as one frame, with the zero that ends it."""
    assert 0 < len(payload) <= MAX_PAYLOAD_BYTES, len(payload)
    return cobs.encode(payload + _CRC.pack(zlib.crc32(payload))) + END


class Decoder:
    """Finds whole frames in bytes that arrive in any pieces, with any damage.

    Holds at most one frame's worth of bytes; drops, silently, what does not decode, what is too
    long and what has a wrong CRC.
    """

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The payloads of the frames that these bytes complete, in order."""
        *complete, rest = data.split(END)
        payloads = []
        for piece in complete:
            self._hold(piece)
            payload = _payload(bytes(self._held))
            self._held.clear()
            if payload is not None:
                payloads.append(payload)
        self._hold(rest)
        return payloads

    def _hold(self, piece: bytes) -> None:
        # One byte more than fits is kept, so that a frame that is too long stays too long.
        self._held += piece[: _MAX_HELD + 1 - len(self._held)]


def _payload(encoded: bytes) -> bytes | None:
    if len(encoded) > _MAX_HELD:
        return None
    decoded = cobs.decode(encoded)
    if decoded is None or not _CRC.size < len(decoded) <= MAX_PAYLOAD_BYTES + _CRC.size:
        return None
    payload, crc = decoded[: -_CRC.size], decoded[-_CRC.size :]
    return payload if _CRC.pack(zlib.crc32(payload)) == crc else None
