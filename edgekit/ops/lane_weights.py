"""Weights of a fully connected layer in lanes, as ek_fully_connected_s8_m0plus.h takes them.

Lanes are emptied after four inputs, or after two. Where the products of four could leave a lane,
weights are made smaller, and what that leaves out is added on its own. Normally distributed weights
want that in a few runs of a hundred; where it would be often, runs are of two, which only -128 can
leave.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgekit.ops.weight_blocks import BLOCK, Rows, packed

MOST_INPUTS = 1 << 16
"""Numbers of inputs are kept in 16 bits."""
_RUNS = (4, 2)
_OFTEN = 0.15
"""Of runs: from here on shorter ones cost less."""
_LOWEST, _HIGHEST = -(1 << 15), (1 << 15) - 1
"""What a lane holds."""
_INPUT_LOWEST, _INPUT_HIGHEST = -128, 127


@dataclass(frozen=True, slots=True, eq=False)
class Lanes:
    """Weights as the kernel takes them, after how many inputs lanes are emptied, and whether there
    is anything to add."""

    packed: npt.NDArray[np.int8]
    run: int
    rests: bool

    def bytes_of(self, inputs: int) -> int:
        """What a row of so many inputs takes, with the starts of runs."""
        return 4 * (-(-inputs // BLOCK) * BLOCK * (self.run + 2) // self.run)


def lanes(rows: Rows) -> Lanes:
    """Rows of weights [outputs, inputs] in fours, then two, then one."""
    fours, two = len(rows) // BLOCK * BLOCK, len(rows) // 2 * 2
    blocks, last = _in_fours(rows[:two]), rows[two:].reshape(-1)
    for run in _RUNS:
        smaller = _made_to_fit(blocks, run)
        rests = blocks - smaller
        if np.count_nonzero(rests) <= _OFTEN * rests.size / run:
            break
    whole = packed(list(smaller[: fours // BLOCK]))
    left = _packed_two(smaller[-1, :2]) if two > fours else whole[:0]
    more = _listed(rests) if rests.any() else whole[:0]
    last = np.pad(last, (0, -len(last) % BLOCK)).astype(np.int8)
    return Lanes(np.concatenate([whole, left, last, more]), run, bool(rests.any()))


def _in_fours(rows: Rows) -> Rows:
    """[blocks, 4, inputs], filled up with zeros behind both rows and inputs."""
    filled = np.pad(rows, [(0, -count % BLOCK) for count in rows.shape])
    return filled.reshape(-1, BLOCK, filled.shape[1])


def _made_to_fit(blocks: Rows, run: int) -> Rows:
    """The nearest weights that no inputs make leave their lane: in each run the largest are smaller
    by what is too much."""
    found = blocks.reshape(-1, run).copy()
    while True:
        lowest = np.where(found > 0, _INPUT_LOWEST, _INPUT_HIGHEST) * found
        highest = np.where(found > 0, _INPUT_HIGHEST, _INPUT_LOWEST) * found
        beyond = np.maximum(_LOWEST - lowest.sum(axis=1), highest.sum(axis=1) - _HIGHEST)
        (wrong,) = np.nonzero(beyond > 0)
        if not len(wrong):
            return found.reshape(blocks.shape)
        places = np.abs(found[wrong]).argmax(axis=1)
        largest = found[wrong, places]
        less = np.minimum(-(-beyond[wrong] // _INPUT_HIGHEST), np.abs(largest))
        found[wrong, places] -= np.sign(largest) * less


def _listed(rests: Rows) -> npt.NDArray[np.int8]:
    """For each block how many there are, then each in a word: its input, its output in the block
    times 2^16, its value times 2^24."""
    words: list[int] = []
    for block in rests:
        outputs, inputs = np.nonzero(block)
        values = block[outputs, inputs]
        words += [len(values), *(inputs + (outputs << 16) + (values % 256 << 24)).tolist()]
    return np.array(words, np.uint32).astype("<u4").view(np.int8)


def _packed_two(rows: Rows) -> npt.NDArray[np.int8]:
    """Words of two inputs 0, 1 of outputs a, b: a0 a1 b0 b1, each with its top bit turned."""
    words = rows.reshape(2, -1, 2).transpose(1, 0, 2)
    return np.asarray((words ^ -128).astype(np.int8).reshape(-1))
