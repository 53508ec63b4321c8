"""Kernels for Armv7-M without the DSP extension, Cortex-M3: Armv6-M's convolutions and fully
connected layers, whose words of two weights are multiplied by Thumb-2 code.

The portable kernels are as fast for depthwise layers, whose weights are met too rarely to be worth
unpacking, and for windows that would be copied for a few outputs only.
"""

from __future__ import annotations

from collections.abc import Mapping

from edgekit.ops.operator import KernelCall
from edgekit.ops.variants import Variant, m0plus

_FEWEST_CHANNELS, _FEWEST_CELLS = 8, 9
"""What is worth a copy of a window."""
_FEWEST_OUTPUTS = 4
"""What is worth words of four."""
_FEWEST_OF_A_BAND = 4
"""Cells of a window that are worth a copy of a band, which many windows share."""


def _conv_2d(call: KernelCall, room_bytes: int | None) -> KernelCall:
    by = call.parameters
    found = m0plus.conv_2d(call, room_bytes)
    if found.function == call.function or not _copies(found.parameters):
        return found
    cells = by["kernel_h"] * by["kernel_w"] * by["in_ch"] // by["groups"]
    if found.parameters["band"]:
        return found if cells >= _FEWEST_OF_A_BAND else call
    worth = by["groups"] == 1 and by["out_ch"] >= _FEWEST_CHANNELS and cells >= _FEWEST_CELLS
    return found if worth else call


def _copies(p: Mapping[str, int]) -> bool:
    return p["windows"] > 0 or p["band"] > 0


def _fully_connected(call: KernelCall, room_bytes: int | None) -> KernelCall:
    few = call.parameters["out_ch"] < _FEWEST_OUTPUTS
    return call if few else m0plus.fully_connected(call, room_bytes, halves=False)


def _portable(call: KernelCall, room_bytes: int | None) -> KernelCall:  # noqa: ARG001
    return call


CHANNEL_MULTIPLE = m0plus.CHANNEL_MULTIPLE
VARIANTS: Mapping[str, Variant] = {
    "ek_conv_2d_s8": _conv_2d,
    "ek_depthwise_conv_2d_s8": _portable,
    "ek_fully_connected_s8": _fully_connected,
}
"""By the function of the portable kernel."""
