"""UART0, a PL011, wired to the host. Bytes go as fast as both sides take them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from edgekit.emulate.endpoints import Endpoint
from edgekit.emulate.unicorn.peripherals.peripheral import Peripheral, zeros

_DR, _FR, _IBRD, _FBRD, _LCR_H, _CR = 0x00, 0x18, 0x24, 0x28, 0x2C, 0x30
_IMSC, _RIS, _MIS = 0x38, 0x3C, 0x40
_RECEIVED = 1 << 4 | 1 << 6  # enough has come; something has, some time ago
_RX_EMPTY, _TX_EMPTY = 1 << 4, 1 << 7
_ENABLED, _TX_ENABLED, _RX_ENABLED = 1, 1 << 8, 1 << 9
_SEND_AT = 256
_TOLERANCE = 0.03
# A firmware that finds nothing this often, this soon after the last time, is waiting.
_IDLE_POLLS = 8
_IDLE_CYCLES = 4000


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a UART needs of the rest of the chip."""

    clock_hz: Callable[[], int]
    pins_connected: Callable[[], bool]
    now: Callable[[], int]
    idle: Callable[[], None]
    interrupts_changed: Callable[[], None]
    report: Callable[[str], None]


class Uart(Peripheral):
    """RP2040 datasheet 4.2. Of the interrupts only those of the receiver are modelled, up while
    there is a byte; DMA is not."""

    name = "UART0"
    base = 0x4003_4000
    reset_bit = 22
    registers: ClassVar = {
        **zeros(_DR, 0x04, _FR, 0x20, _IBRD, _FBRD, _LCR_H, range(0x38, 0x4C, 4)),
        _CR: 0x300,
        0x34: 0x12,
        **dict(zip(range(0xFE0, 0x1000, 4), bytes.fromhex("111034000df005b1"), strict=True)),
    }

    def __init__(self, endpoint: Endpoint, baud: int, wiring: Wiring) -> None:
        super().__init__()
        self._endpoint = endpoint
        self._baud = baud
        self._wiring = wiring
        self._received: deque[int] = deque()
        self._to_send = bytearray()
        self._empty_polls = 0
        self._polled_at = 0

    def load(self, offset: int) -> int:
        """DR takes the next byte; FR is where a firmware that waits is found out."""
        if offset == _FR:
            if not self._received:
                self._refill()
            return _TX_EMPTY if self._received else _TX_EMPTY | _RX_EMPTY
        if offset == _DR:
            return self._received.popleft() if self._received else 0
        if offset in (_RIS, _MIS):
            return self._raised(_RECEIVED if offset == _RIS else self.values[_IMSC])
        return super().load(offset)

    def store(self, offset: int, value: int) -> None:
        """DR sends a byte."""
        if offset == _DR:
            self._send(value & 0xFF)
            return
        super().store(offset, value)
        if offset == _CR and value & _ENABLED:
            self._check_baud()
        if offset == _IMSC:
            self._wiring.interrupts_changed()

    def is_interrupting(self) -> bool:
        """Whether its line to the processor is up."""
        return bool(self._raised(self.values[_IMSC]))

    def serve(self) -> None:
        """Hands over what has come, for a firmware that does not look before an interrupt."""
        if self._is_interrupt_driven and not self._received and self._is_connected(_RX_ENABLED):
            self._received.extend(self._endpoint.receive())

    def flush(self) -> None:
        """Hands to the host what was sent so far."""
        if self._to_send:
            self._endpoint.send(bytes(self._to_send))
            self._to_send.clear()

    def _send(self, byte: int) -> None:
        self._empty_polls = -1  # the next poll may be for room to send, not for something to read
        if not self._is_connected(_TX_ENABLED):
            self._wiring.report("UART0 sent a byte before transmitter and pin were set up: lost")
            return
        self._to_send.append(byte)
        if len(self._to_send) >= _SEND_AT:
            self.flush()

    @property
    def _is_interrupt_driven(self) -> bool:
        return bool(self.values[_IMSC] & _RECEIVED)

    def _raised(self, enabled: int) -> int:
        return enabled & _RECEIVED if self._received else 0

    def _refill(self) -> None:
        if self._empty_polls < 0:
            self._empty_polls = 0
            return
        self.flush()
        if not self._is_connected(_RX_ENABLED):
            return
        self._received.extend(self._endpoint.receive())
        if self._received:
            self._empty_polls = 0
        elif not self._is_interrupt_driven and self._is_waiting():
            self._wiring.idle()
            self._polled_at = self._wiring.now()
            self._received.extend(self._endpoint.receive())

    def _is_waiting(self) -> bool:
        now = self._wiring.now()
        soon = now - self._polled_at < _IDLE_CYCLES
        self._polled_at = now
        self._empty_polls = self._empty_polls + 1 if soon else 0
        return self._empty_polls >= _IDLE_POLLS

    def _is_connected(self, direction: int) -> bool:
        needed = _ENABLED | direction
        return self.values[_CR] & needed == needed and self._wiring.pins_connected()

    def _check_baud(self) -> None:
        divisor = self.values[_IBRD] * 64 + self.values[_FBRD]
        baud = self._wiring.clock_hz() * 4 / divisor if divisor else 0.0
        if abs(baud - self._baud) > self._baud * _TOLERANCE:
            self._wiring.report(f"UART0 runs at {baud:.0f} baud, the board's is {self._baud}")
