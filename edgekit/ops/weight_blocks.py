"""Weights in blocks of output channels, as ek_conv_2d_s8_m0plus.h takes them: two in a word.

A word (a << 16) + b times an input gives both products at once. Sums of a few such words stay exact
in their halves; how many, the weights alone decide.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

BLOCK = 4
"""Output channels that are computed together."""
_TURNED = [0, 2, 1, 3]
"""The order of four channels in flash: ek_conv_2d_s8_m0plus.h."""
_RUNS = (4, 2, 1)
"""How many products a half may sum up before it is emptied, the longest first; not even two where
weights of -128 lie side by side, of which TFLite's converter makes none."""

Rows = npt.NDArray[np.int64]
"""[channels, n]: a row of values for each channel."""


def blocks_of(rows: Rows, groups: int) -> list[Rows]:
    """Each [width, size]: the rows of a group in fours. Three that are left over are filled up with
    a row of zeros before them, two and one are blocks of that width; size is a multiple of 4."""
    rows = np.pad(rows, ((0, 0), (0, -rows.shape[1] % BLOCK)))
    return [
        np.pad(block, ((int(len(block) == BLOCK - 1), 0), (0, 0)))
        for group in np.split(rows, groups)
        for block in np.split(group, range(BLOCK, len(group), BLOCK))
    ]


def packed(blocks: Sequence[Rows]) -> npt.NDArray[np.int8]:
    """All [width, size] as the kernel takes them, flat."""
    return np.concatenate([np.zeros(0, np.int8), *map(_packed, blocks)])


def _packed(block: Rows) -> npt.NDArray[np.int8]:
    turned = block[_TURNED, :] ^ -128 if len(block) == BLOCK else block
    return np.asarray(turned.T.astype(np.int8).reshape(-1))


def runs_of(blocks: Sequence[Rows]) -> list[int]:
    """For each block the longest run in which no half of a word overflows, whatever comes in."""
    return [next(run for run in _RUNS if _holds(block, run)) for block in blocks]


def _holds(block: Rows, run: int) -> bool:
    if len(block) == 1:  # not in halves
        return True
    parts = block.reshape(len(block), -1, run)
    lowest = np.minimum(-128 * parts, 127 * parts).sum(axis=2).min()
    highest = np.maximum(-128 * parts, 127 * parts).sum(axis=2).max()
    return bool(lowest >= -(1 << 15) and highest < 1 << 15)
