"""The Pico's firmware on the emulated Pico: startup, counters, faults, resets."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np
import pytest
from support import tiny_model

from edgekit import artifacts, boards, emulate
from edgekit.artifacts import Firmware
from edgekit.build import firmware
from edgekit.errors import BoardCrashedError
from edgekit.link import Link, open_link
from edgekit.link.client import Client
from edgekit.protocol import frames
from edgekit.protocol.requests import ResetKind

pytestmark = pytest.mark.emulator

PICO = boards.load("pico")
# What the first input byte makes a step do.
STEP_C = """
if (step == 1U && arena[0] == 101) { (void)*(volatile uint32_t *)0xF0000000U; }
if (step == 1U && arena[0] == 102) { dive(1); }
if (step == 1U && arena[0] == 103) { wait(); }
if (step == 1U && arena[0] == 104) { for (;;) { } }
if (step == 1U && arena[0] == 105) { ek_run_shares(hang, 0); }
"""
WAIT_LOOPS = 20_000_000  # 60 million cycles: more than three times what SysTick counts to
EXTRA_C = (
    f"#define WAIT_LOOPS {WAIT_LOOPS}U"
    + """
#include "ek_cores.h"
static void hang(const void *task, uint32_t core, uint32_t cores)
{
    (void)task; (void)cores;
    while (core == 1U) { }
}
static volatile uint32_t depth;
static uint32_t dive(uint32_t level)
{
    volatile uint32_t frame[64];
    depth = frame[level % 64U] = level;
    return level == 0U ? 0U : dive(level + 1U) + frame[level % 64U];
}
static void wait(void)
{
    uint32_t left = WAIT_LOOPS; /* in assembly: compilers count in different ways */
    __asm volatile(".syntax unified\\n1: subs %0, #1\\n bne 1b" : "+l"(left) : : "cc");
}
"""
)
NORMAL, BAD_ADDRESS, OVERFLOW, LONG, HANG, HANG_CORE_1 = 0, 101, 102, 103, 104, 105
Start = Callable[[], AbstractContextManager[Client]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pico")
    compiled = tiny_model.write(folder, extra_c=EXTRA_C, step_c=STEP_C)
    firmware.build(compiled, folder, PICO, folder)
    return folder


@pytest.fixture
def start(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    image = emulate.flash_image(PICO)
    image.parent.mkdir(parents=True, exist_ok=True)
    image.write_bytes((built / "firmware.bin").read_bytes())

    @contextmanager
    def running() -> Iterator[Client]:
        with emulate.start(PICO) as board, open_link(board.port) as link:
            yield Client(link)

    return running


def _input(first: int) -> bytes:
    """An input whose first byte is `first` when step 1 sees it: step 0 makes x * 3 + 0 of x."""
    x = tiny_model.random_input().view("uint8").copy()
    x[0] = first * pow(3, -1, 256) % 256
    return x.tobytes()


def test_inferences_are_right_and_the_counters_plausible(start: Start, built: Path) -> None:
    made = artifacts.load(Firmware, built / "firmware.json")
    with start() as client:
        for seed in range(3):
            x = tiny_model.random_input(seed)
            found = client.infer(x.tobytes(), profile=True)
            assert found.output == tiny_model.run(x)[-1].tobytes()
        memory = client.memory()
        again = client.infer(x.tobytes())
    # Two steps of 1200 and one of 600 elements, some ten cycles each.
    assert 3000 * 4 < again.cycles < 3000 * 40
    assert 0 < found.cycles - again.cycles < 3 * 300  # reading the counter twice a step
    assert memory.static_bytes == made.ram_bytes
    assert memory.stack_bytes == made.stack_reserved_bytes
    assert 64 < memory.stack_used_bytes < 1024


def test_cycles_are_counted_across_wraps_of_systick(start: Start) -> None:
    with start() as client:
        idle = client.infer(_input(NORMAL)).cycles
        cycles = client.infer(_input(LONG)).cycles - idle
    assert cycles > 3 * (1 << 24)
    assert abs(cycles - 3 * WAIT_LOOPS) < 100  # SUBS 1, BNE taken 2; and the call


@pytest.mark.parametrize("what", [BAD_ADDRESS, OVERFLOW])
def test_a_fault_is_reported_and_the_board_comes_back(start: Start, what: int) -> None:
    x = tiny_model.random_input()
    with start() as client:
        boot = client.hello().boot
        with pytest.raises(BoardCrashedError, match="gave up in step 1 of the model") as caught:
            client.infer(_input(what))
        assert client.hello().boot != boot
        assert client.infer(x.tobytes()).output == tiny_model.run(x)[-1].tobytes()
    # A stack that overflowed has no room for the registers.
    places = re.findall(r"at pc 0x1[0-9a-f]{7}, lr 0x[0-9a-f]{8}", caught.value.message)
    assert len(places) == (what == BAD_ADDRESS)


@pytest.mark.parametrize("what", [HANG, HANG_CORE_1])
def test_a_hang_is_ended_by_the_watchdog_and_named(start: Start, what: int) -> None:
    x = tiny_model.random_input()
    with start() as client:
        boot = client.hello().boot
        with pytest.raises(BoardCrashedError, match="watchdog: the firmware hung in step 1"):
            client.infer(_input(what))
        assert client.hello().boot != boot
        assert client.infer(x.tobytes()).output == tiny_model.run(x)[-1].tobytes()


def test_a_hang_is_told_on_the_serial_line(start: Start) -> None:
    with emulate.start(PICO) as board, open_link(board.port) as link:
        client = Client(link)
        client.hello()
        _command(link, "db load 1")
        _command(link, f"db {_input(HANG)[:1].hex()}")
        told = _command(link, "infer 1 0")
        assert "e-[The watchdog restarted the board in step 1]" in told
        assert told[-4].startswith("m-timestamp-mode-performance")
        client.reset()
        link.read(0.5)
        assert _command(link, "name") == ["m-name-dut-[edgekit]", "m-ready"]


def test_a_restart_starts_anew(start: Start) -> None:
    x = tiny_model.random_input()
    with start() as client:
        boots = [client.hello().boot]
        for _ in range(2):
            client.reset()
            boots.append(client.hello().boot)
        assert len(set(boots)) == 3
        assert client.infer(x.tobytes()).output == tiny_model.run(x)[-1].tobytes()


def test_the_bootloader_is_entered_through_the_boot_rom(built: Path, start: Start) -> None:
    with emulate.start(PICO) as board, open_link(board.port) as link:
        client = Client(link)
        client.hello()
        client.reset(ResetKind.BOOTLOADER)
        deadline = time.monotonic() + 10
        while not board.in_bootloader:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def _noise(source: random.Random) -> bytes:
    """Something that a line may bring: noise, frames right and wrong, commands; no RESET."""
    kind, some = source.randrange(4), source.randbytes(source.choice([1, 4, 9, 40, 486]))
    if kind == 0:
        return some
    if kind == 1:
        return frames.encode(bytes([source.choice([1, 2, 3, 4, 5, 6, 8, 9, 10, 11])]) + some)
    if kind == 2:
        return f"{source.choice(['name', 'db load 9', 'infer x', 'results'])}%".encode()
    return f"db {some.hex()}%".encode()


@pytest.mark.slow  # test_server.py and test_text.py do this under sanitizers, on this machine
def test_whatever_comes_the_board_goes_on(start: Start) -> None:
    source = random.Random(3)
    x = tiny_model.random_input()
    with emulate.start(PICO) as board, open_link(board.port) as link:
        client = Client(link)
        client.hello()
        for _ in range(600):
            noise = _noise(source)
            if not any(payload[0] == 7 for payload in frames.Decoder().feed(noise + b"\0")):
                link.write(noise)
            link.read(0)
        link.write(b"\0")
        while link.read(2):
            pass
        assert client.infer(x.tobytes()).output == tiny_model.run(x)[-1].tobytes()
        seen = board.statistics()
    assert (seen.resets, seen.faults, seen.notes) == (1, (), ())


def _command(link: Link, command: str) -> list[str]:
    """The lines of a text command's reply."""
    link.write(f"{command}%".encode())
    told = b""
    while not told.endswith(b"m-ready\r\n"):
        part = link.read(10)
        assert part, told
        told += part
    return told.decode().splitlines()


def test_the_benchmarks_text_commands_are_served_by_the_same_firmware(start: Start) -> None:
    x = tiny_model.random_input(4)
    hexes = [x.tobytes()[at : at + 31].hex() for at in range(0, x.size, 31)]
    with emulate.start(PICO) as board, open_link(board.port) as link:
        client = Client(link)
        client.hello()  # frames first: the banner is out of the way
        assert _command(link, "name") == ["m-name-dut-[edgekit]", "m-ready"]
        assert _command(link, f"db load {x.size}")[0] == f"m-[Expecting {x.size} bytes]"
        *_, loaded = [_command(link, f"db {part}") for part in hexes]
        assert loaded == ["m-load-done", "m-ready"]
        *_, start_us, end_us, done, results, ready = _command(link, "infer 5 1")
        cycles = client.infer(x.tobytes()).cycles
    values = 0.25 * (tiny_model.run(x)[-1].astype(np.float32) - 7)
    assert results == f"m-results-[{','.join(f'{value:.3f}' for value in values)}]"
    assert (done, ready) == ("m-infer-done", "m-ready")
    took_us = int(end_us.removeprefix("m-lap-us-")) - int(start_us.removeprefix("m-lap-us-"))
    # Five runs, and the CRC-32 of each run's 600 bytes of output at some 20 cycles a byte.
    assert 5 * cycles < took_us * 125 < 5 * (cycles + 600 * 30)


def test_a_fault_in_a_text_command_is_answered_in_text(start: Start) -> None:
    with emulate.start(PICO) as board, open_link(board.port) as link:
        Client(link).hello()
        _command(link, "db load 1")
        _command(link, f"db {_input(BAD_ADDRESS)[:1].hex()}")
        told = _command(link, "infer 1 0")
    (address,) = re.findall(r"e-\[The processor gave up in step 1, pc 0x(\w+)", "\n".join(told))
    assert int(address, 16) > PICO.memory.flash.base
