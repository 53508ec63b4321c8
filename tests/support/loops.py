"""One layer for each loop that is written by hand, also for those that drawn layers rarely take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

from support.models import Value, constant, single_op

Int8 = npt.NDArray[np.int8]

_SOURCE_SCALE, _WEIGHT_SCALE = 0.5, 0.25
_NOISE, _SPREAD = 74.0, 50.0
"""Standard deviations: of uniform int8, and of the outputs that it is to give."""
_IMAGE = (5, 4)
_DEPTH = 4
_RELU = schema.ActivationFunctionType.RELU


@dataclass(frozen=True)
class Sweep:
    """Two groups of `width` output channels, whose sums are split after `run` products, and whose
    outputs are rounded by `sides` lines (ek_sweep_m0plus.h)."""

    width: int
    run: int
    sides: int

    def model(self) -> bytes:
        """A convolution, 3 x 3 with padding, that should be swept like that; with 0 sides, if no
        lines were found for it."""
        rng = np.random.default_rng(0)
        largest = 63 if self.run == 4 else 127
        weights = rng.integers(-largest, largest + 1, (2 * self.width, 3, 3, _DEPTH), np.int8)
        if self.run < 4:  # side by side, too large for a run of one more
            weights[:, 0, 0] = 127 if self.run == 2 else -128
        return convolution(weights, groups=2, clamped=self.sides == 1)


def sweeps() -> Iterator[Sweep]:
    """All of them; a channel alone has no halves to split."""
    for sides in (0, 1, 2):
        for width in (4, 3, 2, 1):
            for run in (4, 2, 1) if width > 1 else (4,):
                yield Sweep(width, run, sides)


def dot_products() -> list[bytes]:
    """Convolutions, 1 x 1, of 1, 2 and 4 outputs, and of groups of 1 and 2, of few quads of inputs
    and of many: ek_dot_dsp.h adds one, two, four, and fours in a loop."""
    rng = np.random.default_rng(1)
    return [
        convolution(rng.integers(-127, 128, (out_ch, 1, 1, 4 * quads), np.int8), groups)
        for out_ch, groups in ((1, 1), (2, 1), (4, 1), (2, 2), (4, 2))
        for quads in (1, 2, 4, 8, 9)
    ]


@dataclass(frozen=True)
class Dense:
    """A fully connected layer of `inputs` and `outputs`; largest weights only, or any. Rows of an
    odd length begin at any byte. A zero point of the inputs gives it a bias; `each` output may have
    a scale of its own, what is below 0 be cut off, and sums be so many times too large."""

    inputs: int
    outputs: int
    large: bool = False
    rows: int = 1
    zero_point: int = 0
    each: bool = False
    clamped: bool = False
    times: float = 1.0

    def model(self) -> bytes:
        """The layer."""
        rng = np.random.default_rng(2)
        shape = self.outputs, self.inputs
        weights = rng.integers(-127, 128, shape, np.int8)
        if self.large:
            weights = np.broadcast_to(np.resize([127, -127], self.outputs)[:, None], shape)
        spread = np.linspace(0.8, 1.2, self.outputs, dtype=np.float32)
        scales = {"scale": spread * np.float32(_WEIGHT_SCALE), "axis": 0}
        result = _result((self.rows, self.outputs), weights, clamped=self.clamped)
        return single_op(
            "FULLY_CONNECTED",
            [
                Value((self.rows, self.inputs), _SOURCE_SCALE, self.zero_point),
                constant(
                    weights.astype(np.int8),
                    **(scales if self.each else {"scale": _WEIGHT_SCALE}),
                ),
            ],
            replace(result, scale=result.scale / self.times),
            schema.FullyConnectedOptionsT(fusedActivationFunction=_RELU * self.clamped),
            version=5 if self.each else 4,
        )


def twins() -> list[Dense]:
    """4 outputs, and 1 or 2 of many inputs, which are widened where they are met, and 7, where once
    for all; of few quads and of many, of which sums beyond 24 bits are taken out on the way."""
    return [
        *(Dense(inputs, outputs) for outputs in (4, 7) for inputs in (4, 8, 16, 28, 256)),
        *(Dense(inputs, outputs) for outputs in (1, 2) for inputs in (516, 520, 528)),
        *(Dense(1104, outputs, large=True) for outputs in (1, 2, 4, 7)),
    ]


def pairs() -> list[Dense]:
    """1 and 2 outputs, whose weights are pairs: of few inputs and of more, of whole words of them
    and not."""
    return [
        Dense(inputs, outputs, rows=rows)
        for outputs in (1, 2)
        for inputs, rows in ((4, 1), (8, 1), (16, 1), (28, 3), (256, 1), (45, 4))
    ]


def vectors() -> list[Dense]:
    """Eight outputs of 1 to 16 vectors of inputs, which ek_dot_eight_mve.h meets in a loop or not;
    all rests of outputs, of inputs that are fewer than a vector, whole ones, overlap, or of which
    some meet their weights one by one; many ties; and factors that only the portable kernel takes.
    """
    biased = partial(Dense, zero_point=5)
    return [
        *(biased(16 * count, 8) for count in range(1, 17)),
        *(biased(inputs, 9, clamped=True) for inputs in (1, 15, 31, 33, 130)),
        *(
            biased(inputs, outputs, each=True)
            for inputs in (3, 16, 40)
            for outputs in (*range(1, 9), 12, 21)
        ),
        *(
            biased(inputs, outputs, each=outputs > 8)
            for inputs in (33, 34, 35)
            for outputs in (3, 8, 15)
        ),
        Dense(16, 200, times=8),
        biased(33, 13, rows=3),
        *(Dense(34, outputs, times=4000, each=outputs > 8) for outputs in (3, 8, 15)),
    ]


def words_of_four() -> list[Dense]:
    """1 to 4 outputs whose inputs are taken where they lie, and more, where they are unpacked; of
    an odd and an even number of words of inputs, with and without a rest, and in pieces
    (ek_dense_m0plus.h)."""
    return [
        *(Dense(inputs, outputs) for outputs in (1, 2, 4, 10) for inputs in (3, 4, 8, 29)),
        *(Dense(inputs, 17, clamped=clamped) for inputs in (8, 28) for clamped in (False, True)),
        *(Dense(9, outputs, rows=2) for outputs in (2, 4, 11)),
        *(Dense(1104, outputs, large=True) for outputs in (4, 11)),
    ]


def convolution(weights: Int8, groups: int, *, clamped: bool = False) -> bytes:
    """A CONV_2D of weights [out_ch, kernel_h, kernel_w, depth], with padding; `clamped` cuts off
    what is below 0."""
    out_ch, depth = weights.shape[0], weights.shape[3]
    scales = np.linspace(0.8, 1.2, out_ch, dtype=np.float32) * np.float32(_WEIGHT_SCALE)
    return single_op(
        "CONV_2D",
        [
            Value((1, *_IMAGE, groups * depth), _SOURCE_SCALE, 5),
            constant(weights, scale=scales, axis=0),
        ],
        _result((1, *_IMAGE, out_ch), weights, clamped=clamped),
        schema.Conv2DOptionsT(
            padding=schema.Padding.SAME,
            strideH=1,
            strideW=1,
            dilationHFactor=1,
            dilationWFactor=1,
            fusedActivationFunction=_RELU if clamped else 0,
        ),
        version=3,
    )


def _result(shape: tuple[int, ...], weights: Int8, *, clamped: bool) -> Value:
    """An output over whose range noise spreads."""
    squares = np.square(weights.astype(np.float64)).reshape(len(weights), -1).sum(axis=1).max()
    scale = _SOURCE_SCALE * _WEIGHT_SCALE * _NOISE * float(np.sqrt(squares)) / _SPREAD
    return Value(shape, scale, -128 if clamped else 3)
