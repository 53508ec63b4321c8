"""XIP_SSI and the flash chip behind it: as much as a second-stage boot talks to."""

from __future__ import annotations

from collections import deque
from typing import ClassVar

from edgekit.emulate.unicorn.peripherals.peripheral import Peripheral, zeros

_CTRLR0, _STATUS, _DATA = 0x00, 0x28, range(0x60, 0xF0, 4)
_TX_NOT_FULL, _TX_EMPTY, _RX_NOT_EMPTY = 1 << 1, 1 << 2, 1 << 3
_TRANSFER_MODE = 3 << 8  # 0: what is sent comes back as many bytes

# What a W25Q16JV answers (datasheet 8.1): QE is set at the factory in the Pico's part.
_ANSWERS = {0x05: b"\x00", 0x35: b"\x02", 0x15: b"\x00", 0x9F: b"\xef\x40\x15"}


class Ssi(Peripheral):
    """RP2040 datasheet 4.10. Reads of flash go past it, straight to memory; a transfer ends when
    all that came back has been read. Erasing and programming are not modelled."""

    name = "XIP_SSI"
    base = 0x1800_0000
    registers: ClassVar = {
        **zeros(range(0x00, 0x60, 4), _DATA, 0xF0, 0xF4, 0xF8),
        0x58: 0x5152_3430,
        0x5C: 0x3430_312A,
    }

    def __init__(self) -> None:
        super().__init__()
        self._sent = bytearray()
        self._received: deque[int] = deque()

    def load(self, offset: int) -> int:
        """SR: never busy. DR: what the flash chip answered."""
        if offset == _STATUS:
            return _TX_NOT_FULL | _TX_EMPTY | (_RX_NOT_EMPTY if self._received else 0)
        if offset in _DATA:
            return self._receive()
        return super().load(offset)

    def store(self, offset: int, value: int) -> None:
        """DR: a byte for the flash chip."""
        if offset not in _DATA:
            super().store(offset, value)
        elif not self.values[_CTRLR0] & _TRANSFER_MODE:
            self._received.append(self._answer(value & 0xFF))

    def _answer(self, byte: int) -> int:
        self._sent.append(byte)
        at = len(self._sent) - 2
        answer = _ANSWERS.get(self._sent[0], b"")
        return answer[at] if 0 <= at < len(answer) else 0xFF

    def _receive(self) -> int:
        byte = self._received.popleft() if self._received else 0
        if not self._received:
            self._sent.clear()
        return byte
