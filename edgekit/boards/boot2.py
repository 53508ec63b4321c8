"""The RP2040's second-stage boot: 252 bytes of code and the checksum that its boot ROM wants.

RP2040 datasheet 2.8.1.3.1: CRC-32 with polynomial 0x04C11DB7, start value 0xFFFFFFFF, most
significant bit first, no final inversion (known as CRC-32/MPEG-2), little endian in the last four
of the first 256 bytes of flash.
"""

from __future__ import annotations

SECTION = ".boot2"
BOOT2_BYTES = 256
CODE_BYTES = BOOT2_BYTES - 4
"""What the checksum covers."""
_POLYNOMIAL = 0x04C1_1DB7


def crc32_mpeg2(data: bytes) -> int:
    """CRC-32/MPEG-2: polynomial 04C11DB7, start FFFFFFFF, nothing reflected nor inverted."""
    crc = 0xFFFF_FFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1) ^ (_POLYNOMIAL if crc & 0x8000_0000 else 0)
            crc &= 0xFFFF_FFFF
    return crc


def seal(boot2: bytes) -> bytes:
    """The same 256 bytes, with the checksum in the last four."""
    assert len(boot2) == BOOT2_BYTES, f"boot2.S makes {len(boot2)} B"
    code = boot2[:CODE_BYTES]
    return code + crc32_mpeg2(code).to_bytes(4, "little")
