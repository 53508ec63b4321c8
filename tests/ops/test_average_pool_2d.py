from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.compiler import compile_c
from support.models import Value
from support.pools import pool, pools
from support.single_op import assert_equals_tflm, refusal

KERNELS = ["", "dsp", "dsp_dual", "mve"]


@settings(max_examples=150)
@given(pools(), st.integers(0, 1 << 20), st.sampled_from(KERNELS))
def test_bytes_equal_tflm(case: tuple[Value, Value, Any], seed: int, kernels: str) -> None:
    source, target, options = case
    assert_equals_tflm("AVERAGE_POOL_2D", [source], target, options, seed=seed, kernels=kernels)


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize(("h", "w"), [(16, 16), (1, 257), (48, 64)])
def test_a_global_pool_over_a_large_image_equals_tflm(h: int, w: int, kernels: str) -> None:
    source, target = Value((1, h, w, 6), 0.1, -7), Value((1, 1, 1, 6), 0.1, -7)
    options = pool((h, w), (1, 1))
    assert_equals_tflm("AVERAGE_POOL_2D", [source], target, options, kernels=kernels)


EVERY_SHORT_SUM = """
#include <stdio.h>
#include "ek_average_pool_2d_s8_dsp.h"

int main(void)
{
    for (int32_t count = 1; count <= EK_SHORT_COUNT; count++)
        for (int32_t sum = -128 * count; sum <= 127 * count; sum++) {
            const int32_t quotient =
                (int32_t)(((int64_t)sum * ek_reciprocal(count) + (1 << 23)) >> 24);
            const uint32_t twice = 0x00010001u * (uint16_t)sum;
            const uint32_t means = ek_average_pool_2d_dsp_means((ek_mean_dsp_short){twice, twice},
                                                                ek_reciprocal(count));
            const int32_t wanted = ek_round_divide(sum, count);
            if (quotient != wanted || means != 0x01010101u * (uint8_t)wanted) {
                printf("%d / %d\\n", (int)sum, (int)count);
                return 1;
            }
        }
    return 0;
}
"""


def test_reciprocals_divide_every_short_sum_as_division_does(tmp_path: Path) -> None:
    source = tmp_path / "sums.c"
    source.write_text(EVERY_SHORT_SUM)
    done = subprocess.run(
        [compile_c([source], tmp_path / "sums")], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_a_change_of_scale_is_refused() -> None:
    source, target = Value((1, 4, 4, 2), 0.1, 3), Value((1, 2, 2, 2), 0.2, 3)
    message = refusal("AVERAGE_POOL_2D", [source], target, pool((2, 2), (2, 2)))
    assert message == "Its output has the scale and the zero point of its first input."


def test_an_output_of_another_size_is_refused() -> None:
    source, target = Value((1, 4, 4, 2), 0.1, 3), Value((1, 2, 3, 2), 0.1, 3)
    message = refusal("AVERAGE_POOL_2D", [source], target, pool((2, 2), (2, 2)))
    assert message is not None
    assert "the size that they give" in message


def test_impossible_windows_are_refused() -> None:
    source = Value((1, 4, 4, 2), 0.1, 3)
    for options in (pool((0, 2), (1, 1)), pool((2, 2), (0, 1)), pool((1 << 12, 1 << 12), (1, 1))):
        assert "1 to 2^23 cells" in (refusal("AVERAGE_POOL_2D", [source], source, options) or "")


def test_other_activations_are_refused() -> None:
    source = Value((1, 4, 4, 2), 0.1, 3)
    message = refusal("AVERAGE_POOL_2D", [source], source, pool((1, 1), (1, 1), activation=4))
    assert message == "Its fused activation is NONE, RELU, RELU_N1_TO_1 or RELU6."
