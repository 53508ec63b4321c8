"""Kernels for cores with the M-profile vector extension: Cortex-M55."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from edgekit.ops.operator import Argument, Constant, KernelCall, Scratch
from edgekit.ops.variants import Variant, renamed

_VECTOR_BYTES = 16
_ORDER = [0, 4, 8, 12, 2, 6, 10, 14, 1, 5, 9, 13, 3, 7, 11, 15]
"""Which channel of a block stands where, after products of even and odd lanes have been widened."""


def _conv_2d(call: KernelCall, room_bytes: int | None) -> KernelCall:  # noqa: ARG001
    by = call.parameters
    window_bytes = by["kernel_h"] * by["kernel_w"] * by["in_ch"] // by["groups"]
    return replace(
        renamed(call, "mve"),
        arguments=tuple(_conv_argument(argument, window_bytes) for argument in call.arguments),
    )


def _conv_argument(argument: Argument, window_bytes: int) -> Argument:
    if isinstance(argument, Scratch):
        return Scratch(window_bytes)
    if isinstance(argument, Constant) and argument.role == "weights":
        return Constant("weights", np.pad(argument.values.reshape(-1), (0, _VECTOR_BYTES - 1)))
    return argument


def _depthwise_conv_2d(call: KernelCall, room_bytes: int | None) -> KernelCall:  # noqa: ARG001
    by = call.parameters
    reach_h = (by["kernel_h"] - 1) * by["dilation_h"] + 1
    if by["pad_h"] >= reach_h:  # rows of nothing but padding: outputs would overtake inputs
        return call
    rows_bytes = reach_h * by["plane_w"] * by["out_ch"] + _VECTOR_BYTES - 1
    weights = next(
        found.values
        for found in call.arguments
        if isinstance(found, Constant) and found.role == "weights"
    )
    return replace(
        renamed(call, "mve"),
        parameters={**by, "pairs": int(weights.min() > -128)},
        arguments=tuple(_depthwise_argument(argument, rows_bytes) for argument in call.arguments),
    )


def _depthwise_argument(argument: Argument, rows_bytes: int) -> Argument:
    """Constants in blocks of sixteen channels; per channel, in the order of EK_MVE_ORDER."""
    if isinstance(argument, Scratch):
        return Scratch(rows_bytes)
    if not isinstance(argument, Constant):
        return argument
    channels = len(argument.values)
    blocks = -(-channels // _VECTOR_BYTES)
    padded = np.zeros((blocks * _VECTOR_BYTES, *argument.values.shape[1:]), argument.values.dtype)
    padded[:channels] = argument.values
    by_block = padded.reshape(blocks, _VECTOR_BYTES, -1)
    if argument.role == "weights":
        return Constant("weights", np.ascontiguousarray(by_block.transpose(0, 2, 1)))
    return Constant(argument.role, np.ascontiguousarray(by_block[:, _ORDER]))


VARIANTS: Mapping[str, Variant] = {
    "ek_conv_2d_s8": _conv_2d,
    "ek_depthwise_conv_2d_s8": _depthwise_conv_2d,
}
"""By the function of the portable kernel."""
