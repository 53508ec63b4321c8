"""A USB host that does what a test wants, and the emulated board at the other end of its cable."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from pathlib import Path

from edgekit import boards
from edgekit.boards import Board
from edgekit.emulate.endpoints import Endpoint
from edgekit.emulate.unicorn import native_counter
from edgekit.emulate.unicorn.counter import Counter, Host
from edgekit.emulate.unicorn.given import Given
from edgekit.emulate.unicorn.machine import Machine, Stop
from edgekit.emulate.unicorn.memory import Memory
from edgekit.emulate.unicorn.peripherals.usb import Handshake, Packet, UsbController
from edgekit.emulate.unicorn.python_counter import PythonCounter
from edgekit.emulate.unicorn.usb_control import ADDRESS, ControlPipe, Conversation

SERIAL = 2
"""The number of both bulk endpoints."""
_PATIENCE_S = 20.0
_PICO = boards.load("pico")


class Wire(Endpoint):
    """A UART's other end: says `incoming`, keeps what it hears, and is in no hurry."""

    def __init__(self) -> None:
        super().__init__()
        self.incoming = self.heard = b""

    def receive(self) -> bytes:
        data, self.incoming = self.incoming, b""
        return data

    def wait(self, timeout_s: float, also: object = ()) -> None:
        time.sleep(0.002)

    def close(self) -> None: ...

    def _write(self, data: bytes) -> int:
        self.heard += data
        return len(data)

    def _reading(self) -> list[int]:
        return []

    def _writing(self) -> list[int]:
        return []


class Cable:
    """Runs `script` as the host, in the place of `Machine.usb_host`. The end of the script, or an
    error in it, ends the run."""

    def __init__(self, machine: Machine, script: Callable[[Cable], Conversation]) -> None:
        self.machine, self.uart = machine, Wire()
        self.has_moved, self.is_waiting = False, True
        self.plugged = 0
        self._script = script(self)
        self._until = time.monotonic() + _PATIENCE_S
        self.restart_toggles()

    @property
    def device(self) -> UsbController:
        return self.machine.chip.usb

    @property
    def now_s(self) -> float:
        return self.machine.counter.cycles / self.machine.chip.clocks.sys_hz

    def plug_into(self, device: UsbController | None) -> None:
        self.plugged += 1

    def reading(self) -> list[int]:
        return []

    def step(self) -> None:
        assert time.monotonic() < self._until, "the script does not come to its end"
        self.has_moved = False
        try:
            next(self._script)
        except StopIteration:
            self.machine.bootloader()

    def moved(self) -> None:
        self.has_moved = True

    # For scripts.

    def pipe(self) -> ControlPipe:
        """Endpoint 0, of a device that has just been plugged in."""
        self.restart_toggles()
        return ControlPipe(self.device, lambda: self.now_s, self.moved)

    def restart_toggles(self) -> None:
        """The next packets are DATA0."""
        self.toggles = {"in": False, "out": False}

    def pause(self, seconds: float) -> Conversation:
        until = self.now_s + seconds
        while self.now_s < until:
            yield

    def say(self, data: bytes) -> Conversation:
        """Bytes to the serial port."""
        for at in range(0, len(data), 64):
            packet = Packet(data[at : at + 64], self.toggles["out"])
            while (found := self.device.give(ADDRESS, SERIAL, packet)) is Handshake.NAK:
                yield
            assert found is Handshake.ACK
            self.toggles["out"] = not self.toggles["out"]
            self.moved()
            yield

    def packet(self) -> Generator[None, None, bytes]:
        """The next packet from the serial port."""
        while (found := self.device.take(ADDRESS, SERIAL)) is Handshake.NAK:
            yield
        assert isinstance(found, Packet), found
        assert found.is_data1 is self.toggles["in"]
        self.toggles["in"] = not self.toggles["in"]
        self.moved()
        yield
        return found.data

    def hear(self, end: bytes) -> Generator[None, None, bytes]:
        """Bytes from the serial port, until they end so."""
        data = b""
        while not data.endswith(end):
            data += yield from self.packet()
        return data


def _counter(host: Host, memory: Memory) -> Counter:
    return native_counter.create(host, memory) or PythonCounter(host, memory)


def run(
    image: Path, script: Callable[[Cable], Conversation], board: Board = _PICO
) -> tuple[Stop, Cable]:
    """Runs the firmware of `image` (a firmware.bin) with `script` at its USB socket."""
    wire = Wire()
    machine = Machine(Given.of(board), image, wire, _counter, usb=Wire())
    cable = Cable(machine, script)
    cable.uart = wire
    machine.usb_host = cable  # type: ignore[assignment]
    while (stop := machine.run()) is Stop.RESET:
        pass
    return stop, cable
