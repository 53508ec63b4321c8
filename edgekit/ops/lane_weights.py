"""Weights of a fully connected layer in lanes, as ek_lanes_dense_m0plus.h takes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgekit.ops.weight_blocks import BLOCK, Rows, blocks_of, longest_run, packed


@dataclass(frozen=True, slots=True, eq=False)
class Lanes:
    """Weights as the kernel takes them, and after how many inputs lanes are emptied."""

    packed: npt.NDArray[np.int8]
    run: int

    def bytes_of(self, inputs: int) -> int:
        """What a row of so many inputs takes, with the starts of runs."""
        return 4 * (-(-inputs // BLOCK) * BLOCK * (self.run + 2) // self.run)


def lanes(rows: Rows) -> Lanes | None:
    """Rows of weights in fours, then two, then one; None where two of -128 side by side would leave
    their lane."""
    fours, two = len(rows) // BLOCK * BLOCK, len(rows) // 2 * 2
    blocks, last = blocks_of(rows[:two], 1), rows[two:].reshape(-1)
    run = longest_run(blocks.reshape(-1, blocks.shape[2]))
    if run == 0:
        return None
    whole = packed(blocks[: fours // BLOCK])
    left = _packed_two(blocks[-1, :2]) if two > fours else whole[:0]
    return Lanes(np.concatenate([whole, left, last.astype(np.int8)]), run)


def _packed_two(rows: Rows) -> npt.NDArray[np.int8]:
    """Words of two inputs 0, 1 of outputs a, b: a0 a1 b0 b1, each with its top bit turned."""
    words = rows.reshape(2, -1, 2).transpose(1, 0, 2)
    return np.asarray((words ^ -128).astype(np.int8).reshape(-1))
