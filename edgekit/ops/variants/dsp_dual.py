"""Kernels for two cores with the DSP extension: those of `dsp`, each layer's work in two shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from edgekit.ops.operator import KernelCall, Scratch
from edgekit.ops.variants import Variant, dsp, in_two_shares

TAKES_ROOM = dsp.TAKES_ROOM
_SHARES = 2
_WIDENING = 1.5
"""What it costs to widen a weight or an input, beside one multiplication, roughly."""


def _conv_2d(call: KernelCall, room_bytes: int | None) -> KernelCall:
    """By rows or by blocks of channels, whichever leaves less to do for the busier core.

    By rows, both cores widen all weights; by blocks, both widen all windows.
    """
    multiple = _SHARES if call.parameters["groups"] == 1 else 1
    by_blocks = dsp.conv_2d(call, room_bytes, _SHARES, multiple)
    by_rows = dsp.conv_2d(call, room_bytes, _SHARES)
    if _cost_by_rows(by_rows.parameters) < _cost_by_blocks(by_blocks.parameters):
        return _shared(by_rows, by_rows=1)
    return _shared(by_blocks, by_rows=0)


def _cost_by_rows(p: Mapping[str, int]) -> float:
    """Of the core that has a row more; as `_cost_by_blocks`."""
    pixels, channels = -(-p["out_h"] // _SHARES) * p["out_w"], p["out_ch"] // p["groups"]
    blocks = -(-channels // p["block"])
    return p["groups"] * (pixels * channels + _WIDENING * (channels + blocks * pixels))


def _cost_by_blocks(p: Mapping[str, int]) -> float:
    """Of the core that has a block more, in multiplications for each input of a window."""
    pixels, channels = p["out_h"] * p["out_w"], p["out_ch"] // p["groups"]
    blocks = -(-(-(-channels // p["block"]) * p["groups"]) // _SHARES)
    block = min(p["block"], channels)
    return blocks * (pixels * block + _WIDENING * (block + pixels))


def _depthwise_conv_2d(call: KernelCall, room_bytes: int | None) -> KernelCall:
    """By channels."""
    return _shared(dsp.depthwise_conv_2d(call, room_bytes))


def _fully_connected(call: KernelCall, room_bytes: int | None) -> KernelCall:
    """By outputs; one or two by one core."""
    found = dsp.fully_connected(call, room_bytes)
    return found if call.parameters["out_ch"] <= 2 else _shared(found)


def _shared(call: KernelCall, **more: int) -> KernelCall:
    """The call in shares, each with working memory of its own; portable ones have none."""
    if not call.function.endswith("_dsp"):
        return call
    share_bytes = sum(found.bytes for found in call.arguments if isinstance(found, Scratch))
    share_bytes = -(-share_bytes // 4) * 4
    return replace(
        call,
        parameters={**call.parameters, "share_bytes": share_bytes, **more},
        arguments=tuple(
            Scratch(_SHARES * share_bytes) if isinstance(found, Scratch) else found
            for found in call.arguments
        ),
        shares=_SHARES,
    )


_ON_ONE_CORE = ("ek_average_pool_2d_s8", "ek_max_pool_2d_s8", "ek_mean_s8")

VARIANTS: Mapping[str, Variant] = {
    **{name: dsp.VARIANTS[name] for name in _ON_ONE_CORE},
    "ek_conv_2d_s8": _conv_2d,
    "ek_depthwise_conv_2d_s8": _depthwise_conv_2d,
    "ek_fully_connected_s8": _fully_connected,
    "ek_linear_sum_s8": in_two_shares,
}
"""By the function of the portable kernel."""
