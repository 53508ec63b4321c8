"""The peripherals as a program sees them, and as the datasheet has them."""

from __future__ import annotations

from pathlib import Path

import pytest
from emulate.thumb_programs import Wire, assemble, flash_image, machine, run, words
from hypothesis import given
from hypothesis import strategies as st

from edgekit.emulate.unicorn.machine import Machine, Stop
from edgekit.emulate.unicorn.moment import Ticks
from edgekit.emulate.unicorn.peripherals.sio import Fifo, Shared, Sio
from edgekit.emulate.unicorn.peripherals.ssi import Ssi
from edgekit.emulate.unicorn.peripherals.systick import SysTick

pytestmark = pytest.mark.emulator

SCRATCH = 0x4005_8010  # a watchdog register that is plain memory
RESETS = 0x4000_C000
CLK_SYS, CLK_REF = 0x4000_803C, 0x4000_8030


@pytest.fixture
def board(tmp_path: Path) -> Machine:
    return machine(tmp_path, b"")


def test_aliases_toggle_set_and_clear(board: Machine) -> None:
    bus = board.chip.bus
    bus.write(SCRATCH, 4, 0b1100)
    bus.write(SCRATCH + 0x1000, 4, 0b1010)
    assert bus.read(SCRATCH, 4) == 0b0110
    bus.write(SCRATCH + 0x2000, 4, 0b1001)
    assert bus.read(SCRATCH + 0x1000, 4) == 0b1111
    bus.write(SCRATCH + 0x3000, 4, 0b0101)
    assert bus.read(SCRATCH + 0x3000, 4) == 0b1010


def test_narrow_writes_reach_all_lanes_and_narrow_reads_take_one(board: Machine) -> None:
    bus = board.chip.bus
    bus.write(SCRATCH + 1, 1, 0xA5)
    assert bus.read(SCRATCH, 4) == 0xA5A5_A5A5
    bus.write(SCRATCH, 2, 0x1234)
    assert bus.read(SCRATCH, 4) == 0x1234_1234
    assert (bus.read(SCRATCH + 1, 1), bus.read(SCRATCH + 2, 2)) == (0x12, 0x1234)


def test_unknown_registers_are_told_once_and_harmless(board: Machine) -> None:
    for _ in range(3):
        assert board.chip.bus.read(0x4003_C008, 4) == 0
        board.chip.bus.write(0x4005_8FF0, 4, 7)
    (first, second) = board.log.notes
    assert "0x4003c008" in first
    assert "WATCHDOG + 0xff0" in second


def test_a_peripheral_held_in_reset_takes_nothing(board: Machine) -> None:
    bus = board.chip.bus
    bus.write(0x4003_4024, 4, 67)
    assert bus.read(0x4003_4024, 4) == 0
    bus.write(RESETS + 0x3000, 4, 1 << 22)
    assert bus.read(RESETS + 8, 4) >> 22 & 1
    bus.write(0x4003_4024, 4, 67)
    assert bus.read(0x4003_4024, 4) == 67
    assert any("UART0 was written while held in reset" in note for note in board.log.notes)


def test_clocks_follow_oscillators_plls_and_dividers(board: Machine) -> None:
    bus, clocks = board.chip.bus, board.chip.clocks
    assert clocks.sys_hz == 6_500_000
    bus.write(0x4002_4000, 4, 0x00FA_BAA0)
    bus.write(CLK_REF, 4, 2)
    assert (clocks.ref_hz, clocks.sys_hz) == (12_000_000, 12_000_000)
    bus.write(RESETS + 0x3000, 4, 1 << 12)
    bus.write(0x4002_8008, 4, 125)
    assert not bus.read(0x4002_8000, 4) >> 31
    bus.write(0x4002_8004 + 0x3000, 4, 0x21)
    assert bus.read(0x4002_8000, 4) >> 31
    bus.write(0x4002_800C, 4, 6 << 16 | 2 << 12)
    bus.write(0x4002_8004 + 0x3000, 4, 0x08)
    bus.write(CLK_SYS, 4, 1)
    assert clocks.sys_hz == 125_000_000
    bus.write(CLK_SYS + 4, 4, 0x280)
    assert clocks.sys_hz == 50_000_000
    assert not board.log.notes


def test_a_clock_without_a_source_is_told(board: Machine) -> None:
    board.chip.bus.write(CLK_SYS, 4, 1)
    assert board.chip.clocks.sys_hz > 0
    assert any("clk_sys was switched to a source that does not run" in n for n in board.log.notes)


def test_the_timer_counts_microseconds_of_the_crystal(board: Machine) -> None:
    bus = board.chip.bus
    bus.write(RESETS + 0x3000, 4, 1 << 21)
    board.counter.add(1_000_000)
    assert bus.read(0x4005_4028, 4) == 0  # nobody has set up the tick
    bus.write(0x4002_4000, 4, 0x00FA_BAA0)
    bus.write(CLK_REF, 4, 2)
    bus.write(0x4005_802C, 4, 12 | 1 << 9)
    before = bus.read(0x4005_400C, 4)
    board.counter.add(12_000_000 * 3)
    assert bus.read(0x4005_400C, 4) - before in (3_000_000, 3_000_001)
    board.counter.add(12 << 32)
    assert bus.read(0x4005_4008, 4) == 0  # TIMEHR stays as TIMELR latched it
    assert bus.read(0x4005_4024, 4) == 1


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**6)), max_size=8))
def test_ticks_never_go_back(changes: list[tuple[int, int]]) -> None:
    ticks, now, last = Ticks(), 0, 0
    for step, hz in changes:
        now += step
        assert ticks.count(now) >= last
        ticks.set_rate(now, hz, 1_000_000)
        last = ticks.count(now)


def _stepped(reload: int, clear_at: int, cycles: int) -> tuple[int, bool]:
    """SysTick, one cycle after the other."""
    count, flag = 0, False
    for cycle in range(cycles):
        if cycle == clear_at:
            count, flag = 0, False
        before = count
        count = reload if count == 0 else count - 1
        flag = flag or (before == 1 and count == 0)
    return count, flag


@given(st.integers(1, 20), st.integers(0, 50), st.integers(0, 200))
def test_systick_is_as_one_that_counts_step_by_step(reload: int, clear: int, cycles: int) -> None:
    systick = SysTick()
    systick.set_reload(0, reload)
    systick.set_running(0, True)
    if clear < cycles:
        systick.clear(clear)
    count, flag = _stepped(reload, clear, cycles)
    assert systick.count(cycles) == count
    assert systick.take_flag(cycles) == flag
    assert not systick.take_flag(cycles)


def test_systick_keeps_its_count_when_stopped_or_given_another_reload() -> None:
    systick = SysTick()
    systick.set_reload(0, 100)
    systick.set_running(0, True)
    systick.set_running(11, False)
    assert systick.count(500) == 90
    systick.set_reload(500, 3)
    systick.set_running(500, True)
    assert [systick.count(500 + cycles) for cycles in (0, 90, 91, 94, 95)] == [90, 0, 3, 0, 3]


def _sio(core: int = 0, shared: Shared | None = None) -> Sio:
    shared = shared or Shared(Fifo(8), Fifo(8), set())
    return Sio(
        core, shared, lambda: 100, sent=lambda word: shared.outbox.push(100, word),
        emptied=lambda: None,
    )  # fmt: skip


def test_cores_send_words_to_one_another_in_order() -> None:
    there, back, locks = Fifo(8), Fifo(8), set[int]()
    first, second = _sio(0, Shared(back, there, locks)), _sio(1, Shared(there, back, locks))
    assert [first.load(0), second.load(0)] == [0, 1]
    assert second.load(0x50) == 0b10  # nothing to read, room to write
    for word in range(10):
        first.store(0x54, word)
    assert first.load(0x50) == 0b100  # two words were lost
    assert second.load(0x50) == 0b11
    assert [second.load(0x58) for _ in range(9)] == [0, 1, 2, 3, 4, 5, 6, 7, 0]
    assert second.load(0x50) == 0b1010  # one was read that was not there
    second.store(0x50, 0)
    assert second.load(0x50) == 0b10


def test_a_word_is_not_there_before_it_was_sent() -> None:
    inbox = Fifo(8)
    inbox.push(101, 7)
    assert not _sio(0, Shared(inbox, Fifo(8), set())).load(0x50) & 1
    assert not inbox.has_word(100)
    assert inbox.has_word(101)


def test_a_spinlock_is_taken_by_one_core() -> None:
    locks = set[int]()
    first, second = (_sio(core, Shared(Fifo(8), Fifo(8), locks)) for core in (0, 1))
    assert [first.load(0x17C), second.load(0x17C)] == [1 << 31, 0]
    first.store(0x17C, 0)
    assert second.load(0x17C) == 1 << 31


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_the_divider_rounds_toward_zero(dividend: int, divisor: int) -> None:
    sio = _sio()
    sio.store(0x60, dividend)
    sio.store(0x64, divisor)
    expected = divmod(dividend, divisor) if divisor else (2**32 - 1, dividend)
    assert (sio.load(0x70), sio.load(0x74)) == expected
    sio.store(0x6C, divisor)
    sio.store(0x68, dividend)
    signed = [word - (word >> 31 << 32) for word in (dividend, divisor)]
    if signed[1]:
        quotient, remainder = int(sio.load(0x70)), sio.load(0x74)
        remainder -= remainder >> 31 << 32
        assert (quotient * signed[1] + remainder - signed[0]) % 2**32 == 0
        assert abs(remainder) < abs(signed[1])
        assert remainder == 0 or (remainder < 0) == (signed[0] < 0)


def test_pins_are_set_cleared_and_toggled() -> None:
    sio = _sio()
    for offset, value in ((0x10, 0b1100), (0x14, 0b0001), (0x18, 0b0100), (0x1C, 0b1010)):
        sio.store(offset, value)
    assert sio.load(0x10) == 0b0011
    assert sio.load(0x20) == 0


def test_a_spinlock_is_taken_once() -> None:
    sio = _sio()
    assert [sio.load(0x104), sio.load(0x104)] == [2, 0]
    sio.store(0x104, 1)
    assert sio.load(0x104) == 2


def test_the_flash_chip_says_that_quad_is_enabled() -> None:
    ssi = Ssi()
    ssi.store(0x60, 0x35)
    ssi.store(0x60, 0x00)
    assert ssi.load(0x28) & 8
    assert [ssi.load(0x60), ssi.load(0x60)] == [0xFF, 0x02]
    assert not ssi.load(0x28) & 8


def test_the_watchdog_resets_keeps_scratch_and_says_why(tmp_path: Path) -> None:
    source = """
        set 0x4005800C, 0x1234
        set 0x40058000, 0x80000000
        b .
    """
    board = run(tmp_path, source)
    board.start()
    bus = board.chip.bus
    assert bus.read(0x4005_800C, 4) == 0x1234
    assert bus.read(0x4005_8008, 4) == 2


def test_a_watchdog_that_is_not_fed_resets(tmp_path: Path) -> None:
    """At 6.5 MHz after reset with 12 cycles a tick; 2 x 1000 counts make 1000 ticks."""
    source = """
        set 0x4005802C, 0x20C
        set 0x40058004, 2000
        set 0x4005A000, 0x40000000
        b .
    """
    board = run(tmp_path, source)
    assert board.chip.bus.read(0x4005_8008, 4) == 1


def test_uart_echoes_what_it_is_sent(tmp_path: Path) -> None:
    source = """
        uart_on
        ldr r4, =0x40034000
        movs r5, #16
    1:  ldr r0, [r4, #0x18]
        tst r0, r5
        bne 1b
        ldr r0, [r4]
        adds r0, #1
        str r0, [r4]
        cmp r0, #'.' + 1
        bne 1b
        reset
    """
    wire = Wire(b"HAL9.")
    board = run(tmp_path, source, wire=wire)
    assert wire.heard == b"IBM:/"
    assert not [note for note in board.log.notes if "UART0" in note]


def test_bytes_sent_without_the_pins_are_lost_and_told(tmp_path: Path) -> None:
    source = "uart_on; set 0x40014004, 31; set 0x40034000, 65; reset".replace("; ", "\n")
    wire = Wire()
    board = run(tmp_path, source, wire=wire)
    assert wire.heard == b""
    assert any("pin" in note for note in board.log.notes)


def test_a_wrong_baud_rate_is_told(tmp_path: Path) -> None:
    source = "uart_on; set 0x40034024, 60; set 0x40034030, 0x301; reset".replace("; ", "\n")
    board = run(tmp_path, source)
    assert any("baud, the board's is 115200" in note for note in board.log.notes)


def test_waiting_for_a_byte_waits_and_lets_time_pass(tmp_path: Path) -> None:
    source = """
        uart_on
        ldr r4, =0x40034000
        movs r5, #16
    1:  ldr r0, [r4, #0x18]
        tst r0, r5
        bne 1b
        reset
    """

    class Late(Wire):
        def wait(self, timeout_s: float) -> None:
            super().wait(timeout_s)
            self.incoming = b"x" if self.waits == 3 else b""

    wire = Late()
    board = machine(tmp_path, flash_image(assemble(source)), wire=wire)
    assert board.run() is Stop.RESET
    assert wire.waits == 3
    assert board.counter.instructions < 500


def test_the_rom_finds_its_functions(tmp_path: Path) -> None:
    source = """
        movs r4, #0
        ldrh r0, [r4, #0x14]
        ldr r1, =0x4255         @ 'U', 'B'
        ldrh r2, [r4, #0x18]
        blx r2
        mov r5, r0
        ldrh r0, [r4, #0x14]
        ldr r1, =0x5858
        ldrh r2, [r4, #0x18]
        blx r2
        ldr r1, =0x20000000
        stmia r1!, {r0, r5}
        reset
    """
    board = run(tmp_path, source)
    unknown, usb_boot = words(board, 2)
    assert unknown == 0
    assert usb_boot & 1
    assert board.read_memory(usb_boot & ~1, 2) == b"\xf0\xbe"
