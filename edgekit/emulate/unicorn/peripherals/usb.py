"""USBCTRL: the USB controller as a device, and the end of a cable that a host is at."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from edgekit.emulate.unicorn.peripherals.peripheral import Peripheral, zeros

_ADDRESS, _MAIN, _SIE_CTRL, _SIE_STATUS, _BUFF_STATUS = 0x00, 0x40, 0x4C, 0x50, 0x58
_STALL_ARM, _MUXING, _POWER = 0x68, 0x74, 0x78
_INTR, _INTE, _INTF, _INTS = 0x8C, 0x90, 0x94, 0x98
_ENABLED, _HOST = 1, 2
_PULL_UP, _EP0_EACH = 1 << 16, 1 << 29
_TO_PHY = 1 << 0 | 1 << 3
_VBUS = 1 << 2 | 1 << 3
_SETUP_RECEIVED, _BUS_RESET, _SEQUENCE_ERROR, _OVERFLOW = 1 << 17, 1 << 19, 1 << 31, 1 << 26
_INT_BUFFERS, _INT_RESET, _INT_SETUP = 1 << 4, 1 << 12, 1 << 16
_EP_ENABLED, _EP_EACH, _EP_DOUBLE, _EP_ADDRESS = 1 << 31, 1 << 29, 1 << 30, 0xFFC0
_FULL, _DATA1, _STALL, _AVAILABLE, _LENGTH = 1 << 15, 1 << 13, 1 << 11, 1 << 10, 0x3FF
_EP0_BUFFER, _PACKET = 0x100, 64
_USB_HZ = 48_000_000


class Handshake(enum.Enum):
    """What the device says to a packet of the host, beside data."""

    ACK = enum.auto()
    NAK = enum.auto()
    STALL = enum.auto()
    SILENCE = enum.auto()
    """Nothing: another address, or an endpoint that is not there."""


@dataclass(frozen=True, slots=True)
class Packet:
    """Data from the device, with its toggle: DATA1 or DATA0."""

    data: bytes
    is_data1: bool


class UsbController(Peripheral):
    """RP2040 datasheet 4.1, as a full-speed device with single buffers; no host, no isochronous
    endpoints. `raised` is called when an interrupt may have come, `looked` when the firmware looks
    for one by itself, as it does where it waits for the host."""

    name = "USBCTRL"
    base = 0x5011_0000
    reset_bit = 24
    registers: ClassVar = zeros(range(0x00, 0x9C, 4))

    def __init__(
        self,
        memory: memoryview,
        clock_hz: Callable[[], int],
        report: Callable[[str], None],
        raised: Callable[[], None],
        looked: Callable[[], None],
    ) -> None:
        super().__init__()
        self._memory, self._clock_hz, self._report = memory, clock_hz, report
        self._raised, self._looked = raised, looked

    def load(self, offset: int) -> int:
        """The interrupt registers are what the others make of them."""
        if offset == _INTR:
            return self._raw_interrupts()
        if offset == _INTS:
            self._looked()
            return self._interrupts()
        return super().load(offset)

    def store(self, offset: int, value: int) -> None:
        """Status bits are cleared by writing them."""
        if offset in (_BUFF_STATUS, _SIE_STATUS):
            self.values[offset] &= ~value
            return
        super().store(offset, value)
        if offset == _MAIN and value & _HOST:
            self._report("USBCTRL as a host is not emulated")
        if offset in (_INTE, _INTF):
            self._raised()

    def is_interrupting(self) -> bool:
        """Whether its line to the processor is up."""
        return bool(self._interrupts())

    # What a host sees at the other end of the cable.

    def is_attached(self) -> bool:
        """Whether the device pulls the line up, which is what a host takes for plugged in."""
        values = self.values
        is_on = (
            values[_MAIN] & _ENABLED
            and values[_SIE_CTRL] & _PULL_UP
            and values[_MUXING] & _TO_PHY == _TO_PHY
            and values[_POWER] & _VBUS == _VBUS
        )
        if is_on and self._clock_hz() != _USB_HZ:
            self._report(f"USBCTRL runs at {self._clock_hz()} Hz and needs {_USB_HZ}")
            return False
        return bool(is_on)

    def reset_bus(self) -> None:
        """The host holds both lines low for some milliseconds."""
        self.values[_SIE_STATUS] |= _BUS_RESET
        self._raised()

    def setup(self, address: int, packet: bytes) -> Handshake:
        """A SETUP packet of 8 bytes to endpoint 0: always taken."""
        if not self._is_meant(address):
            return Handshake.SILENCE
        self._memory[:8] = packet
        self.values[_STALL_ARM] = 0
        self.values[_SIE_STATUS] |= _SETUP_RECEIVED
        self._raised()
        return Handshake.ACK

    def take(self, address: int, endpoint: int) -> Packet | Handshake:
        """An IN packet."""
        control = self._control(address, endpoint, is_out=False)
        if control is None:
            return Handshake.SILENCE
        place = 0x80 + endpoint * 8
        value = self._word(place)
        if value & _STALL and (endpoint or self.values[_STALL_ARM] & 1):
            return Handshake.STALL
        if not (value & _AVAILABLE and value & _FULL):
            return Handshake.NAK
        at, length = control & _EP_ADDRESS, min(value & _LENGTH, _PACKET)
        data = bytes(self._memory[at : at + length])
        self._put_word(place, value & ~(_AVAILABLE | _FULL))
        self._finished(1 << endpoint * 2, control)
        return Packet(data, bool(value & _DATA1))

    def give(self, address: int, endpoint: int, packet: Packet) -> Handshake:
        """An OUT packet."""
        control = self._control(address, endpoint, is_out=True)
        if control is None:
            return Handshake.SILENCE
        place = 0x84 + endpoint * 8
        value = self._word(place)
        if value & _STALL and (endpoint or self.values[_STALL_ARM] & 2):
            return Handshake.STALL
        if not value & _AVAILABLE or value & _FULL:
            return Handshake.NAK
        if bool(value & _DATA1) != packet.is_data1:  # the one before once more: heard already
            self.values[_SIE_STATUS] |= _SEQUENCE_ERROR
            return Handshake.ACK
        if len(packet.data) > value & _LENGTH:
            self.values[_SIE_STATUS] |= _OVERFLOW
            return Handshake.SILENCE
        at = control & _EP_ADDRESS
        self._memory[at : at + len(packet.data)] = packet.data
        self._put_word(place, value & ~(_AVAILABLE | _LENGTH) | _FULL | len(packet.data))
        self._finished(2 << endpoint * 2, control)
        return Handshake.ACK

    def _is_meant(self, address: int) -> bool:
        return self.is_attached() and address == self.values[_ADDRESS] & 0x7F

    def _control(self, address: int, endpoint: int, *, is_out: bool) -> int | None:
        """The endpoint's control word, which endpoint 0 has none of: its bits lie elsewhere."""
        if not self._is_meant(address):
            return None
        if endpoint == 0:
            each = _EP_EACH if self.values[_SIE_CTRL] & _EP0_EACH else 0
            return _EP0_BUFFER | each
        control = self._word(endpoint * 8 + 4 * is_out)
        if control & _EP_DOUBLE:
            self._report("double buffers of USBCTRL are not emulated")
        return control if control & _EP_ENABLED else None

    def _finished(self, bit: int, control: int) -> None:
        if control & _EP_EACH:
            self.values[_BUFF_STATUS] |= bit
            self._raised()

    def _interrupts(self) -> int:
        return self._raw_interrupts() & self.values[_INTE] | self.values[_INTF]

    def _raw_interrupts(self) -> int:
        status = self.values[_SIE_STATUS]
        return (
            (_INT_BUFFERS if self.values[_BUFF_STATUS] else 0)
            | (_INT_RESET if status & _BUS_RESET else 0)
            | (_INT_SETUP if status & _SETUP_RECEIVED else 0)
        )

    def _word(self, place: int) -> int:
        return int.from_bytes(self._memory[place : place + 4], "little")

    def _put_word(self, place: int, value: int) -> None:
        self._memory[place : place + 4] = value.to_bytes(4, "little")
