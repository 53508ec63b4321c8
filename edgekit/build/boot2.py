"""The RP2040's second-stage boot: 252 bytes of code and the checksum that its boot ROM wants.

RP2040 datasheet 2.8.1.3.1: CRC-32 with polynomial 0x04C11DB7, start value 0xFFFFFFFF, most
significant bit first, no final inversion (known as CRC-32/MPEG-2), little endian in the last four
of the first 256 bytes of flash.
"""

from __future__ import annotations

SECTION = ".boot2"
BOOT2_BYTES = 256
_CODE_BYTES = BOOT2_BYTES - 4
_POLYNOMIAL = 0x04C1_1DB7


def checksum(data: bytes) -> int:
    """CRC-32/MPEG-2."""
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
    code = boot2[:_CODE_BYTES]
    return code + checksum(code).to_bytes(4, "little")


def is_sealed(image: bytes) -> bool:
    """Whether a boot ROM would enter this flash image."""
    code, found = image[:_CODE_BYTES], image[_CODE_BYTES:BOOT2_BYTES]
    return len(found) == 4 and int.from_bytes(found, "little") == checksum(code)
