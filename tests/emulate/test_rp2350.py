"""What the RP2350's parts do otherwise than the RP2040's, one by one."""

from __future__ import annotations

import struct

import pytest
from emulate.thumb_programs import Wire

from edgekit.emulate.unicorn import engine as uc
from edgekit.emulate.unicorn import thumb2
from edgekit.emulate.unicorn.memory import Layout, Memory
from edgekit.emulate.unicorn.peripherals import rp2350
from edgekit.emulate.unicorn.peripherals.dwt import Dwt
from edgekit.emulate.unicorn.peripherals.sio import Fifo, Shared
from edgekit.emulate.unicorn.peripherals.ticks import TickGenerators
from edgekit.emulate.unicorn.peripherals.uart import Wiring
from edgekit.emulate.unicorn.thumb import Access

capstone = pytest.importorskip("capstone", reason="a second opinion on instructions")

pytestmark = pytest.mark.emulator


@pytest.mark.parametrize(
    ("first", "second", "access"),
    [
        (0xF8D3, 0x1104, Access(3, None, 0x104, 4, True)),  # ldr.w r1, [r3, #0x104]
        (0xF8A0, 0x2FFE, Access(0, None, 0xFFE, 2, False)),  # strh.w r2, [r0, #0xffe]
        (0xF890, 0xC001, Access(0, None, 1, 1, True)),  # ldrb.w ip, [r0, #1]
        (0xF991, 0x2003, Access(1, None, 3, 1, True)),  # ldrsb.w r2, [r1, #3]
        (0xF854, 0x1C08, Access(4, None, -8, 4, True)),  # ldr r1, [r4, #-8]
        (0xF844, 0x1D10, Access(4, None, -16, 4, False)),  # str r1, [r4, #-16]!
        (0xF854, 0x1B04, Access(4, None, 0, 4, True)),  # ldr r1, [r4], #4
        (0xF852, 0x1023, Access(2, 3, 0, 4, True, shift=2)),  # ldr.w r1, [r2, r3, lsl #2]
        (0xF8DF, 0x1004, None),  # ldr.w r1, [pc, #4]: no register lies there
        (0xE9D0, 0x1200, None),  # ldrd r1, r2, [r0]
        (0xFB01, 0x3002, None),  # mla
    ],
)
def test_loads_and_stores_are_found(first: int, second: int, access: Access | None) -> None:
    found = thumb2.decode(first, second)
    assert (found.bytes, found.cycles, found.access) == (4, 1, access)


@pytest.mark.parametrize("start", range(0, 0x10000, 0x2000))
def test_instructions_are_as_long_as_capstone_finds_them(start: int) -> None:
    disassembler = capstone.Cs(
        capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS
    )
    for first in range(start, start + 0x2000, 7):
        for second in (0x0000, 0x1003, 0xF0D2):
            code = struct.pack("<2H", first, second)
            found = next(disassembler.disasm(code, 0), None)
            if found is not None:
                assert thumb2.decode(first, second).bytes == found.size, found


def test_a_16_bit_load_counts_one_and_keeps_its_access() -> None:
    found = thumb2.decode(0x6859, 0)  # ldr r1, [r3, #4]
    assert (found.cycles, found.access) == (1, Access(3, None, 4, 4, True))


def test_an_it_block_ends_where_it_ends() -> None:
    """Also when a load in it is the first from its page; the engine alone skips what follows."""
    # movs r5,#3; cmp r5,#100; ite ls; ldrls r0,[r6]; movhi r0,#0; movs r0,#3; adr r1,there; adds;
    # bx r1; nop; there: nop; movs r0,#7; b .
    code = (
        0x2503,
        0x2D64,
        0xBF94,
        0x6830,
        0x2000,
        0x2003,
        0xA101,
        0x3101,
        0x4708,
        0xBF00,
        0xBF00,
        0x2007,
        0xE7FE,
        0xBF00,
    )
    memory = Memory(
        Layout(0x2000, (0x1000_0000,), flash_bytes=0x2000, ram_base=0x2000_0000, ram_bytes=0x2000)
    )
    memory.load_flash(struct.pack(f"<{len(code)}H", *code))
    engine = uc.create(uc.CORTEX_M33)
    memory.map_into(engine)
    engine.reg_write(uc.XPSR, 1 << 24)
    engine.reg_write(uc.R0 + 6, 0x2000_0000)
    engine.emu_start(0x1000_0001, 0x1FFF_FFF0, count=20)
    assert engine.reg_read(uc.R0) == 7


def test_the_counter_runs_when_it_is_on_and_traced() -> None:
    now, traced, looks = 100, False, []
    dwt = Dwt(lambda: now, lambda: traced, lambda: looks.append(now))
    dwt.store(0x00, 1)
    now = 200
    assert dwt.load(0x04) == 0
    traced = True
    dwt.store(0x04, 7)
    now = 250
    assert dwt.load(0x04) == 57
    dwt.store(0x00, 0)
    now = 300
    assert dwt.load(0x04) == 57
    assert looks == [200, 250, 300]


def test_each_tick_has_its_own_divider() -> None:
    ticks = TickGenerators()
    ticks.store(0x18 + 4, 12)
    ticks.store(0x18, 1)
    ticks.store(0x30 + 4, 6)
    assert (ticks.timer_hz(12_000_000), ticks.watchdog_hz(12_000_000)) == (1_000_000, 0)
    ticks.store(0x30, 1)
    assert ticks.watchdog_hz(12_000_000) == 2_000_000
    assert ticks.load(0x30) == 3
    assert ticks.load(0x34) == 6


def test_outputs_of_48_pins_are_set_cleared_and_toggled() -> None:
    shared = Shared(Fifo(4), Fifo(4), set())
    sio = rp2350.Sio(0, shared, lambda: 0, sent=lambda _: None, emptied=lambda: None)
    sio.store(0x10, 0b0011)  # GPIO_OUT
    sio.store(0x14, 0b1000)  # GPIO_HI_OUT
    sio.store(0x18, 0b0100)  # set
    sio.store(0x20, 0b0001)  # clear
    sio.store(0x2C, 0b1001)  # toggle the upper half
    assert (sio.load(0x10), sio.load(0x14)) == (0b0110, 0b0001)
    sio.store(0x38, 0b1)  # set of the output enables
    assert sio.load(0x30) == 1


def test_fifos_hold_four_words() -> None:
    fifo = Fifo(rp2350.Sio.fifo_words)
    for word in range(5):
        assert fifo.is_full == (word == 4)
        fifo.push(0, word)
    assert [fifo.pop() for _ in range(4)] == [0, 1, 2, 3]


def test_core_1_restarts_when_it_is_let_go() -> None:
    restarts: list[int] = []
    psm = rp2350.Psm(lambda: restarts.append(1))
    psm.store(0x04, 1 << 24)
    psm.store(0x04, 1 << 24)
    assert not restarts
    psm.store(0x04, 1 << 16)  # core 1 on an RP2040, SRAM 6 here
    psm.store(0x04, 0)
    assert restarts == [1]


def test_a_pad_is_isolated_until_it_is_set_up() -> None:
    pads = rp2350.PadsBank0()
    assert pads.is_isolated(1)
    pads.store(8, 0x5A)
    assert not pads.is_isolated(1)
    assert pads.is_isolated(0)


def test_the_receiver_interrupts_while_there_is_a_byte() -> None:
    changes: list[int] = []
    wiring = Wiring(
        clock_hz=lambda: 150_000_000, pins_connected=lambda: True, now=lambda: 0,
        idle=lambda: pytest.fail("an interrupt-driven firmware does not wait in the receiver"),
        interrupts_changed=lambda: changes.append(1), report=lambda _: None,
    )  # fmt: skip
    uart = rp2350.Uart(Wire(b"ab"), 115_200, wiring)
    uart.store(0x30, 0x301)
    uart.serve()
    assert not uart.is_interrupting()
    uart.store(0x38, 0x50)
    assert changes
    uart.serve()
    assert uart.is_interrupting()
    assert uart.load(0x40) == 0x50
    assert bytes([uart.load(0x00), uart.load(0x00)]) == b"ab"
    assert not uart.is_interrupting()
    for _ in range(100):
        assert uart.load(0x18) & 0x10
