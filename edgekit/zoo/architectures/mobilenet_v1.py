"""MobileNetV1: depthwise separable convolutions (Howard et al. 2017, arXiv:1704.04861).

The first convolution and thirteen pairs of depthwise 3×3 and pointwise 1×1 convolutions, each
with batch norm and ReLU6; then the mean of each channel, and one dense layer. `alpha` thins every
layer (section 3.3), `rho` or `resolution` shrinks the image (section 3.4).
"""

from __future__ import annotations

from edgekit.zoo.network import Conv, DepthwiseConv, Network, classify, normed
from edgekit.zoo.sizes import Resolution, image
from edgekit.zoo.variant import Variant

# Table 1: filters of each pointwise convolution, stride of the depthwise one before it.
SEPARABLE = (
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    *5 * ((512, 1),),
    (1024, 2),
    (1024, 1),
)

# Tables 6, 7 and 8; the last row is the person detector of MLPerf Tiny.
VARIANTS = (
    Variant({"alpha": 1.0, "resolution": 224}, top1=70.6, macs="569M", params="4.2M"),
    Variant({"alpha": 0.75, "resolution": 224}, top1=68.4, macs="325M", params="2.6M"),
    Variant({"alpha": 0.5, "resolution": 224}, top1=63.7, macs="149M", params="1.3M"),
    Variant({"alpha": 0.25, "resolution": 224}, top1=50.6, macs="41M", params="0.5M"),
    Variant({"alpha": 1.0, "resolution": 192}, top1=69.1, macs="418M", params="4.2M"),
    Variant({"alpha": 1.0, "resolution": 160}, top1=67.2, macs="290M", params="4.2M"),
    Variant({"alpha": 1.0, "resolution": 128}, top1=64.4, macs="186M", params="4.2M"),
    Variant({"alpha": 0.25, "resolution": 96, "classes": 2}, macs="7.49M"),
)


def network(
    *,
    alpha: float = 1.0,
    resolution: Resolution | None = None,
    rho: float = 1.0,
    channels: int = 3,
    classes: int = 1000,
    activation: str = "relu6",
    dropout: float = 0.001,
) -> Network:
    """MobileNetV1 for [resolution, resolution, channels]; without `resolution`, 224 × `rho`.

    Raises `InputError` when a layer would be left without filters or the image without pixels.
    """
    size = round(224 * rho) if resolution is None else resolution
    net = Network("mobilenet_v1", image(size, channels))
    conv1 = Conv(int(32 * alpha), kernel=3, stride=2)
    x = normed(net, "conv1", conv1, net.input, activation)
    for number, (filters, stride) in enumerate(SEPARABLE, 1):
        depthwise = DepthwiseConv(x.shape[-1], kernel=3, stride=stride)
        x = normed(net, f"conv_dw_{number}", depthwise, x, activation)
        x = normed(net, f"conv_pw_{number}", Conv(int(filters * alpha)), x, activation)
    classify(net, x, classes, dropout)
    return net
