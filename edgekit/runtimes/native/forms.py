"""Convolutions in the form that `kernels/host/` takes: sixteen output channels side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.ops import Constant, KernelCall, Scratch, TensorPointer

LANES = 16
"""EK_LANES of ek_host_vector.h."""
_PIXELS = 6
"""EK_PIXELS of ek_host_conv_2d_s8.h."""
_RUN = 1024
"""Products of two int8 that float32 sums exactly: 1024 * 2^14 = 2^24."""

Array = npt.NDArray[Any]
Given = Array | TensorPointer | Scratch | None


@dataclass(frozen=True, slots=True, eq=False)
class HostCall:
    """A kernel call with its constants as arrays of any type."""

    function: str
    header: str
    parameters: Mapping[str, int]
    arguments: tuple[Given, ...]


def host_call(call: KernelCall) -> HostCall:
    """The call as this machine runs it: a faster kernel where there is one, else the same."""
    rewrite = _FORMS.get(call.function)
    found = rewrite(call) if rewrite else None
    return found or HostCall(
        call.function,
        call.header,
        call.parameters,
        tuple(given.values if isinstance(given, Constant) else given for given in call.arguments),
    )


def _conv_2d(call: KernelCall) -> HostCall | None:
    p = call.parameters
    if p["out_stride"] != p["out_ch"] or p["out_channel"] != 1:
        return None
    source, target = _ends(call)
    groups, depth = p["groups"], p["in_ch"] // p["groups"]
    size = p["kernel_h"] * p["kernel_w"] * depth
    kept = ("in_h", "in_w", "out_h", "out_w", "out_ch", "kernel_h", "kernel_w", "stride_h",
            "stride_w", "dilation_h", "dilation_w", "pad_h", "pad_w", "groups", "pad_value",
            "output_offset", "output_min", "output_max", "small")  # fmt: skip
    return HostCall(
        "ek_host_conv_2d_s8",
        "host/ek_host_conv_2d_s8.h",
        {**{name: p[name] for name in kept}, "depth": depth, "run": _RUN},
        (
            source,
            _weight_tiles(_constant(call, "weights"), groups, size),
            *(_tiles(_constant(call, role), groups) for role in ("bias", "multiplier", "shift")),
            target,
            Scratch(4 * _PIXELS * size),
        ),
    )


def _fully_connected(call: KernelCall) -> HostCall | None:
    """As a convolution of an image one pixel wide whose rows are the op's rows."""
    p = call.parameters
    source, target = _ends(call)
    spread = np.ones(p["out_ch"], np.int32)
    factors = (_constant(call, role).astype(np.int32) * spread for role in ("multiplier", "shift"))
    one = dict.fromkeys(
        ("in_w", "out_w", "kernel_h", "kernel_w", "stride_h", "stride_w", "dilation_h",
         "dilation_w", "groups"), 1,
    )  # fmt: skip
    kept = ("out_ch", "output_offset", "output_min", "output_max", "small")
    return HostCall(
        "ek_host_conv_2d_s8",
        "host/ek_host_conv_2d_s8.h",
        {
            **one,
            **dict.fromkeys(("pad_h", "pad_w", "pad_value"), 0),
            **{name: p[name] for name in kept},
            "in_h": p["rows"],
            "out_h": p["rows"],
            "depth": p["in_ch"],
            "run": _RUN,
        },
        (
            source,
            _weight_tiles(_constant(call, "weights"), 1, p["in_ch"]),
            _tiles(_constant(call, "bias"), 1),
            *(_tiles(values, 1) for values in factors),
            target,
            Scratch(4 * _PIXELS * p["in_ch"]),
        ),
    )


def _depthwise_conv_2d(call: KernelCall) -> HostCall | None:
    p = call.parameters
    if p["depth_multiplier"] != 1 or p["out_stride"] != p["out_ch"]:
        return None
    source, target = _ends(call)
    kept = ("in_h", "in_w", "out_h", "out_w", "kernel_h", "kernel_w", "stride_h", "stride_w",
            "dilation_h", "dilation_w", "pad_h", "pad_w", "plane_h", "plane_w", "pad_value",
            "output_offset", "output_min", "output_max", "small")  # fmt: skip
    weights = _constant(call, "weights").reshape(p["in_ch"], -1).astype(np.int32)
    return HostCall(
        "ek_host_depthwise_conv_2d_s8",
        "host/ek_host_depthwise_conv_2d_s8.h",
        {**{name: p[name] for name in kept}, "ch": p["in_ch"]},
        (
            source,
            _side_by_side(weights[np.newaxis]),
            *(_tiles(_constant(call, role), 1) for role in ("bias", "multiplier", "shift")),
            target,
            Scratch(p["plane_h"] * p["plane_w"] * p["in_ch"] + LANES),
        ),
    )


_FORMS: Mapping[str, Callable[[KernelCall], HostCall | None]] = {
    "ek_conv_2d_s8": _conv_2d,
    "ek_depthwise_conv_2d_s8": _depthwise_conv_2d,
    "ek_fully_connected_s8": _fully_connected,
}


def _ends(call: KernelCall) -> list[TensorPointer]:
    """Input and output; these kernels have one of each."""
    return [given for given in call.arguments if isinstance(given, TensorPointer)]


def _constant(call: KernelCall, role: str) -> Array:
    (found,) = (
        given.values
        for given in call.arguments
        if isinstance(given, Constant) and given.role == role
    )
    return found


def _weight_tiles(weights: Array, groups: int, size: int) -> Array:
    """[groups][tiles][size][16] float32 of weights [out_ch][size], zeros behind each group."""
    return _side_by_side(weights.reshape(groups, -1, size).astype(np.float32))


def _side_by_side(values: Array) -> Array:
    """[groups][tiles][size][16] of values [groups][channels][size], zeros behind the last."""
    groups, channels, size = values.shape
    padded = np.zeros((groups, -(-channels // LANES) * LANES, size), values.dtype)
    padded[:, :channels] = values
    tiles = padded.reshape(groups, -1, LANES, size).transpose(0, 1, 3, 2)
    return np.ascontiguousarray(tiles)


def _tiles(values: Array, groups: int) -> Array:
    """[groups][tiles][16] int32 of values [out_ch], zeros behind each group."""
    return _side_by_side(values.reshape(groups, -1, 1).astype(np.int32))
