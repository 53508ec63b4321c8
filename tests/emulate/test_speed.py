"""How fast the emulated Pico is, in processor time: other work on the machine does not count."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from emulate.thumb_programs import COUNTERS, assemble, flash_image, machine

pytestmark = pytest.mark.emulator

# What a convolution's inner loop is made of, and a store each round: 31 cycles a block.
COMPUTE = """
    ldr r4, =0x20000000
    ldr r5, =0x20008000
    ldr r7, ={rounds}
1:  ldrb r0, [r4]
    ldrb r1, [r5]
    muls r0, r1, r0
    adds r2, r2, r0
    ldrb r0, [r4, #1]
    ldrb r1, [r5, #1]
    muls r0, r1, r0
    adds r2, r2, r0
    ldrb r0, [r4, #2]
    ldrb r1, [r5, #2]
    muls r0, r1, r0
    adds r2, r2, r0
    ldrb r0, [r4, #3]
    ldrb r1, [r5, #3]
    muls r0, r1, r0
    adds r2, r2, r0
    str r2, [r5, #4]
    nop
    nop
    subs r7, #1
    bne 1b
    reset
"""
CYCLES_PER_ROUND = 4 * (2 + 2 + 1 + 1) + 2 + 1 + 1 + 1 + 2


@pytest.mark.parametrize(
    ("counter", "rounds", "wanted_mhz"), [("python", 300_000, 30), ("native", 3_000_000, 200)]
)
def test_it_is_fast_enough(tmp_path: Path, counter: str, rounds: int, wanted_mhz: int) -> None:
    image = flash_image(assemble(COMPUTE.format(rounds=rounds)))
    board = machine(tmp_path, image, counting=COUNTERS[counter])
    started = time.thread_time()
    board.run()
    took_s = time.thread_time() - started
    assert abs(board.counter.cycles - rounds * CYCLES_PER_ROUND) < 200
    assert board.counter.cycles / took_s / 1e6 > wanted_mhz
