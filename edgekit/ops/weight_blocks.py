"""Weights in blocks of four output channels, as ek_conv_2d_s8_m0plus.h takes them: two in a word.

A word (a << 16) + b times an input gives both products at once. Sums of a few such words stay exact
in their halves; how many, the weights alone decide.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

BLOCK = 4
"""Output channels that are computed together."""
_TURNED = (0, 2, 1, 3)
"""The order of a block's channels in flash: ek_conv_2d_s8_m0plus.h."""
_RUNS = (4, 2)
"""How many products a half may sum up before it is emptied, the longest first."""

Rows = npt.NDArray[np.int64]
"""[channels, n]: a row of values for each channel."""


def blocks_of(rows: Rows, groups: int) -> Rows:
    """[blocks, 4, size]: rows in fours, each group filled up with rows of zeros; size is a multiple
    of 4."""
    per_group, size = len(rows) // groups, rows.shape[1]
    found = rows.reshape(groups, per_group, size)
    more = (0, 0), (0, -per_group % BLOCK), (0, -size % BLOCK)
    return np.pad(found, more).reshape(-1, BLOCK, size + -size % BLOCK)


def packed(blocks: Rows) -> npt.NDArray[np.int8]:
    """[blocks * size * 4] as the kernel takes them."""
    turned = blocks[:, _TURNED, :].transpose(0, 2, 1)
    return np.asarray((turned ^ -128).astype(np.int8).reshape(-1))


def runs_of(blocks: Rows) -> list[int]:
    """For each block the longest run in which no half of a word overflows, whatever comes in; 0
    where there is none: two weights of -128 side by side."""
    return [next((run for run in _RUNS if _holds(block, run)), 0) for block in blocks]


def _holds(block: Rows, run: int) -> bool:
    parts = block.reshape(BLOCK, -1, run)
    lowest = np.minimum(-128 * parts, 127 * parts).sum(axis=2).min()
    highest = np.maximum(-128 * parts, 127 * parts).sum(axis=2).max()
    return bool(lowest >= -(1 << 15) and highest < 1 << 15)


def by_block(values: Rows, groups: int) -> Rows:
    """[channels, n] filled up in each group like the blocks, flat."""
    per_group = len(values) // groups
    found = values.reshape(groups, per_group, -1)
    return np.pad(found, ((0, 0), (0, -per_group % BLOCK), (0, 0))).reshape(-1)
