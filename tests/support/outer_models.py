"""A small int8 model with other types at its ends, as converters leave them there."""

from __future__ import annotations

from support.models import Value
from support.small_nets import NetBuilder

SHAPE, RESULT = (1, 5, 4, 2), (1, 5, 4, 3)
_BIAS = 128


def outer_model(taken: str, given: str) -> bytes:
    """A 1 x 1 convolution from 5 x 4 x 2 to 5 x 4 x 3 values; its file takes and gives these types:
    "int8", "uint8" or "float32"."""
    net = NetBuilder()
    inside = net.value(*SHAPE)
    source = inside if taken == "int8" else _outside(net, SHAPE, taken)
    if source != inside:
        net.op("QUANTIZE", [source], [inside])
    result = net.conv(inside, RESULT, (3, 1, 1, 2))
    target = result if given == "int8" else _outside(net, RESULT, given)
    if target != result:
        net.op("DEQUANTIZE" if given == "float32" else "QUANTIZE", [result], [target])
    return net.finish([source], [target])


def _outside(net: NetBuilder, shape: tuple[int, ...], kind: str) -> int:
    if kind == "float32":
        return net.tensor(Value(shape, None, dtype=kind))
    return net.tensor(Value(shape, net.scale, net.zero_point + _BIAS, dtype=kind))
