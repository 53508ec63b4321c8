"""Weights of a fully connected layer in twins, as ek_fully_connected_s8_twins_dsp.h takes them.

The weights a and b of two outputs for one input are an int16, a + 256 * b, in two bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

QUAD = 4
"""Inputs that one word of activations holds."""
_LARGEST = 1 << 23
"""A sum comes out of 32 bits from the eighth on."""
_INPUTS = (0, 2), (1, 3)
"""A quad's inputs in the order in which SXTB16 takes them out of a word."""

Rows = npt.NDArray[np.int64]
"""[outputs, inputs]"""


@dataclass(frozen=True, slots=True, eq=False)
class Twins:
    """Weights as the kernel takes them, and how many quads of inputs it may sum up at once."""

    packed: npt.NDArray[np.int8]
    run: int


def twins(weights: npt.NDArray[np.int8]) -> Twins | None:
    """The weights [outputs, inputs] int8 in fours of outputs, then two, then one; None where no
    int16 holds two of them, as a is negative and b -128."""
    rows = np.pad(weights.astype(np.int64), ((0, 0), (0, -weights.shape[1] % QUAD)))
    fours, two = len(rows) // QUAD * QUAD, len(rows) // 2 * 2
    blocks = rows[:fours].reshape(-1, QUAD, rows.shape[1])
    pieces = [_packed(block) for block in blocks]
    pieces += [_packed(rows[fours:two])] if two > fours else []
    if any(piece.min(initial=0) < -128 for piece in pieces):
        return None
    pieces += [rows[two:].reshape(-1)]
    return Twins(np.concatenate(pieces).astype(np.int8), _run(rows))


def _packed(block: Rows) -> Rows:
    """[2 or 4, inputs] as one row of bytes; less than -128 where a byte does not hold it."""
    even, odd = block[::2], block[1::2] - (block[::2] < 0)
    both = np.stack([even, odd], axis=-1)  # [pairs of twins, inputs, 2]
    quads = both.reshape(len(even), -1, QUAD, 2)[:, :, _INPUTS, :]
    # From [twins, quad, word, input, 2] to the order in which words are met.
    return np.asarray(quads.transpose(1, 2, 0, 3, 4).reshape(-1))


def _run(rows: Rows) -> int:
    """Quads after which the largest sum that any inputs give is still below 2^23."""
    quads = 128 * np.abs(rows).reshape(len(rows), -1, QUAD).sum(axis=2).max(axis=0, initial=1)
    longest = len(quads)
    while longest > 1 and _largest(quads, longest) >= _LARGEST:
        longest = -(-longest // 2)
    return longest


def _largest(quads: npt.NDArray[np.int64], run: int) -> int:
    return int(np.add.reduceat(quads, np.arange(0, len(quads), run)).max())
