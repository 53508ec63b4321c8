"""A computer at the other end of the USB cable: enumerates the board and is its serial port.

It asks what Linux asks, in that order, of whatever firmware there is, and carries bytes between the
board's CDC interface and an `Endpoint`. It never waits: each `step` does what can be done now.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from edgekit.emulate.endpoints import Endpoint
from edgekit.emulate.unicorn.peripherals.usb import Handshake, Packet, UsbController
from edgekit.emulate.unicorn.usb_control import (
    ADDRESS,
    PACKET_BYTES,
    ControlPipe,
    Conversation,
    Identity,
    enumerate_device,
)
from edgekit.emulate.unicorn.usb_descriptors import SerialPort, UsbError

DEFAULT_BAUD, TOUCH_BAUD = 115_200, 1200
_SET_LINE_CODING, _SET_CONTROL_LINE_STATE = 0x20, 0x22
_TO_CLASS = 0x21
_DTR_RTS = 3


class UsbHost:
    """One host with one cable. `now_s` is emulated time; `report` gets what goes wrong."""

    def __init__(
        self, endpoint: Endpoint, now_s: Callable[[], float], report: Callable[[str], None]
    ) -> None:
        self._endpoint, self._now_s, self._report = endpoint, now_s, report
        self._device: UsbController | None = None
        self._conversation: Conversation | None = None
        self._was_attached = False
        self.has_moved = False
        """Whether the last step has got any further."""
        self.is_waiting = False
        """Whether the device owes an answer, and should get the time for it soon."""
        self.identity: Identity | None = None
        """Of the board, once it is known."""

    def plug_into(self, device: UsbController | None) -> None:
        """Takes the cable out of where it is, and puts it there; None leaves it in the air."""
        self._device = device
        self._leave()

    def step(self) -> None:
        """Goes on as far as the device has come."""
        self.has_moved = False
        if self._device is None or not self._device.is_attached():
            self._leave()
            return
        if not self._was_attached:
            self._was_attached = True
            self._conversation = self._talk(self._device)
        self._endpoint.flush()
        if self._conversation is None:
            self._endpoint.receive()
        else:
            self._go_on(self._conversation)

    def reading(self) -> list[int]:
        """Descriptors that become readable when there is something to do again."""
        return self._endpoint.reading() if self.identity and not self.is_waiting else []

    def _go_on(self, conversation: Conversation) -> None:
        try:
            next(conversation)
        except UsbError as error:
            self._report(f"USB: {error}")
            self._conversation, self.identity, self.is_waiting = None, None, False

    def _leave(self) -> None:
        """There is no device: nobody takes the bytes that are sent to it."""
        self._conversation, self.identity = None, None
        self._was_attached = self.is_waiting = False
        self._endpoint.receive()

    def _talk(self, device: UsbController) -> Conversation:
        self.is_waiting = True
        control = ControlPipe(device, self._now_s, self._note_move)
        self.identity = yield from enumerate_device(control)
        line = _Line(self.identity.port, control, self._endpoint)
        yield from line.open()
        pipes = _Pipes(device, self.identity.port, self._endpoint, self._note_move)
        while True:
            self.is_waiting = True
            yield from line.follow()
            pipes.move()
            self.is_waiting = pipes.is_waiting
            yield

    def _note_move(self) -> None:
        self.has_moved = True


class _Line:
    """Speed and DTR, which follow what the port's client does."""

    def __init__(self, port: SerialPort, control: ControlPipe, endpoint: Endpoint) -> None:
        self._interface, self._control, self._endpoint = port.interface, control, endpoint
        self._baud, self._is_open = 0, False

    def open(self) -> Conversation:
        """As a program's opening does it."""
        self._endpoint.was_touched()  # before the board was there
        yield from self._set_baud(DEFAULT_BAUD)
        yield from self._set_open(self._endpoint.is_open)

    def follow(self) -> Conversation:
        """Tells the device of what has changed."""
        if self._endpoint.was_touched():
            yield from self._set_baud(TOUCH_BAUD)
            yield from self._set_open(False)
            return
        baud = self._endpoint.baud or DEFAULT_BAUD
        if baud not in (TOUCH_BAUD, self._baud):
            yield from self._set_baud(baud)
        if self._endpoint.is_open != self._is_open and baud != TOUCH_BAUD:
            yield from self._set_open(self._endpoint.is_open)

    def _set_baud(self, baud: int) -> Conversation:
        self._baud = baud
        coding = struct.pack("<IBBB", baud, 0, 0, 8)
        yield from self._control.write(_TO_CLASS, _SET_LINE_CODING, 0, self._interface, coding)

    def _set_open(self, is_open: bool) -> Conversation:
        self._is_open = is_open
        yield from self._control.write(
            _TO_CLASS, _SET_CONTROL_LINE_STATE, _DTR_RTS * is_open, self._interface
        )


class _Pipes:
    """The bulk endpoints: bytes to the device as it takes them, and from it as they come."""

    def __init__(
        self,
        device: UsbController,
        port: SerialPort,
        endpoint: Endpoint,
        moved: Callable[[], None],
    ) -> None:
        self._device, self._port, self._endpoint, self._moved = device, port, endpoint, moved
        self._to_send = b""
        self._toggles = [False, False]

    @property
    def is_waiting(self) -> bool:
        """Whether the device has not taken all yet."""
        return bool(self._to_send)

    def move(self) -> None:
        """One packet in each direction, at most."""
        self._move_in()
        self._move_out()

    def _move_in(self) -> None:
        found = self._device.take(ADDRESS, self._port.in_endpoint)
        if not isinstance(found, Packet):
            return
        self._moved()
        if found.is_data1 == self._toggles[0]:
            self._toggles[0] = not self._toggles[0]
            if found.data:
                self._endpoint.send(found.data)

    def _move_out(self) -> None:
        self._to_send = self._to_send or self._endpoint.receive()
        if not self._to_send:
            return
        packet = Packet(self._to_send[:PACKET_BYTES], self._toggles[1])
        found = self._device.give(ADDRESS, self._port.out_endpoint, packet)
        if found is Handshake.ACK:
            self._moved()
            self._toggles[1] = not self._toggles[1]
            self._to_send = self._to_send[PACKET_BYTES:]
