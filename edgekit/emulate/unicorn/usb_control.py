"""The host's side of endpoint 0: requests, and the order of those that make a device known."""

from __future__ import annotations

import struct
from collections.abc import Callable, Generator
from dataclasses import dataclass

from edgekit.emulate.unicorn import usb_descriptors
from edgekit.emulate.unicorn.peripherals.usb import Handshake, Packet, UsbController
from edgekit.emulate.unicorn.usb_descriptors import SerialPort, UsbError

PACKET_BYTES = 64
ADDRESS = 1
"""What the only device on the bus is called."""
_PATIENCE_S = 5.0
"""Linux gives a request as long."""
_RESET_RECOVERY_S, _ADDRESS_RECOVERY_S = 0.01, 0.002
"""What a device is allowed after either (USB 2.0, 9.2.6)."""
_GET_DESCRIPTOR, _SET_ADDRESS, _SET_CONFIGURATION = 6, 5, 9
_FROM_DEVICE, _TO_DEVICE = 0x80, 0x00
_DEVICE, _CONFIGURATION, _STRING = 0x100, 0x200, 0x300
_ENGLISH = 0x0409

Conversation = Generator[None, None, None]
"""Yields while the device has to do something first."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What enumeration found: the ids, the texts, and where the bytes go."""

    vendor: int
    product: int
    texts: tuple[str, ...]
    port: SerialPort


class ControlPipe:
    """Endpoint 0, seen by the host. Every method raises `UsbError`."""

    def __init__(
        self, device: UsbController, now_s: Callable[[], float], moved: Callable[[], None]
    ) -> None:
        self._device, self._now_s, self._moved = device, now_s, moved
        self.address = 0

    def reset(self) -> Conversation:
        """Resets the bus, and gives the device time to hear it."""
        self._device.reset_bus()
        self._moved()
        self.address = 0
        yield from self.pause(_RESET_RECOVERY_S)

    def pause(self, seconds: float) -> Conversation:
        """Lets emulated time pass."""
        until = self._now_s() + seconds
        while self._now_s() < until:
            yield

    def read(
        self, kind: int, request: int, value: int, index: int, length: int
    ) -> Generator[None, None, bytes]:
        """A request that is answered with at most `length` bytes."""
        yield from self._setup(kind, request, value, index, length)
        data, toggle = b"", True
        while length:
            packet = yield from self._take(request, toggle)
            data, toggle = data + packet, not toggle
            if len(packet) < PACKET_BYTES or len(data) >= length:
                break
        if len(data) > length:
            raise UsbError(f"request 0x{request:02x} wanted {length} bytes and got {len(data)}")
        if length:
            yield from self._give(request, Packet(b"", True))
        else:
            yield from self._take(request, True)
        return data

    def write(
        self, kind: int, request: int, value: int, index: int, data: bytes = b""
    ) -> Conversation:
        """A request, with the data that belongs to it."""
        yield from self._setup(kind, request, value, index, len(data))
        if data:
            yield from self._give(request, Packet(data, True))
        if (yield from self._take(request, True)):
            raise UsbError(f"request 0x{request:02x} ended with data")

    def _setup(self, kind: int, request: int, value: int, index: int, length: int) -> Conversation:
        packet = struct.pack("<BBHHH", kind, request, value, index, length)
        if self._device.setup(self.address, packet) is not Handshake.ACK:
            raise UsbError(f"nothing at address {self.address} takes request 0x{request:02x}")
        self._moved()
        yield

    def _take(self, request: int, is_data1: bool) -> Generator[None, None, bytes]:
        found = yield from self._insist(request, lambda: self._device.take(self.address, 0))
        assert isinstance(found, Packet)
        if found.is_data1 != is_data1:
            raise UsbError(f"request 0x{request:02x} was answered out of turn")
        return found.data

    def _give(self, request: int, packet: Packet) -> Conversation:
        yield from self._insist(request, lambda: self._device.give(self.address, 0, packet))

    def _insist(
        self, request: int, attempt: Callable[[], Packet | Handshake]
    ) -> Generator[None, None, Packet | Handshake]:
        """Tries until the device is ready."""
        until = self._now_s() + _PATIENCE_S
        while (found := attempt()) is Handshake.NAK:
            if self._now_s() > until:
                raise UsbError(f"request 0x{request:02x} got no answer in {_PATIENCE_S:g} s")
            yield
        if found is Handshake.STALL:
            raise UsbError(f"request 0x{request:02x} was refused")
        if found is Handshake.SILENCE:
            raise UsbError(f"the device went silent at request 0x{request:02x}")
        self._moved()
        return found


def enumerate_device(control: ControlPipe) -> Generator[None, None, Identity]:
    """From a reset of the bus to a configured device, as Linux does it."""
    yield from control.reset()
    start = yield from control.read(_FROM_DEVICE, _GET_DESCRIPTOR, _DEVICE, 0, 64)
    if len(start) < 8 or start[7] != PACKET_BYTES:
        raise UsbError(f"the device descriptor begins with {start[:8].hex()}")
    yield from control.reset()
    yield from control.write(_TO_DEVICE, _SET_ADDRESS, ADDRESS, 0)
    control.address = ADDRESS
    yield from control.pause(_ADDRESS_RECOVERY_S)
    device = yield from control.read(_FROM_DEVICE, _GET_DESCRIPTOR, _DEVICE, 0, 18)
    vendor, product, texts = usb_descriptors.device(device)
    head = yield from control.read(_FROM_DEVICE, _GET_DESCRIPTOR, _CONFIGURATION, 0, 9)
    total = usb_descriptors.total_length(head)
    whole = yield from control.read(_FROM_DEVICE, _GET_DESCRIPTOR, _CONFIGURATION, 0, total)
    port = usb_descriptors.serial_port(whole)
    found = []
    for index in texts:
        text = yield from control.read(
            _FROM_DEVICE, _GET_DESCRIPTOR, _STRING | index, _ENGLISH, 255
        )
        found.append(usb_descriptors.text(text))
    yield from control.write(_TO_DEVICE, _SET_CONFIGURATION, port.configuration, 0)
    return Identity(vendor, product, tuple(found), port)
