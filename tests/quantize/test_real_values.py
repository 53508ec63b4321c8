from __future__ import annotations

import numpy as np

from edgekit.ir import Quantization
from edgekit.quantize.real_values import dequantized, quantized


def test_dequantization_is_exact_per_channel_and_per_tensor() -> None:
    values = np.array([[-128, 127], [0, 5]], np.int8)
    whole = dequantized(values, Quantization((0.5,), (-3,)))
    np.testing.assert_array_equal(whole, [[-62.5, 65.0], [1.5, 4.0]])
    each = dequantized(values, Quantization((0.5, 0.25), (0, 0), 1))
    np.testing.assert_array_equal(each, [[-64, 31.75], [0, 1.25]])
    large = np.array([2**31 - 1], np.int32)
    assert dequantized(large, Quantization((1.0,), (0,)))[0] == np.float32(2**31 - 1)


def test_quantization_rounds_half_away_from_zero_and_clips() -> None:
    given = np.array([0.25, -0.25, 0.2, 100, -100], np.float32)
    found = quantized(given, Quantization((0.5,), (1,)), np.int8)
    np.testing.assert_array_equal(found, [2, 0, 1, 127, -128])
