"""Straight lines in place of TFLite's double rounding, over every sum in reach."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.fixedpoint import multiply_by_quantized_multiplier, quantize_multiplier
from edgekit.ops.short_requantization import Rescaling, shortened


def _rescaling(
    seed: int, *, reach: int = 60_000, low: int = -128, offset: int | None = None
) -> Rescaling:
    """Three channels, their outputs at or above `low`; real 0 is stored as `offset`, or as that."""
    rng = np.random.default_rng(seed)
    pairs = [quantize_multiplier(float(real)) for real in 10 ** rng.uniform(-3.5, -1.5, 3)]
    multiplier, shift = (np.array(part, np.int64) for part in zip(*pairs, strict=True))
    bias = rng.integers(-20_000, 20_000, 3)
    ends = np.full(3, reach)
    return Rescaling(
        bias, multiplier, shift, -ends, ends, low if offset is None else offset, low, 127
    )


@pytest.mark.parametrize("offset", [-128, -3, 40, 127])
@pytest.mark.parametrize("seed", range(8))
def test_every_sum_in_reach_comes_out_as_tflite_rounds_it(seed: int, offset: int) -> None:
    rescaling = _rescaling(seed, offset=offset)
    found = shortened(rescaling)
    assert found is not None
    if offset == -128:
        assert found.sides == 1
    sums = np.broadcast_to(np.arange(-60_000, 60_001), (3, 120_001))
    expected = np.clip(rescaling.apply(sums), rescaling.low, rescaling.high)
    np.testing.assert_array_equal(found.apply(sums), expected)


def test_sums_are_rounded_as_the_definition_says() -> None:
    rescaling = _rescaling(1)
    for channel in range(3):
        for value in range(-60_000, 60_001, 997):
            by = int(rescaling.multiplier[channel]), int(rescaling.shift[channel])
            wanted = multiply_by_quantized_multiplier(value + int(rescaling.bias[channel]), *by)
            made = rescaling.apply(np.full((3, 1), value))[channel, 0]
            assert made == wanted + rescaling.offset


def test_what_wraps_in_tflite_is_left_alone() -> None:
    assert shortened(_rescaling(0, reach=1 << 31)) is None
