"""MobileNetV2: inverted residuals, linear bottlenecks (Sandler et al. 2018, arXiv:1801.04381).

Each block widens its input by `t` with a 1×1 convolution, filters each channel with a depthwise
3×3 one, and narrows it again with a 1×1 one that has no activation. Where a block keeps the shape,
its input is added to its output. `alpha` thins or widens every layer, but the last convolution
only when it is above 1, as section 6.1 says.
"""

from __future__ import annotations

from edgekit.zoo.network import Add, Conv, DepthwiseConv, Network, Value, classify, normed
from edgekit.zoo.sizes import Resolution, divisible, image
from edgekit.zoo.variant import Variant

# Table 2: t (expansion), c (output channels), n (blocks), s (stride of the first of them).
BOTTLENECKS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)

# Table 4; the others are the authors' checkpoints (tensorflow/models, research/slim/nets/
# mobilenet).
VARIANTS = (
    Variant({"alpha": 1.0, "resolution": 224}, top1=72.0, macs="300M", params="3.4M"),
    Variant(
        {"alpha": 1.4, "resolution": 224},
        top1=74.7,
        macs="585M",
        params="6.9M",
        params_note="6.9M is 3.5M × 1.4 × 1.4, as if the classifier's thousand outputs grew "
        "as well; the authors' checkpoint of this network has 6.06M, as we count but for "
        "biases.",
    ),
    Variant({"alpha": 1.3, "resolution": 224}, top1=74.4, macs="509M", params="5.34M"),
    Variant({"alpha": 0.75, "resolution": 224}, top1=69.8, macs="209M", params="2.61M"),
    Variant({"alpha": 0.5, "resolution": 224}, top1=65.4, macs="97M", params="1.95M"),
    Variant({"alpha": 0.35, "resolution": 224}, top1=60.3, macs="59M", params="1.66M"),
    Variant({"alpha": 0.35, "resolution": 160}, top1=55.7, macs="30M", params="1.66M"),
    Variant({"alpha": 0.35, "resolution": 96}, top1=45.5, macs="11M", params="1.66M"),
)


def network(
    *,
    alpha: float = 1.0,
    resolution: Resolution = 224,
    channels: int = 3,
    classes: int = 1000,
    activation: str = "relu6",
    dropout: float = 0.2,
) -> Network:
    """MobileNetV2 for [resolution, resolution, channels].

    Raises `InputError` for metaparameters that make no network.
    """
    net = Network("mobilenet_v2", image(resolution, channels))
    stem = Conv(divisible(32 * alpha), kernel=3, stride=2)
    x = normed(net, "conv1", stem, net.input, activation)
    for group, (t, c, n, s) in enumerate(BOTTLENECKS, 1):
        for block in range(1, n + 1):
            stride = s if block == 1 else 1
            width = divisible(c * alpha)
            x = _bottleneck(net, f"block{group}_{block}", x, t, width, stride, activation)
    x = normed(net, "conv_last", Conv(divisible(1280 * max(1.0, alpha))), x, activation)
    classify(net, x, classes, dropout)
    return net


def _bottleneck(
    net: Network, name: str, x: Value, t: int, width: int, stride: int, activation: str
) -> Value:
    """Table 1, with the shortcut of figure 4(d)."""
    y = x
    if t > 1:
        y = normed(net, f"{name}_expand", Conv(t * x.shape[-1]), y, activation)
    depthwise = DepthwiseConv(y.shape[-1], kernel=3, stride=stride)
    y = normed(net, f"{name}_depthwise", depthwise, y, activation)
    y = normed(net, f"{name}_project", Conv(width), y)
    return net.add(f"{name}_add", Add(), x, y) if x.shape == y.shape and stride == 1 else y
