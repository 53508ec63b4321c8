"""ShuffleNet: grouped 1×1 convolutions with channel shuffle (Zhang et al. 2017, arXiv:1707.01083).

Units of a grouped 1×1 convolution, a shuffle that lets the next convolution see every group, a
depthwise 3×3 convolution without activation, and another grouped 1×1 one. More groups make wider
layers for the same work. `scale` multiplies the width of every layer.
"""

from __future__ import annotations

from edgekit.errors import InputError
from edgekit.zoo.network import (
    Activation,
    Add,
    AveragePool,
    Concatenate,
    Conv,
    DepthwiseConv,
    MaxPool,
    Network,
    Value,
    channel_shuffle,
    classify,
    normed,
)
from edgekit.zoo.sizes import Resolution, image, multiple
from edgekit.zoo.variant import Variant

# Table 1: output channels of stages 2, 3 and 4 for each number of groups.
CHANNELS = {
    1: (144, 288, 576),
    2: (200, 400, 800),
    3: (240, 480, 960),
    4: (272, 544, 1088),
    8: (384, 768, 1536),
}
# Table 1: units of each stage; the first has stride 2.
REPEATS = (4, 8, 4)
FIRST = "stage2_1"

_ABOUT = (
    '"About 13M" stands in the paper for every number of groups; it does not say how widths such '
    "as 144 / 4 / 4 are rounded, or whether the first layer is scaled too. Ours scales everything."
)

# Complexity and errors for a scale of 1 from tables 1 and 2, complexity for less from table 2; the
# other figures are the authors' checkpoints (megvii-model/ShuffleNet-Series).
VARIANTS = (
    Variant({"groups": 1, "scale": 1.0}, top1=66.4, macs="143M"),
    Variant({"groups": 2, "scale": 1.0}, top1=67.3, macs="140M"),
    Variant({"groups": 3, "scale": 1.0}, top1=67.4, macs="137M", params="1.9M"),
    Variant({"groups": 4, "scale": 1.0}, top1=67.2, macs="133M"),
    Variant({"groups": 8, "scale": 1.0}, top1=67.6, macs="137M", params="2.4M"),
    Variant({"groups": 1, "scale": 0.5}, macs="38M"),
    Variant({"groups": 2, "scale": 0.5}, macs="38M"),
    Variant({"groups": 3, "scale": 0.5}, top1=57.3, macs="38M", params="0.7M"),
    Variant({"groups": 4, "scale": 0.5}, macs="38M"),
    Variant({"groups": 8, "scale": 0.5}, top1=58.8, macs="40M", params="1.0M"),
    Variant({"groups": 1, "scale": 0.25}, macs="13M", macs_note=_ABOUT),
    Variant({"groups": 2, "scale": 0.25}, macs="13M", macs_note=_ABOUT),
    Variant({"groups": 3, "scale": 0.25}, macs="13M", macs_note=_ABOUT),
    Variant({"groups": 4, "scale": 0.25}, macs="13M", macs_note=_ABOUT),
    Variant({"groups": 8, "scale": 0.25}, macs="13M", macs_note=_ABOUT),
    Variant({"groups": 3, "scale": 1.5}, top1=71.6, macs="292M", params="3.4M"),
    Variant({"groups": 8, "scale": 1.5}, top1=71.0, macs="290M", params="4.3M"),
    Variant({"groups": 3, "scale": 2.0}, top1=74.1, macs="524M", params="5.4M"),
    Variant({"groups": 8, "scale": 2.0}, top1=72.9, macs="522M", params="6.5M"),
)


def network(
    *,
    groups: int = 3,
    scale: float = 1.0,
    resolution: Resolution = 224,
    channels: int = 3,
    classes: int = 1000,
    activation: str = "relu",
    dropout: float = 0.0,
) -> Network:
    """ShuffleNet for [resolution, resolution, channels] with `groups` 1, 2, 3, 4 or 8.

    Raises `InputError` for metaparameters that make no network.
    """
    if groups not in CHANNELS:
        raise InputError(
            f"ShuffleNet has no variant with {groups} groups",
            hint=f"It has {', '.join(map(str, CHANNELS))} groups.",
        )
    net = Network("shufflenet_v1", image(resolution, channels))
    x = normed(net, "conv1", Conv(_stem(scale, groups), kernel=3, stride=2), net.input, activation)
    x = net.add("max_pool", MaxPool(), x)
    for stage, (out, repeats) in enumerate(zip(CHANNELS[groups], REPEATS, strict=True), 2):
        width = multiple(out * scale, groups)
        x = _downsampling_unit(net, f"stage{stage}_1", x, width, groups, activation)
        for unit in range(2, repeats + 1):
            x = _unit(net, f"stage{stage}_{unit}", x, groups, activation)
    classify(net, x, classes, dropout)
    return net


def _stem(scale: float, groups: int) -> int:
    """Above 1 the authors widen the first layer only by whole numbers: 24 channels at 1.5."""
    return multiple(24 * (int(scale) or scale), groups)


def _unit(net: Network, name: str, x: Value, groups: int, activation: str) -> Value:
    """Figure 2(b)."""
    width = x.shape[-1]
    y = _branch(net, name, x, (width, width), groups, 1, activation)
    y = net.add(f"{name}_add", Add(), x, y)
    return net.add(f"{name}_{activation}", Activation(activation), y)


def _downsampling_unit(
    net: Network, name: str, x: Value, width: int, groups: int, activation: str
) -> Value:
    """Figure 2(c).

    There the paper has ReLU behind the concatenation. Here it is before, on the branch alone: the
    pooled input is not negative (nor above 6) anyway, and the ReLU is part of a convolution.
    """
    y = _branch(net, name, x, (width, width - x.shape[-1]), groups, 2, activation)
    y = net.add(f"{name}_{activation}", Activation(activation), y)
    pooled = net.add(f"{name}_pool", AveragePool(), x)
    return net.add(f"{name}_concat", Concatenate(), pooled, y)


def _branch(
    net: Network,
    name: str,
    x: Value,
    widths: tuple[int, int],
    groups: int,
    stride: int,
    activation: str,
) -> Value:
    """What all units have, for the unit's and the branch's own width.

    The first unit begins with so few channels that they are not grouped.
    """
    width, out = widths
    inner = multiple(width / 4, groups)
    first = Conv(inner, groups=1 if name == FIRST else groups)
    y = normed(net, f"{name}_conv1", first, x, activation)
    y = channel_shuffle(net, f"{name}_shuffle", y, groups)
    y = normed(net, f"{name}_depthwise", DepthwiseConv(inner, kernel=3, stride=stride), y)
    return normed(net, f"{name}_conv2", Conv(out, groups=groups), y)
