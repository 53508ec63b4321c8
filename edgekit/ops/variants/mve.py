"""Kernels for cores with the M-profile vector extension: Cortex-M55."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.ops.operator import Argument, Constant, KernelCall, Scratch
from edgekit.ops.variants import Variant, renamed, slower, without

Int = npt.NDArray[Any]  # int8 or int32, and stays what it is

_VECTOR_BYTES = 16
_ORDER = [0, 4, 8, 12, 2, 6, 10, 14, 1, 5, 9, 13, 3, 7, 11, 15]
"""Which channel of a block stands where, after products of even and odd lanes have been widened."""
_IN_PLACE, _TOGETHER, _COPY = 9, 10, 2
"""Instructions for a vector of inputs, counted in clang's code: loads of it and of the weights of
four channels, and four VMLADAVA; these and the end of a loop; a load and a store."""
_PER_ROW, _PER_REST = 4, 3
"""Besides, for a row: addresses; for a last vector that is not full: the lanes that are."""
_FACTORS = ("multiplier", "shift")
_SHARE, _SINGLES = 8, 3
"""Outputs that share a load of inputs; so many last inputs are quicker one by one than as a vector:
a load and a VMLA for four outputs, for which a vector takes as much for each."""
_FEW = 8
"""So many channels of a last block are summed by fours, in their own order: EK_MVE_FEW."""


def _conv_2d(call: KernelCall, room_bytes: int | None) -> KernelCall:  # noqa: ARG001
    by = call.parameters
    row = by["kernel_w"] * by["in_ch"] // by["groups"]
    runs = by["kernel_h"] if _lies(by, row) else 1
    run = by["kernel_h"] * row // runs
    return replace(
        renamed(call, "mve"),
        parameters={**without(by, "pairs"), "runs": runs, "run": run},
        arguments=tuple(
            _conv_argument(argument, by["groups"], runs, run) for argument in call.arguments
        ),
    )


def _lies(by: Mapping[str, int], row: int) -> bool:
    """Whether rows of windows are read where they lie: always, where a window is one; else where
    that takes fewer instructions than to copy them together, roughly."""
    if by["groups"] > 1 or by["dilation_w"] > 1:
        return False
    rows, fours = by["kernel_h"], -(-by["out_ch"] // 4)
    in_place = rows * _instructions(row, _IN_PLACE)
    together, copies = _instructions(rows * row, _TOGETHER), rows * _instructions(row, _COPY)
    return rows == 1 or fours * in_place < fours * together + copies


def _instructions(row: int, per_vector: int) -> int:
    """For a row of so many bytes, roughly."""
    rest = row % _VECTOR_BYTES > 0
    return _PER_ROW + per_vector * (row // _VECTOR_BYTES + rest) + _PER_REST * rest


def _conv_argument(argument: Argument, groups: int, runs: int, run: int) -> Argument:
    """Constants by groups and fours of channels; weights vector by vector for each four."""
    if isinstance(argument, Scratch):
        return Scratch(runs * run)
    if not isinstance(argument, Constant):
        return argument
    by_group = argument.values.reshape(groups, len(argument.values) // groups, -1)
    fours = _filled(by_group, 1, 4)
    if argument.role != "weights":
        return Constant(argument.role, np.ascontiguousarray(fours))
    by_run = fours.reshape(groups, -1, 4, runs, run)
    vectors = _filled(by_run, 4, _VECTOR_BYTES).reshape(*by_run.shape[:4], -1, _VECTOR_BYTES)
    return Constant("weights", np.ascontiguousarray(vectors.transpose(0, 1, 3, 4, 2, 5)))


def _fully_connected(call: KernelCall, room_bytes: int | None) -> KernelCall:  # noqa: ARG001
    by = call.parameters
    rest = by["in_ch"] % _VECTOR_BYTES
    singles = rest if by["in_ch"] > _VECTOR_BYTES and rest <= _SINGLES else 0
    of = {found.role: found.values for found in call.arguments if isinstance(found, Constant)}
    shared = {role: 0 if by["per_channel"] else int(of[role][0]) for role in _FACTORS}
    shares = [
        _share({role: values[c : c + _SHARE] for role, values in of.items()}, by, singles)
        for c in range(0, by["out_ch"], _SHARE)
    ]
    return replace(
        renamed(call, "mve"),
        parameters={**by, **shared, "singles": singles},
        arguments=(
            call.arguments[0],
            Constant("weights", np.concatenate(shares).view(np.int8)),
            call.arguments[-1],
        ),
    )


def _share(of: Mapping[str, Int], by: Mapping[str, int], singles: int) -> Int:
    """What a layer has for up to eight outputs, as bytes: see the kernel."""
    weights = of["weights"]
    outputs, inputs = len(weights), weights.shape[1] - singles
    fours = 1 if outputs <= 4 else 2
    vectors = _filled(_vectors(weights[:, :inputs]), 1, 1 if fours == 1 else _SHARE)
    parts = [
        _filled(of["bias"], 0, 4 * fours),
        vectors,
        *(_lanes(weights[:, i], fours) for i in range(inputs, inputs + singles)),
        *(_lanes(of[role], fours) for role in _FACTORS if by["per_channel"]),
    ]
    return np.frombuffer(b"".join(part.tobytes() for part in parts), np.int8)


def _vectors(weights: Int) -> Int:
    """[vectors, outputs, 16] of [outputs, inputs]: the last vector overlaps the one before it or is
    filled up."""
    outputs, inputs = weights.shape
    rest = inputs % _VECTOR_BYTES
    if rest and inputs > rest:
        zeros = np.zeros((outputs, _VECTOR_BYTES - rest), weights.dtype)
        weights = np.concatenate([weights[:, :-rest], zeros, weights[:, -rest:]], axis=1)
    return _filled(weights, 1, _VECTOR_BYTES).reshape(outputs, -1, _VECTOR_BYTES).swapaxes(0, 1)


def _lanes(values: Int, fours: int) -> Int:
    """The values of up to eight outputs: of two fours, the even ones before the odd ones."""
    return np.ascontiguousarray(_filled(values, 0, 4 * fours).reshape(4, fours).T)


def _filled(values: Int, axis: int, multiple: int) -> Int:
    """With zeros at the end of an axis, to a whole multiple."""
    widths = [(0, 0)] * values.ndim
    widths[axis] = (0, -values.shape[axis] % multiple)
    return np.pad(values, widths)


def _depthwise_conv_2d(call: KernelCall, room_bytes: int | None) -> KernelCall:  # noqa: ARG001
    by = call.parameters
    reach_h = (by["kernel_h"] - 1) * by["dilation_h"] + 1
    if by["pad_h"] >= reach_h:  # rows of nothing but padding: outputs would overtake inputs
        return slower(call, "portable C, as windows lie wholly in the padding", 10)
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
    by_channel = argument.values.reshape(len(argument.values), -1)
    filled = _filled(by_channel, 0, _VECTOR_BYTES)
    by_block = filled.reshape(-1, _VECTOR_BYTES, by_channel.shape[1])
    if argument.role == "weights":
        return Constant("weights", np.ascontiguousarray(by_block.transpose(0, 2, 1)))
    ordered = np.ascontiguousarray(by_block[:, _ORDER])
    if 0 < len(by_channel) % _VECTOR_BYTES <= _FEW:
        ordered[-1] = by_block[-1]
    return Constant(argument.role, ordered)


def _linear_sum(call: KernelCall, room_bytes: int | None) -> KernelCall:  # noqa: ARG001
    if call.parameters["loops.first_d"] == call.parameters["loops.second_d"] == 1:
        return renamed(call, "mve")
    return slower(call, "one value at a time, as an input is stretched along its last axis", 3)


def _same(call: KernelCall, room_bytes: int | None) -> KernelCall:  # noqa: ARG001
    return renamed(call, "mve")


VARIANTS: Mapping[str, Variant] = {
    "ek_average_pool_2d_s8": _same,
    "ek_conv_2d_s8": _conv_2d,
    "ek_depthwise_conv_2d_s8": _depthwise_conv_2d,
    "ek_fully_connected_s8": _fully_connected,
    "ek_linear_sum_s8": _linear_sum,
    "ek_lookup_s8": _same,
    "ek_max_pool_2d_s8": _same,
    "ek_mean_s8": _same,
    "ek_mul_s8": _same,
}
"""By the function of the portable kernel."""
