"""The Pico's USB port, firmware and controller together, as hosts of all kinds find it."""

from __future__ import annotations

import random
import struct
from collections.abc import Generator
from pathlib import Path

import pytest
from support import tiny_model
from support.usb_cable import SERIAL, Cable, run

from edgekit import boards
from edgekit.build import firmware
from edgekit.emulate.unicorn.machine import Stop
from edgekit.emulate.unicorn.peripherals.usb import Handshake
from edgekit.emulate.unicorn.rp2350_rom import CHIP_ID
from edgekit.emulate.unicorn.usb_control import (
    ADDRESS,
    ControlPipe,
    Conversation,
    Identity,
    enumerate_device,
)
from edgekit.emulate.unicorn.usb_descriptors import SerialPort, UsbError

pytestmark = pytest.mark.emulator

PICO = boards.load("pico")
NAME = b"m-name-dut-[edgekit]\r\nm-ready\r\n"
# The first byte of the input makes the last step hang.
STEP_C = 'while (step == 2U && (uint8_t)arena[0] == 77) { __asm volatile(""); }'
HANG = bytes([(77 - 1) * pow(9, -1, 256) % 256]) + bytes(1199)
"""What the steps before make 77 of: x * 3 + 0, then x * 3 + 1."""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("usb")
    compiled = tiny_model.write(folder, step_c=STEP_C)
    firmware.build(compiled, folder, PICO, folder)
    return folder / "firmware.bin"


def _open(cable: Cable) -> Generator[None, None, ControlPipe]:
    """A device that is configured, with its port open at 115200 baud."""
    while not cable.device.is_attached():
        yield
    control = cable.pipe()
    yield from enumerate_device(control)
    yield from _line(control, 115_200, is_open=True)
    return control


def _line(control: ControlPipe, baud: int, *, is_open: bool) -> Conversation:
    yield from control.write(0x21, 0x20, 0, 0, struct.pack("<IBBB", baud, 0, 0, 8))
    yield from control.write(0x21, 0x22, 3 * is_open, 0)


def test_it_is_a_serial_port_of_raspberry_pis_ids(image: Path) -> None:
    found: list[Identity] = []

    def script(cable: Cable) -> Conversation:
        while not cable.device.is_attached():
            yield
        found.append((yield from enumerate_device(cable.pipe())))

    _, cable = run(image, script)
    assert found == [Identity(0x2E8A, 0x000A, ("edgekit", "edgekit pico"), SerialPort(1, 0, 2, 2))]
    assert f"{found[0].vendor:04x}:{found[0].product:04x}" in PICO.link.usb
    assert not cable.machine.log.notes


def test_the_rp2350_has_the_same_port_with_ids_and_a_number_of_its_own(tmp_path: Path) -> None:
    pico2 = boards.load("pico2")
    firmware.build(tiny_model.write(tmp_path), tmp_path, pico2, tmp_path)
    found: list[Identity] = []

    def script(cable: Cable) -> Conversation:
        while not cable.device.is_attached():
            yield
        control = cable.pipe()
        found.append((yield from enumerate_device(control)))
        yield from _line(control, 115_200, is_open=True)
        yield from cable.say(b"name%")
        assert (yield from cable.hear(b"m-ready\r\n")) == NAME
        yield from _line(control, 1200, is_open=False)
        yield from cable.pause(1.0)
        pytest.fail("it did not go into its bootloader")

    stop, _ = run(tmp_path / "firmware.bin", script, pico2)
    texts = ("edgekit", "edgekit pico2", f"{CHIP_ID:016X}")
    assert found == [Identity(0x2E8A, 0x0009, texts, SerialPort(1, 0, 2, 2))]
    assert "2e8a:0009" in pico2.link.usb
    assert stop is Stop.BOOTLOADER


# type, request, value, index, length, and what comes: bytes, or None where it is refused.
REQUESTS = {
    "status of the device": (0x80, 0, 0, 0, 2, "0000"),
    "one byte of it": (0x80, 0, 0, 0, 1, "00"),
    "nothing of it": (0x80, 0, 0, 0, 0, ""),
    "status of an interface": (0x81, 0, 0, 1, 2, "0000"),
    "status of no interface": (0x81, 0, 0, 2, 2, None),
    "status of endpoint 0": (0x82, 0, 0, 0x80, 2, "0000"),
    "status of an endpoint": (0x82, 0, 0, 0x82, 2, "0000"),
    "status of no endpoint": (0x82, 0, 0, 0x83, 2, None),
    "configuration": (0x80, 8, 0, 0, 1, "01"),
    "interface": (0x81, 10, 0, 1, 1, "00"),
    "start of the device descriptor": (0x80, 6, 0x100, 0, 8, "1201000202000040"),
    "other device descriptor": (0x80, 6, 0x101, 0, 18, None),
    "start of the configuration": (0x80, 6, 0x200, 0, 9, "09024300020100807d"),
    "second configuration": (0x80, 6, 0x201, 0, 9, None),
    "languages": (0x80, 6, 0x300, 0, 255, "04030904"),
    "a text": (0x80, 6, 0x301, 0x409, 6, "100365006400"),
    "no serial number": (0x80, 6, 0x303, 0x409, 255, None),
    "no such text": (0x80, 6, 0x3EE, 0x409, 255, None),
    "high-speed descriptor": (0x80, 6, 0x600, 0, 10, None),
    "line coding": (0xA1, 0x21, 0, 0, 7, "00c20100000008"),
    "synch frame": (0x82, 12, 0, 0x82, 2, None),
    "vendor request": (0xC0, 1, 0, 0, 8, None),
    "remote wakeup": (0x00, 3, 1, 0, 0, None),
    "break": (0x21, 0x23, 100, 0, 0, None),
    "second configuration wanted": (0x00, 9, 2, 0, 0, None),
    "address beyond 127": (0x00, 5, 128, 0, 0, None),
    "other setting of an interface": (0x01, 11, 1, 1, 0, None),
    "same setting again": (0x01, 11, 0, 1, 0, ""),
    "halt of no endpoint": (0x02, 3, 0, 0x85, 0, None),
}


def test_every_request_is_answered_or_refused(image: Path) -> None:
    found: dict[str, str | None] = {}

    def script(cable: Cable) -> Conversation:
        control = yield from _open(cable)
        for name, (*request, _) in REQUESTS.items():
            found[name] = yield from _answer(control, *request)

    run(image, script)
    assert found == {name: answer for name, (*_, answer) in REQUESTS.items()}


def _answer(
    control: ControlPipe, kind: int, request: int, value: int, index: int, length: int
) -> Generator[None, None, str | None]:
    try:
        if kind & 0x80:
            return (yield from control.read(kind, request, value, index, length)).hex()
        yield from control.write(kind, request, value, index)
        return ""
    except UsbError:
        return None


def test_before_it_is_configured_it_has_no_port(image: Path) -> None:
    found: list[object] = []

    def script(cable: Cable) -> Conversation:
        control = yield from _open(cable)
        yield from control.write(0x00, 9, 0, 0)
        found.append((yield from control.read(0x80, 8, 0, 0, 1)))
        found.append(cable.device.take(ADDRESS, SERIAL))
        for request in ((0xA1, 0x21, 0, 0, 7), (0x21, 0x22, 3, 0, 0), (0x02, 1, 0, 0x82, 0)):
            found.append((yield from _answer(control, *request)))

    run(image, script)
    assert found == [b"\0", Handshake.NAK, None, None, None]


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_after_any_requests_at_all_it_still_works(image: Path, seed: int) -> None:
    """With data stages that fit, and some cut off by the next request."""
    draw = random.Random(seed)
    said: list[bytes] = []

    def script(cable: Cable) -> Conversation:
        control = yield from _open(cable)
        for _ in range(400):
            yield from _disturb(cable, control, draw)
        control = yield from _open(cable)
        yield from cable.say(b"name%")
        said.append((yield from cable.hear(b"m-ready\r\n")))

    stop, cable = run(image, script)
    assert (said, stop, cable.plugged) == ([NAME], Stop.BOOTLOADER, 1)
    assert not cable.machine.log.faults


def _disturb(cable: Cable, control: ControlPipe, draw: random.Random) -> Conversation:
    kind = draw.choice([0x00, 0x01, 0x02, 0x21, 0x80, 0x81, 0x82, 0xA1, draw.randrange(256)])
    request = draw.choice([*range(13), 0x20, 0x21, 0x22, draw.randrange(256)])
    value, index = (draw.choice([0, 1, 2, 0x82, draw.randrange(1 << 16)]) for _ in range(2))
    if (kind, request) in ((0x00, 5), (0x00, 9)):
        return  # it would be elsewhere, or gone
    length = draw.choice([0, 1, 7, 64, 255])
    if draw.random() < 0.3:  # and no more of it
        cable.device.setup(ADDRESS, struct.pack("<BBHHH", kind, request, value, index, length))
        cable.moved()
        yield
    elif kind & 0x80:
        yield from _answer(control, kind, request, value, index, length)
    else:
        try:
            yield from control.write(kind, request, value, index, draw.randbytes(length % 65))
        except UsbError:
            return


def test_a_packet_of_full_length_is_never_the_last(image: Path) -> None:
    """Else a host would wait for more of the transfer, and keep what it has."""
    ends: list[bytes] = []

    def script(cable: Cable) -> Conversation:
        yield from _open(cable)
        for length in range(1, 70):
            yield from cable.say(b"x" * length + b"%")
            data, packet = b"", b""
            while not data.endswith(b"m-ready\r\n") or len(packet) == 64:
                packet = yield from cable.packet()
                data += packet
            assert data == b"e-[Unknown command: " + b"x" * length + b"]\r\nm-ready\r\n"
            ends.append(packet)

    run(image, script)
    assert len(ends) == 69
    assert b"" in ends


def test_an_endpoint_that_was_halted_goes_on_with_data0(image: Path) -> None:
    toggles: set[tuple[bool, ...]] = set()

    def script(cable: Cable) -> Conversation:
        control = yield from _open(cable)
        for length in range(2, 80, 6):
            yield from cable.say(b"x" * length + b"%")
            yield from cable.hear(b"m-ready\r\n")
            toggles.add(tuple(cable.toggles.values()))
            for endpoint in (0x02, 0x82):
                yield from control.write(0x02, 3, 0, endpoint)
                assert (yield from control.read(0x82, 0, 0, endpoint, 2)) == b"\1\0"
            assert cable.device.take(ADDRESS, SERIAL) is Handshake.STALL
            for endpoint in (0x02, 0x82):
                yield from control.write(0x02, 1, 0, endpoint)
            cable.restart_toggles()
            yield from cable.say(b"name%")
            assert (yield from cable.hear(b"m-ready\r\n")) == NAME

    run(image, script)
    assert len(toggles) == 4  # they had all come to be anything before


def test_answers_go_to_the_line_that_asked(image: Path) -> None:
    """A command that USB has begun does not become part of what the UART says."""
    said: list[bytes] = []

    def script(cable: Cable) -> Conversation:
        yield from _open(cable)
        for _ in range(3):
            yield from cable.say(b"name%")
            said.append((yield from cable.hear(b"m-ready\r\n")))
            yield from cable.say(b"pro")
            before = len(cable.uart.heard)
            cable.uart.incoming = b"name%"
            while not cable.uart.heard.endswith(b"m-ready\r\n") or len(cable.uart.heard) == before:
                yield
            said.append(cable.uart.heard[before:])

    run(image, script)
    assert [words.strip(b"\0") for words in said] == [NAME] * 6


@pytest.mark.parametrize("hangs", [False, True], ids=["waiting", "in an inference without end"])
def test_closing_the_port_at_1200_baud_leads_to_the_bootloader(image: Path, hangs: bool) -> None:
    done: list[str] = []

    def script(cable: Cable) -> Conversation:
        control = yield from _open(cable)
        if hangs:
            yield from _hang(cable)
            yield from cable.pause(0.02)
        yield from _line(control, 1200, is_open=True)
        done.append("open")
        yield from _line(control, 1200, is_open=False)
        done.append("closed")
        yield from cable.pause(1.0)
        done.append("still there")

    stop, _ = run(image, script)
    assert (done, stop) == (["open", "closed"], Stop.BOOTLOADER)


def _hang(cable: Cable) -> Conversation:
    """Has the board run an inference that does not end."""
    yield from cable.say(b"db load 1200%")
    yield from cable.hear(b"m-ready\r\n")
    for at in range(0, 1200, 30):
        yield from cable.say(b"db " + HANG[at : at + 30].hex().encode() + b"%")
        yield from cable.hear(b"m-ready\r\n")
    yield from cable.say(b"infer 1 0%")
    yield from cable.hear(b"m-infer-start-1\r\n")


def test_a_board_that_its_watchdog_restarts_is_there_again(image: Path) -> None:
    plugged: list[int] = []

    def script(cable: Cable) -> Conversation:
        yield from _open(cable)
        yield from _hang(cable)
        plugged.append(cable.plugged)
        cable.is_waiting = False  # so that it looks less often
        while cable.plugged == plugged[0]:
            yield
        cable.is_waiting = True
        plugged.append(cable.plugged)
        yield from _open(cable)
        yield from cable.say(b"name%")
        assert (yield from cable.hear(b"m-ready\r\n")) == NAME

    run(image, script)
    assert plugged == [1, 2]


def test_a_host_that_takes_nothing_holds_nobody_up_for_long(image: Path) -> None:
    """Its program hangs, or the cable was pulled: half a second later the UART is served."""
    took: list[float] = []

    def script(cable: Cable) -> Conversation:
        yield from _open(cable)
        for _ in range(2):
            started = cable.now_s
            yield from cable.say(b"x" * 79 + b"%")
            before = len(cable.uart.heard)
            cable.uart.incoming = b"name%"
            while not cable.uart.heard[before:].endswith(NAME):
                yield
            took.append(cable.now_s - started)
        yield from _open(cable)  # plugged in again
        yield from cable.say(b"name%")
        assert (yield from cable.hear(b"m-ready\r\n")) == NAME

    run(image, script)
    assert 0.4 < took[0] < 0.7
    assert took[1] < 0.1  # it is not waited for again


def test_a_host_that_comes_back_in_mid_answer_finds_the_port_in_order(image: Path) -> None:
    def script(cable: Cable) -> Conversation:
        yield from _open(cable)
        for cut in range(1, 4):
            yield from cable.say(b"x" * 79 + b"%")
            for _ in range(cut):
                yield from cable.packet()
            yield from _open(cable)
            yield from cable.say(b"%name%")
            assert NAME in (yield from cable.hear(NAME))

    assert run(image, script)[0] is Stop.BOOTLOADER
