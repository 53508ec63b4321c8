from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.compiler import compile_c

from edgekit.fixedpoint import (
    Activation,
    activation_range,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
    rounding_divide_by_power_of_two,
)


@given(st.floats(1e-9, 1e6))
@example(1.0)
@example(0.5)
@example(1 - 2.0**-40)  # rounds up to the next power of two
def test_a_multiplier_is_normalized_and_close(real: float) -> None:
    multiplier, shift = quantize_multiplier(real)
    assert 1 << 30 <= multiplier < 1 << 31
    assert multiplier * 2.0 ** (shift - 31) == pytest.approx(real, rel=2.0**-31)


def test_a_vanishing_factor_is_zero() -> None:
    assert quantize_multiplier(0.0) == (0, 0)
    assert quantize_multiplier(2.0**-33) == (0, 0)
    assert quantize_multiplier(2.0**-32) == (1 << 30, -31)


def test_ties_round_away_from_zero_after_ties_up() -> None:
    assert [rounding_divide_by_power_of_two(x, 1) for x in (-3, -1, 1, 3)] == [-2, -1, 1, 2]
    # 1 << 30 is one half in Q31: the product of odd numbers with it is a tie, cut upwards.
    assert [multiply_by_quantized_multiplier(x, 1 << 30, 0) for x in (-3, -1, 1, 3)] == [
        -1, 0, 1, 2,
    ]  # fmt: skip


def test_activation_ranges_are_those_of_the_output() -> None:
    assert activation_range(Activation.NONE, 0.1, 3) == (-128, 127)
    assert activation_range(Activation.RELU, 0.1, 3) == (3, 127)
    assert activation_range(Activation.RELU6, 6 / 255, -128) == (-128, 127)
    assert activation_range(Activation.RELU6, 0.1, 3) == (3, 63)
    assert activation_range(Activation.RELU_N1_TO_1, 0.1, 3) == (-7, 13)


_HARNESS = """
#define EK_SLOW_LONG_MULTIPLY {slow}
#include <stdio.h>
#include "ek_requantize.h"

int main(void)
{{
    int32_t in[3];
    while (fread(in, sizeof in, 1, stdin) == 1) {{
        const int32_t out = {function}(in[0], in[1], in[2]);
        fwrite(&out, sizeof out, 1, stdout);
    }}
    return 0;
}}
"""


def _in_c(folder: Path, function: str, cases: np.ndarray, *, slow: bool = False) -> list[int]:
    source = folder / "harness.c"
    source.write_text(_HARNESS.format(function=function, slow=int(slow)))
    program = compile_c([source], folder / "harness")
    done = subprocess.run(
        [program], input=cases.astype("<i4").tobytes(), capture_output=True, timeout=30
    )
    assert done.returncode == 0, done.stderr.decode()
    return [int(value) for value in np.frombuffer(done.stdout, "<i4")]


def _cases(rng: np.random.Generator, largest: int, shifts: tuple[int, int]) -> np.ndarray:
    """Sums of every size with either sign, the limits, and multipliers at their limits."""
    size = 20_000
    magnitude = np.exp2(rng.uniform(0, np.log2(largest), size)).astype(np.int64)
    x = np.minimum(magnitude, largest) * rng.choice([-1, 1], size)
    x[:4] = [0, largest, -largest, -1]
    multiplier = rng.integers(1 << 30, 1 << 31, size)
    multiplier[::7], multiplier[1::7] = (1 << 31) - 1, 1 << 30
    return np.stack([x, multiplier, rng.integers(shifts[0], shifts[1] + 1, size)], axis=1)


def test_c_is_the_same_for_any_sum_and_shift(tmp_path: Path) -> None:
    cases = _cases(np.random.default_rng(1), (1 << 31) - 1, (-31, 5))
    expected = [multiply_by_quantized_multiplier(*map(int, case)) for case in cases]
    assert _in_c(tmp_path, "ek_multiply_by_quantized_multiplier", cases) == expected


@pytest.mark.parametrize("slow", [False, True], ids=["long", "halves"])
def test_c_is_the_same_for_small_sums(tmp_path: Path, slow: bool) -> None:
    cases = _cases(np.random.default_rng(2), (1 << 29) - 1, (-31, -1))
    expected = [multiply_by_quantized_multiplier(*map(int, case)) for case in cases]
    function = "ek_multiply_by_quantized_multiplier_small"
    assert _in_c(tmp_path, function, cases, slow=slow) == expected
