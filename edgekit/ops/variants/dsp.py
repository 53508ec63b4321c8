"""Kernels for cores with the DSP extension, SMLAD and its like: Cortex-M4, M7, M33."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from edgekit.ops.operator import Argument, Constant, KernelCall, Scratch
from edgekit.ops.twin_weights import twins
from edgekit.ops.variants import Variant, renamed, slower, without

TAKES_ROOM = True
"""For more of a convolution's weights at a time."""
_USUAL_BYTES = 5120
"""For weights in RAM: enough for all of those that a window at the start of a network meets."""


def conv_2d(
    call: KernelCall, room_bytes: int | None, shares: int = 1, multiple: int = 1
) -> KernelCall:
    """Weights in RAM as pairs, a block of channels at a time: as many as there is room for in each
    of `shares`, in a multiple of so many blocks for each group."""
    by = call.parameters
    per_group = by["out_ch"] // by["groups"]
    depth = by["in_ch"] // by["groups"]
    quads = -(-by["kernel_h"] * by["kernel_w"] * depth // 4)
    record_bytes, window_bytes = 16 * (3 + 2 * quads), 12 * quads
    if per_group == 2 or by["out_ch"] == 1:
        record_bytes, window_bytes = record_bytes // 2, 4 * quads
    elif per_group == 1:
        record_bytes //= 4
    tensor_bytes = by["in_h"] * by["in_w"] * by["in_ch"] + by["out_h"] * by["out_w"] * by["out_ch"]
    usual = _USUAL_BYTES * shares
    room = usual if room_bytes is None else room_bytes - tensor_bytes - shares * window_bytes
    fours = -(-per_group // 4)
    records = min(fours, max(1, room // shares // record_bytes))
    if multiple > 1:
        records = -(-fours // (-(-fours // records // multiple) * multiple))
    return replace(
        renamed(call, "dsp"),
        parameters={**without(by, "pairs"), "block": 4 * records},
        arguments=_arguments(call, records * record_bytes + window_bytes),
    )


def _arguments(call: KernelCall, scratch_bytes: int) -> tuple[Argument, ...]:
    small = call.parameters["small"]
    return tuple(
        Scratch(scratch_bytes) if isinstance(argument, Scratch) else _right(argument, small)
        for argument in call.arguments
    )


def depthwise_conv_2d(call: KernelCall, room_bytes: int | None) -> KernelCall:  # noqa: ARG001
    """One channel at a time in a plane, or where it lies."""
    by = call.parameters
    if _meets_few_twice(by):
        return replace(
            renamed(replace(call, function="ek_depthwise_conv_2d_s8_strided"), "dsp"),
            parameters=without(by, *_OF_ANY_WINDOW),
            arguments=tuple(
                None if isinstance(found, Scratch) else found for found in _arguments(call, 0)
            ),
        )
    classes = by["dilation_w"] if by["stride_w"] == 1 else 1
    pairs_bytes = 8 * by["kernel_h"] * -(-by["kernel_w"] // 4)
    plane_bytes = by["plane_h"] * classes * -(-by["plane_w"] // classes) + 4
    found = replace(
        renamed(call, "dsp"),
        parameters={**by, "classes": classes},
        arguments=_arguments(call, pairs_bytes + plane_bytes),
    )
    if classes < by["dilation_w"] and by["kernel_w"] > 1:
        return slower(found, "one weight at a time, as it is dilated and has a stride", 2)
    return found


_OF_ANY_WINDOW = (
    "kernel_h", "kernel_w", "dilation_h", "dilation_w", "plane_h", "plane_w", "depth_multiplier"
)  # fmt: skip
_FEW_OUTPUTS = 24
"""Most of them are at the border where padding is on all sides: then a plane is as quick."""


def _meets_few_twice(by: Mapping[str, int]) -> bool:
    """Whether 3 x 3 windows, each a stride from the next, are met best in the image itself: it is
    no smaller, and they stick out of it by one cell at most."""
    strided = all(
        by[f"kernel_{axis}"] == 3
        and by[f"dilation_{axis}"] == 1
        and by[f"stride_{axis}"] > 1
        and by[f"in_{axis}"] >= 3
        for axis in "hw"
    )
    sides = _cells_outside(by)
    enough = by["out_h"] * by["out_w"] >= _FEW_OUTPUTS or by["stride_h"] * by["stride_w"] > 4
    return (
        strided
        and by["depth_multiplier"] == 1
        and max(sides) <= 1
        and (enough or sum(cells > 0 for cells in sides) <= 2)
    )


def _cells_outside(by: Mapping[str, int]) -> list[int]:
    """By how much windows stick out of the image on each of its sides."""
    before = [by["pad_h"], by["pad_w"]]
    return before + [by[f"plane_{axis}"] - by[f"pad_{axis}"] - by[f"in_{axis}"] for axis in "hw"]


_MOST_PAIRS = 512
"""Weights that may take two bytes each in flash."""


def fully_connected(call: KernelCall, room_bytes: int | None) -> KernelCall:  # noqa: ARG001
    """One or two outputs by pairs of few weights. Others in twins where their weights can be told
    apart; the input as pairs, at once where several outputs or blocks of them meet it."""
    by = call.parameters
    if by["out_ch"] <= 2 and by["out_ch"] * by["in_ch"] <= _MOST_PAIRS:
        pairs_of = Constant("weights", _pairs(_weights(call)))
        return replace(
            renamed(replace(call, function="ek_fully_connected_s8_pairs"), "dsp"),
            arguments=_with_weights(_arguments(call, 0), pairs_of),
        )
    pairs = Scratch(8 * -(-by["in_ch"] // 4))
    laid_out = twins(_weights(call))
    if laid_out is None:
        return replace(renamed(call, "dsp"), arguments=(*_arguments(call, 0), pairs))
    prepared = by["in_ch"] % 4 > 0 or by["out_ch"] not in (1, 2, 4)
    arguments = _with_weights(_arguments(call, 0), Constant("weights", laid_out.packed))
    return replace(
        renamed(replace(call, function="ek_fully_connected_s8_twins"), "dsp"),
        parameters={**by, "run": laid_out.run, "prepared": int(prepared)},
        arguments=(*arguments, pairs if prepared else None),
    )


def _pairs(rows: npt.NDArray[np.int8]) -> npt.NDArray[np.int32]:
    """Weights [outputs, inputs] as ek_fully_connected_s8_pairs_dsp.h takes them."""
    filled = np.pad(rows, ((0, 0), (0, -rows.shape[1] % 4)))
    # From [output, quad, half of a pair, pair] to the order in which words are met.
    quads = filled.reshape(len(rows), -1, 2, 2).transpose(1, 3, 0, 2)
    return quads.astype("<i2").ravel().view("<i4").astype(np.int32)


def _with_weights(arguments: tuple[Argument, ...], weights: Constant) -> tuple[Argument, ...]:
    return tuple(
        weights if isinstance(found, Constant) and found.role == "weights" else found
        for found in arguments
    )


def _weights(call: KernelCall) -> npt.NDArray[np.int8]:
    (found,) = (x.values for x in call.arguments if isinstance(x, Constant) and x.role == "weights")
    return found.astype(np.int8)


def _right(argument: Argument, small: int) -> Argument:
    """Shifts as `ek_requantize_dsp.h` wants them."""
    if small and isinstance(argument, Constant) and argument.role == "shift":
        right = (-1 - argument.values.astype(np.int32)).astype(np.int8)
        return Constant("right", right)
    return argument


def _same(call: KernelCall, room_bytes: int | None) -> KernelCall:  # noqa: ARG001
    return renamed(call, "dsp")


def _mean(call: KernelCall, room_bytes: int | None) -> KernelCall:
    """Portable where there is nothing to sum: compilers see a copy there, if scales are equal."""
    return call if call.parameters["count"] == 1 else _same(call, room_bytes)


VARIANTS: Mapping[str, Variant] = {
    "ek_average_pool_2d_s8": _same,
    "ek_conv_2d_s8": conv_2d,
    "ek_depthwise_conv_2d_s8": depthwise_conv_2d,
    "ek_fully_connected_s8": fully_connected,
    "ek_max_pool_2d_s8": _same,
    "ek_mean_s8": _mean,
}
"""By the function of the portable kernel."""
