"""Xception: depthwise separable convolutions with residuals (Chollet 2016, arXiv:1610.02357).

An entry flow that shrinks the image, a middle flow of equal blocks, an exit flow. A separable
convolution has batch norm behind it, but nothing between its depthwise and its pointwise part.
`alpha` and `repeats` are not the paper's: narrower layers and a shorter middle flow, for devices
that are smaller than its own.
"""

from __future__ import annotations

from edgekit.zoo.network import (
    Activation,
    Add,
    Conv,
    DepthwiseConv,
    MaxPool,
    Network,
    Value,
    classify,
    normed,
)
from edgekit.zoo.sizes import Resolution, divisible, image
from edgekit.zoo.variant import Variant

# Figure 5: the widths of the two separable convolutions of each block that halves the image.
ENTRY = ((128, 128), (256, 256), (728, 728))
MIDDLE = (728, 728, 728)
EXIT = (728, 1024)
LAST = (1536, 2048)

# Tables 1 and 3.
VARIANTS = (Variant({"alpha": 1.0, "resolution": 299}, top1=79.0, params="22.9M"),)


def network(
    *,
    alpha: float = 1.0,
    repeats: int = 8,
    resolution: Resolution = 299,
    channels: int = 3,
    classes: int = 1000,
    activation: str = "relu",
    dropout: float = 0.0,
) -> Network:
    """Xception for [resolution, resolution, channels].

    Raises `InputError` for metaparameters that make no network.
    """
    net = Network("xception", image(resolution, channels))
    flow = _Flow(net, alpha, activation)
    x = flow.conv("conv1", net.input, 32, stride=2)
    x = flow.conv("conv2", x, 64)
    for number, widths in enumerate(ENTRY, 1):
        x = flow.halving(f"entry{number}", x, widths, begins_with_activation=number > 1)
    for number in range(1, repeats + 1):
        x = net.add(f"middle{number}_add", Add(), x, flow.residual(f"middle{number}", x, MIDDLE))
    x = flow.halving("exit1", x, EXIT)
    for number, width in enumerate(LAST, 1):
        x = flow.separable(f"exit2_{number}", x, width, activation)
    classify(net, x, classes, dropout)
    return net


class _Flow:
    """What all blocks share: the network, its width and its activation."""

    def __init__(self, net: Network, alpha: float, activation: str) -> None:
        self._net, self._alpha, self._activation = net, alpha, activation

    def conv(self, name: str, x: Value, width: int, stride: int = 1) -> Value:
        conv = Conv(divisible(width * self._alpha), kernel=3, stride=stride, padding="valid")
        return normed(self._net, name, conv, x, self._activation)

    def separable(self, name: str, x: Value, width: int, activation: str | None = None) -> Value:
        x = self._net.add(f"{name}_depthwise", DepthwiseConv(x.shape[-1], kernel=3), x)
        return normed(self._net, name, Conv(divisible(width * self._alpha)), x, activation)

    def residual(
        self, name: str, x: Value, widths: tuple[int, ...], begins_with_activation: bool = True
    ) -> Value:
        """Separable convolutions, each with the activation before it."""
        for number, width in enumerate(widths, 1):
            if number > 1 or begins_with_activation:
                act = Activation(self._activation)
                x = self._net.add(f"{name}_{self._activation}{number}", act, x)
            x = self.separable(f"{name}_{number}", x, width)
        return x

    def halving(
        self, name: str, x: Value, widths: tuple[int, ...], begins_with_activation: bool = True
    ) -> Value:
        """Separable convolutions and a pooling, beside a 1×1 convolution with stride 2."""
        y = self.residual(name, x, widths, begins_with_activation)
        y = self._net.add(f"{name}_pool", MaxPool(), y)
        shortcut = Conv(divisible(widths[-1] * self._alpha), stride=2)
        kept = normed(self._net, f"{name}_shortcut", shortcut, x)
        return self._net.add(f"{name}_add", Add(), kept, y)
