"""ShuffleNetV2: split, convolve one half, concatenate, shuffle (Ma et al. 2018, arXiv:1807.11164).

A unit leaves half of the channels as they are and runs the others through a 1×1, a depthwise 3×3
and a 1×1 convolution, all of equal width; the shuffle mixes the halves. `scale` chooses the widths.
"""

from __future__ import annotations

from edgekit.zoo.network import (
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

# Table 5: output channels of stages 2, 3 and 4, and of conv5, for each scale.
CHANNELS = {
    0.5: (48, 96, 192, 1024),
    1.0: (116, 232, 464, 1024),
    1.5: (176, 352, 704, 1024),
    2.0: (244, 488, 976, 2048),
}
# Table 5: units of each stage; the first has stride 2.
REPEATS = (4, 8, 4)

# Table 8.
VARIANTS = (
    Variant({"scale": 0.5}, top1=60.3, macs="41M", params="1.4M"),
    Variant({"scale": 1.0}, top1=69.4, macs="146M", params="2.3M"),
    Variant({"scale": 1.5}, top1=72.6, macs="299M", params="3.5M"),
    Variant({"scale": 2.0}, top1=74.9, macs="591M", params="7.4M"),
)


def network(
    *,
    scale: float = 1.0,
    resolution: Resolution = 224,
    channels: int = 3,
    classes: int = 1000,
    activation: str = "relu",
    dropout: float = 0.0,
) -> Network:
    """ShuffleNetV2 for [resolution, resolution, channels].

    A `scale` that the paper has not multiplies the widths of its 1.0, rounded to even numbers.
    Raises `InputError` for metaparameters that make no network.
    """
    *stages, last = CHANNELS.get(scale) or _scaled(scale)
    net = Network("shufflenet_v2", image(resolution, channels))
    x = normed(net, "conv1", Conv(24, kernel=3, stride=2), net.input, activation)
    x = net.add("max_pool", MaxPool(), x)
    for stage, (width, repeats) in enumerate(zip(stages, REPEATS, strict=True), 2):
        x = _downsampling_unit(net, f"stage{stage}_1", x, width, activation)
        for unit in range(2, repeats + 1):
            x = _unit(net, f"stage{stage}_{unit}", x, activation)
    x = normed(net, "conv5", Conv(last), x, activation)
    classify(net, x, classes, dropout)
    return net


def _scaled(scale: float) -> tuple[int, ...]:
    return (*(multiple(width * scale, 2) for width in CHANNELS[1.0][:3]), CHANNELS[1.0][3])


def _unit(net: Network, name: str, x: Value, activation: str) -> Value:
    """Figure 3(c)."""
    kept, y = net.split(f"{name}_split", x)
    y = _branch(net, name, y, y.shape[-1], 1, activation)
    return _joined(net, name, kept, y)


def _downsampling_unit(net: Network, name: str, x: Value, width: int, activation: str) -> Value:
    """Figure 3(d): no split, and both branches convolve."""
    y = _branch(net, name, x, width // 2, 2, activation)
    shortcut = DepthwiseConv(x.shape[-1], kernel=3, stride=2)
    kept = normed(net, f"{name}_shortcut_depthwise", shortcut, x)
    kept = normed(net, f"{name}_shortcut", Conv(width // 2), kept, activation)
    return _joined(net, name, kept, y)


def _branch(net: Network, name: str, x: Value, width: int, stride: int, activation: str) -> Value:
    x = normed(net, f"{name}_conv1", Conv(width), x, activation)
    x = normed(net, f"{name}_depthwise", DepthwiseConv(width, kernel=3, stride=stride), x)
    return normed(net, f"{name}_conv2", Conv(width), x, activation)


def _joined(net: Network, name: str, kept: Value, y: Value) -> Value:
    y = net.add(f"{name}_concat", Concatenate(), kept, y)
    return channel_shuffle(net, f"{name}_shuffle", y, 2)
