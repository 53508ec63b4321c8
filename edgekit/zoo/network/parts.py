"""Several layers that papers draw as one box. Layer names begin with the box's name."""

from __future__ import annotations

from edgekit.zoo.network.arranging import Reshape, Transpose
from edgekit.zoo.network.elementwise import Activation, BatchNorm, Dropout, Multiply
from edgekit.zoo.network.graph import Network, Value
from edgekit.zoo.network.layer import Layer
from edgekit.zoo.network.pooling import GlobalAveragePool
from edgekit.zoo.network.weighted import Conv, Dense


def normed(net: Network, name: str, layer: Layer, x: Value, activation: str | None = None) -> Value:
    """A convolution, batch norm, and an activation if there is one to be."""
    x = net.add(name, layer, x)
    x = net.add(f"{name}_bn", BatchNorm(), x)
    return net.add(f"{name}_{activation}", Activation(activation), x) if activation else x


def squeeze_excite(net: Network, name: str, x: Value, squeezed: int, activation: str) -> Value:
    """Each channel times a factor from 0 to 1 that a bottleneck makes of all channels' means."""
    factor = net.add(f"{name}_squeeze", GlobalAveragePool(keep_image=True), x)
    factor = net.add(f"{name}_reduce", Conv(squeezed, bias=True), factor)
    factor = net.add(f"{name}_{activation}", Activation(activation), factor)
    factor = net.add(f"{name}_expand", Conv(x.shape[-1], bias=True), factor)
    factor = net.add(f"{name}_hard_sigmoid", Activation("hard_sigmoid"), factor)
    return net.add(f"{name}_scale", Multiply(), x, factor)


def channel_shuffle(net: Network, name: str, x: Value, groups: int) -> Value:
    """Channel j of group i becomes channel i of group j; nothing for one group.

    The pixels are one axis, so that the TRANSPOSE has four with the batch: every runtime takes it.
    """
    if groups == 1:
        return x
    height, width, channels = x.shape
    grouped = (height * width, groups, channels // groups)
    y = net.add(f"{name}_groups", Reshape(grouped), x)
    y = net.add(f"{name}_transpose", Transpose((0, 2, 1)), y)
    return net.add(f"{name}_channels", Reshape(x.shape), y)


def classify(net: Network, x: Value, classes: int, dropout: float = 0.0) -> Value:
    """The mean of each channel, a dense layer, softmax."""
    if len(x.shape) == 3:
        x = net.add("global_average_pool", GlobalAveragePool(), x)
    if dropout:
        x = net.add("dropout", Dropout(dropout), x)
    x = net.add("classifier", Dense(classes), x)
    return net.add("softmax", Activation("softmax"), x)
