"""Kernels for Armv6-M with two cores: those of `m0plus`, each layer's work in two shares."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from edgekit.ops.variants import Variant, in_two_shares, m0plus

CHANNEL_MULTIPLE = m0plus.CHANNEL_MULTIPLE
VARIANTS: Mapping[str, Variant] = {
    "ek_conv_2d_s8": partial(m0plus.conv_2d, shares=2),
    "ek_depthwise_conv_2d_s8": partial(m0plus.depthwise_conv_2d, shares=2),
    "ek_fully_connected_s8": partial(m0plus.fully_connected, shares=2),
    "ek_linear_sum_s8": in_two_shares,
}
"""By the function of the portable kernel."""
