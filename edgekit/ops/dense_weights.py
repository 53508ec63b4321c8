"""Weights of a fully connected layer as ek_dense_m0plus.h takes them.

Four outputs share a word for each input, and their sums are told apart where none leaves 24 bits:
in long rows of large weights, piece by piece. One or two outputs that are left share words of four
inputs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgekit.ops.weight_blocks import BLOCK, Rows

Bytes = npt.NDArray[np.uint8]

_OFFSET = 128
"""Of weights in words that are never taken apart."""
_LARGEST_SUM = (1 << 23) - 1
_LARGEST_INPUT, _LARGEST_WEIGHT = 128, 128
_PIECE = _LARGEST_SUM // (_LARGEST_INPUT * _LARGEST_WEIGHT) // BLOCK * BLOCK
"""Inputs that any weights may have."""
_WIDE = 512
"""Inputs of a lone output that are worth two bytes for each weight."""
_START = -(1 << 15)
"""Times a weight: takes 128 off its input, in units of 2^-8."""


@dataclass(frozen=True, slots=True, eq=False)
class DenseWeights:
    """Weights as the kernel takes them; after how many inputs the sums of four outputs are told
    apart; whether those of one or two that are left lie in halves of words, those of a lone output
    in words instead; whether those of two are pairs instead."""

    packed: npt.NDArray[np.int8]
    piece: int
    halved: bool
    wide: bool
    paired: bool

    def bytes_of(self, inputs: int) -> int:
        """What a row of so many inputs takes, with the starts of pieces."""
        return 4 * (-(-inputs // BLOCK) * BLOCK + -(-inputs // self.piece))


def dense_weights(rows: Rows, *, halves: bool) -> DenseWeights:
    """Rows of weights [outputs, inputs] in fours, then two, then one; `halves` says whether the
    kernel has a use for those, and for pairs."""
    inputs = rows.shape[1]
    rows = np.pad(rows, ((0, 0), (0, -inputs % BLOCK)))
    fours, two = len(rows) // BLOCK * BLOCK, len(rows) // 2 * 2
    whole, left = rows[:fours], [part for part in (rows[fours:two], rows[two:]) if len(part)]
    piece = rows.shape[1] if _holds(whole) else _PIECE
    paired = halves and len(whole) > BLOCK and piece >= inputs and _pairs_hold(rows[fours:two])
    halved = halves and all(map(_halves_hold, left))
    wide = halved and len(rows) == 1 and inputs <= _WIDE
    parts = [_in_fours(whole)]
    for part in left:
        if paired and len(part) == 2:
            parts.append(_in_pairs(part))
        else:
            parts.append(_left(part, halved, wide=wide))
    return DenseWeights(np.concatenate(parts).view(np.int8), piece, halved, wide, paired)


def _in_fours(rows: Rows) -> Bytes:
    """For each four outputs, words of an input."""
    blocks = rows.reshape(-1, BLOCK, rows.shape[1]).transpose(0, 2, 1)
    return np.asarray((blocks + _OFFSET).astype(np.uint8).reshape(-1))


def _in_pairs(two: Rows) -> Bytes:
    """Words of two inputs, both outputs of each side by side."""
    return np.asarray((two.T + _OFFSET).astype(np.uint8).reshape(-1))


def _holds(rows: Rows) -> bool:
    """Whether no sum leaves 24 bits, whatever comes in."""
    return bool((_LARGEST_INPUT * np.abs(rows).sum(axis=1) <= _LARGEST_SUM).all())


def _pairs_hold(two: Rows) -> bool:
    """Whether there are two rows, that even stay within 24 bits with what is added to weights."""
    return len(two) == 2 and _holds(two) and _holds(two[:, ::2] + _OFFSET)


def _halves(rows: Rows) -> Rows:
    """[outputs, pairs of inputs]: w1 - 2^8 w0."""
    return np.asarray(rows[:, 1::2] - (rows[:, ::2] << 8))


def _halves_hold(rows: Rows) -> bool:
    halves = _halves(rows)
    return _holds(rows) and bool((halves == halves.astype(np.int16)).all())


def _left(rows: Rows, halved: bool, *, wide: bool) -> Bytes:
    """As they are; or what sums start at, then words of two halves, the outputs side by side, or
    words for each."""
    if not halved:
        return np.asarray(rows.astype(np.uint8).reshape(-1))
    starts = (_START * rows.sum(axis=1)).astype("<i4").view(np.uint8)
    words = _halves(rows).reshape(len(rows), -1, 2).transpose(1, 0, 2).reshape(-1)
    return np.concatenate([starts, words.astype("<i4" if wide else "<i2").view(np.uint8)])
