"""Layers that TensorFlow's quantizer leaves in float do not go unnoticed."""

from __future__ import annotations

import numpy as np
import pytest
from support import float_nets

from edgekit.errors import ToolError
from edgekit.quantize.conversion import int8_tflite_within
from edgekit.quantize.looking import spreads
from edgekit.quantize.spread import Range, ranges
from edgekit.quantize.weights import left_in_float

IMAGES = np.random.default_rng(4).uniform(-1, 1, (6, 8, 8, 3)).astype(np.float32)
MODEL = float_nets.residual()


@pytest.fixture(scope="module")
def limits() -> dict[str, Range]:
    return ranges(spreads(MODEL, IMAGES))


def test_a_model_left_wholly_in_float_is_refused_by_its_layers() -> None:
    with pytest.raises(ToolError, match="all of its 4 layers with weights: stem, inner, branch"):
        int8_tflite_within(MODEL, {})  # without ranges the quantizer has nothing to do


def test_single_layers_left_in_float_are_warned_of(limits: dict[str, Range]) -> None:
    known = {name: ends for name, ends in limits.items() if name != "branch"}
    (warning,) = left_in_float(int8_tflite_within(MODEL, known), "net")
    assert warning.startswith("1 of 4 layers with weights stayed float")
    assert warning.endswith(": branch")


def test_a_model_all_in_int8_is_not_warned_of(limits: dict[str, Range]) -> None:
    assert list(left_in_float(int8_tflite_within(MODEL, limits), "net")) == []
