"""MobileNetV1: depthwise separable convolutions (Howard et al. 2017, arXiv:1704.04861).

The first convolution and thirteen pairs of depthwise 3×3 and pointwise 1×1 convolutions, each
with batch norm and ReLU6; then the mean of each channel, and one dense layer. `alpha` thins every
layer (section 3.3), `rho` or `resolution` shrinks the image (section 3.4).
"""

from __future__ import annotations

from edgekit.errors import InputError
from edgekit.zoo.network import (
    Activation,
    BatchNorm,
    Conv,
    Dense,
    DepthwiseConv,
    Dropout,
    GlobalAveragePool,
    Layer,
    Network,
    Value,
)
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
    resolution: int | None = None,
    rho: float = 1.0,
    channels: int = 3,
    classes: int = 1000,
    activation: str = "relu6",
    dropout: float = 0.001,
) -> Network:
    """MobileNetV1 for [resolution, resolution, channels]; without `resolution`, 224 × `rho`.

    Raises `InputError` when a layer would be left without filters or the image without pixels.
    """
    size = resolution or round(224 * rho)
    if size < 1 or int(32 * alpha) < 1:
        raise InputError(f"MobileNetV1 cannot have alpha {alpha:g} and resolution {size}")
    net = Network("mobilenet_v1", (size, size, channels))

    def normed(name: str, layer: Layer, x: Value) -> Value:
        x = net.add(name, layer, x)
        x = net.add(f"{name}_bn", BatchNorm(), x)
        return net.add(f"{name}_relu", Activation(activation), x)

    x = normed("conv1", Conv(int(32 * alpha), kernel=3, stride=2), net.input)
    for number, (filters, stride) in enumerate(SEPARABLE, 1):
        x = normed(f"conv_dw_{number}", DepthwiseConv(x.shape[-1], kernel=3, stride=stride), x)
        x = normed(f"conv_pw_{number}", Conv(int(filters * alpha)), x)
    x = net.add("global_average_pool", GlobalAveragePool(), x)
    x = net.add("dropout", Dropout(dropout), x)
    x = net.add("classifier", Dense(classes), x)
    net.add("softmax", Activation("softmax"), x)
    return net
