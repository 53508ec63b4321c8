"""Against TFLite's reference kernel on the host: TFLM's takes no notice of the output's scale."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from support.lookups import ENDS, EVERY_BYTE, assert_every_byte_equals, ends_nearby, value
from support.models import Value, single_op
from support.oracle import litert_outputs, tflm_outputs
from support.single_op import refusal


@settings(max_examples=100)
@given(ends_nearby())
def test_every_byte_equals_the_host(ends: tuple[Value, Value]) -> None:
    assert_every_byte_equals("RELU6", *ends, oracle=litert_outputs)


@settings(max_examples=50)
@given(ENDS)
def test_every_byte_equals_tflm_where_quantization_stays(end: tuple[float, int]) -> None:
    assert_every_byte_equals("RELU6", value(end), value(end))


@pytest.mark.parametrize(
    ("source", "output_scale"),
    [
        ((0.005512253846973181, -106), 0.007073528133332729),
        ((0.0068509541451931, -101), 0.006269092205911875),
    ],
)
def test_the_factor_is_found_in_single_precision(
    source: tuple[float, int], output_scale: float
) -> None:
    """Scales for which double precision gives another byte."""
    ends = value(source), value((output_scale, -128))
    assert_every_byte_equals("RELU6", *ends, oracle=litert_outputs)


def test_tflm_is_wrong_where_quantization_changes() -> None:
    """The flaw that this op is better without; when it is mended, TFLM can be its oracle."""
    model = single_op("RELU6", [value((0.1, -60))], value((6 / 255, -128)))
    real = (tflm_outputs(model, EVERY_BYTE).astype(float) + 128) * 6 / 255
    wanted = np.clip((EVERY_BYTE + 60.0) * 0.1, 0, 6)
    assert np.abs(real - wanted).max() > 1
    found = (litert_outputs(model, EVERY_BYTE).astype(float) + 128) * 6 / 255
    assert np.abs(found - wanted).max() < 6 / 255


def test_scales_too_far_apart_are_refused() -> None:
    message = refusal("RELU6", [value((1.0, 0))], value((2.0**-22, 0)))
    assert message == "Its input's scale is less than 2^22 times its output's."
