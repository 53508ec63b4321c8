"""Kernels for Armv6-M: two weights in a word, runs and factors that are proven for each layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from edgekit.ops.dense_weights import dense_weights
from edgekit.ops.operator import Argument, Constant, KernelCall, Scratch
from edgekit.ops.short_requantization import Rescaling, ShortFactors, shortened
from edgekit.ops.variants import Variant, renamed, slower, without
from edgekit.ops.weight_blocks import BLOCK, Rows, blocks_of, packed, runs_of

CHANNEL_MULTIPLE = 4
"""Windows are read where they lie only where a pixel is whole words."""
_SUMS_BYTES = 16 * 16
_WINDOW_BYTES = 4096
"""At most so many for copies of windows: each copy serves all output channels, and each unpacking
of weights all windows that are there."""
_PLANE_BYTES = 4096
"""At most so many for one channel's words, unless a single row of windows needs more."""
_NINE = 9
_FEW_ROWS, _SOME_ROWS = 4, 8
"""Weights that are met more often are worth unpacking to memory; those of many outputs only from
some rows more on, where rows are whole words."""
_MANY_OUTPUTS = 16
_IN_CONSTANTS = (
    *("dilation_h", "dilation_w", "pad_w", "plane_h", "plane_w"),
    *("output_offset", "output_min", "output_max", "small"),
)
"""What the depthwise kernel need not be told: the places of taps and parts of rows hold the window,
the factors the output's range."""


def conv_2d(call: KernelCall, room_bytes: int | None, shares: int = 1) -> KernelCall:  # noqa: ARG001
    """Weights in blocks of up to four output channels, with the run and the factors of each."""
    p, found = call.parameters, _constants(call)
    groups, per_group = p["groups"], p["out_ch"] // p["groups"]
    if _portable_is_faster(p):
        return call
    direct = _direct(p)
    band = 0 if direct else _band(p, shares)
    rows = _rows(_cells(found["weights"]) if band else found["weights"])
    blocks = blocks_of(rows, groups)
    runs = runs_of(blocks)
    short = shortened(_rescaling(call, rows))
    size = blocks[0].shape[1]
    windows = 0 if direct or band else _windows(p, size, shares)
    scratch = (8 if per_group > 2 else 4) * size + (0 if short else _SUMS_BYTES)
    if band:
        scratch += _rows_of(p, band) * _row_bytes(p)
    else:
        scratch += windows * size if windows else _border_bytes(p, size)
    parameters = without(p, "pairs") | {
        "windows": windows,
        "band": band,
        "columns": _columns(p),
        "sides": short.sides if short else 0,
        "shares": shares,
        "share_bytes": scratch,
    }
    return replace(
        renamed(call, "m0plus"),
        parameters=parameters,
        arguments=(
            call.arguments[0],
            Constant("weights", packed(blocks)),
            *_factors(found, short, runs),
            call.arguments[5],
            Scratch(shares * scratch),
        ),
    )


def _portable_is_faster(p: Mapping[str, int]) -> bool:
    """Measured (benchmarks/shapes.py): for groups of at most two channels in and out, as they would
    be filled up."""
    return p["groups"] > 1 and max(p["in_ch"], p["out_ch"]) // p["groups"] <= BLOCK // 2


def depthwise_conv_2d(call: KernelCall, room_bytes: int | None, shares: int = 1) -> KernelCall:  # noqa: ARG001
    """A plane of words for a band of rows, and factors for each channel."""
    p, found = call.parameters, _constants(call)
    short = shortened(_rescaling(call, found["weights"]))
    if short is None:
        return slower(call, "portable C, as no short requantization gives its bytes", 2.3)
    reach_h, reach_w = ((p[f"kernel_{a}"] - 1) * p[f"dilation_{a}"] + 1 for a in "hw")
    columns = -(-p["out_w"] // BLOCK) * BLOCK + (reach_w - 1) // p["stride_w"]
    pitch_bytes = 4 * p["stride_w"] * columns
    fitting = (_PLANE_BYTES // pitch_bytes - reach_h) // p["stride_h"] + 1
    band = min(p["out_h"], max(1, fitting))
    plane_rows = (band - 1) * p["stride_h"] + reach_h
    taps = p["kernel_h"] * p["kernel_w"]
    share_bytes = plane_rows * pitch_bytes + (0 if taps == _NINE else 8 * taps)
    places = np.array([*_places(p, columns), *_parts(p, columns)], np.int32)
    return replace(
        renamed(call, "m0plus"),
        parameters={
            **without(p, *_IN_CONSTANTS),
            "band": band,
            "plane_rows": plane_rows,
            "columns": columns,
            "sides": short.sides,
            "shares": shares,
            "share_bytes": share_bytes,
        },
        arguments=(
            *call.arguments[:2],
            Constant("bias", short.table().reshape(-1)),
            Constant("multiplier", places),
            None,
            call.arguments[5],
            Scratch(shares * share_bytes),
        ),
    )


def _places(p: Mapping[str, int], columns: int) -> list[int]:
    """Where in the plane each tap meets the first output, in bytes."""
    pitch, stride = p["stride_w"] * columns, p["stride_w"]
    return [
        4 * (ky * p["dilation_h"] * pitch + x % stride * columns + x // stride)
        for ky in range(p["kernel_h"])
        for x in range(0, p["kernel_w"] * p["dilation_w"], p["dilation_w"])
    ]


def _parts(p: Mapping[str, int], columns: int) -> list[int]:
    """For each part of a row: words before the image, the first column in it, how many are."""
    found: list[int] = []
    for part in range(p["stride_w"]):
        skip = max(0, -((part - p["pad_w"]) // p["stride_w"]))
        first = part + skip * p["stride_w"] - p["pad_w"]
        have = -((first - p["in_w"]) // p["stride_w"])
        found += [skip, first, max(0, min(have, columns - skip))]
    return found


def fully_connected(
    call: KernelCall,
    room_bytes: int | None,
    shares: int = 1,
    *,
    halves: bool = True,
) -> KernelCall:
    """Weights as they are met; if rows are many, unpacked by a convolution, once for all."""
    p, found = call.parameters, _constants(call)
    many = p["out_ch"] >= _MANY_OUTPUTS and p["in_ch"] % BLOCK == 0
    if p["rows"] > (_SOME_ROWS if many else _FEW_ROWS):
        return _as_convolution(call, room_bytes, shares)
    fours = p["out_ch"] // BLOCK
    shares = min(shares, max(1, fours))  # whole fours
    laid_out = dense_weights(found["weights"], halves=halves)
    short = shortened(_rescaling(call, found["weights"]))
    unpacked = fours > 1 or (fours == 1 and laid_out.piece < p["in_ch"])
    row_bytes = laid_out.bytes_of(p["in_ch"]) if unpacked else 0
    parameters = {
        **p,
        "piece": laid_out.piece,
        "halved": int(laid_out.halved),
        "wide": int(laid_out.wide),
        "paired": int(laid_out.paired),
        "unpacked": int(unpacked),
        "sides": short.sides if short else 0,
        "share_bytes": row_bytes if shares > 1 else 0,
    }
    factors = call.arguments[2:5]
    if short is not None:
        factors = (Constant("bias", short.table().reshape(-1)), None, None)
    return replace(
        renamed(call, "m0plus"),
        parameters=parameters,
        arguments=(
            call.arguments[0],
            Constant("weights", laid_out.packed),
            *factors,
            call.arguments[5],
            Scratch(shares * row_bytes) if row_bytes else None,
        ),
        shares=shares,
    )


def _as_convolution(call: KernelCall, room_bytes: int | None, shares: int) -> KernelCall:
    """A convolution of rows of one pixel, 1 x 1."""
    p = call.parameters
    ones = ("in_w", "out_w", "kernel_h", "kernel_w", "stride_h", "stride_w", "dilation_h",
            "dilation_w", "groups", "out_channel")  # fmt: skip
    parameters = dict.fromkeys(ones, 1) | {"in_h": p["rows"], "out_h": p["rows"]}
    parameters |= {"out_stride": p["out_ch"], "out_group": p["out_ch"]}
    parameters |= dict.fromkeys(("pad_h", "pad_w", "pad_value"), 0)
    kept = ("in_ch", "out_ch", "output_offset", "output_min", "output_max", "small")
    parameters |= {key: p[key] for key in kept}
    convolution = replace(
        call,
        function="ek_conv_2d_s8",
        parameters={"in_h": 0, "in_w": 0, "in_ch": 0, **parameters},
        arguments=(*call.arguments, Scratch(0)),
    )
    return conv_2d(convolution, room_bytes, shares)


def _constants(call: KernelCall) -> dict[str, npt.NDArray[np.int64]]:
    return {
        found.role: found.values.astype(np.int64)
        for found in call.arguments
        if isinstance(found, Constant)
    }


def _rows(weights: Rows) -> Rows:
    return weights.reshape(weights.shape[0], -1)


def _rescaling(call: KernelCall, rows: Rows) -> Rescaling:
    found, p = _constants(call), call.parameters
    channels = len(rows)
    return Rescaling(
        bias=found["bias"],
        multiplier=np.broadcast_to(found["multiplier"], channels),
        shift=np.broadcast_to(found["shift"], channels),
        lowest=np.minimum(-128 * rows, 127 * rows).sum(axis=1),
        highest=np.maximum(-128 * rows, 127 * rows).sum(axis=1),
        offset=p["output_offset"],
        low=p["output_min"],
        high=p["output_max"],
    )


def _factors(
    found: Mapping[str, Rows], short: ShortFactors | None, runs: list[int]
) -> tuple[Argument, Argument, Argument]:
    """The kernel's bias, multiplier and shift."""
    run = np.array(runs, np.int8)
    if short is not None:
        return Constant("bias", short.table().reshape(-1)), None, Constant("shift", run)
    channels = len(found["bias"])
    multiplier, shift = (np.broadcast_to(found[role], channels) for role in ("multiplier", "shift"))
    return (
        Constant("bias", found["bias"].astype(np.int32)),
        Constant("multiplier", multiplier.astype(np.int32)),
        Constant("shift", np.concatenate([run, shift.astype(np.int8)])),
    )


def _direct(p: Mapping[str, int]) -> bool:
    """Whether windows can be read where they lie, a row of them at a time."""
    if p["in_ch"] // p["groups"] % BLOCK or p["in_ch"] % BLOCK:
        return False
    return p["kernel_h"] * p["kernel_w"] == 1 or (p["groups"] == 1 and p["dilation_w"] == 1)


def _band(p: Mapping[str, int], shares: int) -> int:
    """How many rows of outputs are made of one copy of a group's channels; 0 where that is not
    possible, or not less to copy or to multiply than windows are."""
    cells = p["kernel_h"] * p["kernel_w"]
    if p["dilation_w"] > 1 or cells < p["stride_h"] * p["stride_w"]:
        return 0
    if p["groups"] == 1 and (cells > 1 or p["out_h"] * p["out_w"] == 1):
        return 0  # windows serve all blocks, and are filled up only once
    rows = -(-p["out_h"] // shares)
    room = _WINDOW_BYTES // shares // _row_bytes(p)
    fitting = (room - _rows_of(p, 1)) // p["stride_h"] + 1
    return -(-rows // -(-rows // fitting)) if fitting > 0 else 0


def _rows_of(p: Mapping[str, int], band: int) -> int:
    """Of the image that so many rows of outputs need."""
    return (band - 1) * p["stride_h"] + (p["kernel_h"] - 1) * p["dilation_h"] + 1


def _columns(p: Mapping[str, int]) -> int:
    """Of the image and its padding that a row of outputs needs."""
    return (p["out_w"] - 1) * p["stride_w"] + p["kernel_w"]


def _row_bytes(p: Mapping[str, int]) -> int:
    """Of a group's channels in those, each cell filled up to whole words."""
    depth = p["in_ch"] // p["groups"]
    return _columns(p) * (depth + -depth % BLOCK)


def _cells(weights: Rows) -> Rows:
    """The weights for such cells."""
    more = [(0, 0)] * weights.ndim
    more[-1] = 0, -weights.shape[-1] % BLOCK
    return np.pad(weights, more)


def _windows(p: Mapping[str, int], size: int, shares: int) -> int:
    """How many windows are copied at a time, by each share."""
    return max(1, min(-(-p["out_h"] * p["out_w"] // shares), _WINDOW_BYTES // shares // size))


def _border_bytes(p: Mapping[str, int], size: int) -> int:
    """Room for one window, where any may stick out of the image."""
    inside = p["pad_h"] == p["pad_w"] == 0 and all(
        (p[f"out_{axis}"] - 1) * p[f"stride_{axis}"]
        + (p[f"kernel_{axis}"] - 1) * p[f"dilation_{axis}"]
        < p[f"in_{axis}"]
        for axis in "hw"
    )
    return 0 if inside else size


VARIANTS: Mapping[str, Variant] = {
    "ek_conv_2d_s8": conv_2d,
    "ek_depthwise_conv_2d_s8": depthwise_conv_2d,
    "ek_fully_connected_s8": fully_connected,
}
"""By the function of the portable kernel."""
