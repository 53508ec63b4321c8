"""MobileNetV3: found by search, with hard swish (Howard et al. 2019, arXiv:1905.02244).

MobileNetV2's blocks with chosen widths and kernels, some with squeeze-and-excite between the
depthwise and the narrowing convolution, and a cheaper end. `minimalistic` leaves out what is slow
on simple hardware: squeeze-and-excite, hard swish and 5×5 kernels. `activation` is what the tables
call RE. `alpha` thins every layer, but the last but one only when it is above 1, as the authors do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from edgekit.errors import InputError
from edgekit.zoo.network import (
    Activation,
    Add,
    Conv,
    Dense,
    DepthwiseConv,
    GlobalAveragePool,
    Network,
    Value,
    classify,
    normed,
    squeeze_excite,
)
from edgekit.zoo.sizes import Resolution, divisible, image
from edgekit.zoo.variant import Variant


@dataclass(frozen=True, slots=True)
class Bneck:
    """A row of the tables: kernel, expanded and output channels, SE, nonlinearity, stride."""

    kernel: int
    expanded: int
    out: int
    squeeze: bool
    nonlinearity: str
    stride: int


_SE, _RE, _HS = True, "RE", "HS"

# Table 1.
LARGE = (
    Bneck(3, 16, 16, False, _RE, 1),
    Bneck(3, 64, 24, False, _RE, 2),
    Bneck(3, 72, 24, False, _RE, 1),
    Bneck(5, 72, 40, _SE, _RE, 2),
    Bneck(5, 120, 40, _SE, _RE, 1),
    Bneck(5, 120, 40, _SE, _RE, 1),
    Bneck(3, 240, 80, False, _HS, 2),
    Bneck(3, 200, 80, False, _HS, 1),
    Bneck(3, 184, 80, False, _HS, 1),
    Bneck(3, 184, 80, False, _HS, 1),
    Bneck(3, 480, 112, _SE, _HS, 1),
    Bneck(3, 672, 112, _SE, _HS, 1),
    Bneck(5, 672, 160, _SE, _HS, 2),
    Bneck(5, 960, 160, _SE, _HS, 1),
    Bneck(5, 960, 160, _SE, _HS, 1),
)
# Table 2.
SMALL = (
    Bneck(3, 16, 16, _SE, _RE, 2),
    Bneck(3, 72, 24, False, _RE, 2),
    Bneck(3, 88, 24, False, _RE, 1),
    Bneck(5, 96, 40, _SE, _HS, 2),
    Bneck(5, 240, 40, _SE, _HS, 1),
    Bneck(5, 240, 40, _SE, _HS, 1),
    Bneck(5, 120, 48, _SE, _HS, 1),
    Bneck(5, 144, 48, _SE, _HS, 1),
    Bneck(5, 288, 96, _SE, _HS, 2),
    Bneck(5, 576, 96, _SE, _HS, 1),
    Bneck(5, 576, 96, _SE, _HS, 1),
)
# Of each size its rows, and the width of the layer before the classifier.
SIZES = {"large": (LARGE, 1280), "small": (SMALL, 1024)}

# Table 3; the thin and the minimalistic ones are the authors' checkpoints (tensorflow/models,
# research/slim/nets/mobilenet). Those of the small size had a wider end, 1280 instead of 1024.
VARIANTS = (
    Variant({"size": "large"}, top1=75.2, macs="219M", params="5.4M"),
    Variant({"size": "large", "alpha": 0.75}, top1=73.3, macs="155M", params="4.0M"),
    Variant({"size": "small"}, top1=67.4, macs="56M", params="2.5M"),
    Variant({"size": "small", "alpha": 0.75}, top1=65.4, macs="44M"),
    Variant({"size": "large", "minimalistic": True}, top1=72.3, macs="209M", params="3.9M"),
    Variant(
        {"size": "small", "minimalistic": True},
        top1=61.9,
        macs="65M",
        params="2.0M",
        macs_note="65M is said by the page of the checkpoints, beside 66M for size=small, "
        "to which the paper gives 56M: both are about 10M too many for the paper's tables, "
        "by which we build.",
    ),
)


def network(
    *,
    size: str = "large",
    minimalistic: bool = False,
    alpha: float = 1.0,
    resolution: Resolution = 224,
    channels: int = 3,
    classes: int = 1000,
    activation: str = "relu",
    dropout: float = 0.2,
) -> Network:
    """MobileNetV3 for [resolution, resolution, channels]; `size` is ``large`` or ``small``.

    Raises `InputError` for metaparameters that make no network.
    """
    if size not in SIZES:
        raise InputError(f"MobileNetV3 has no size {size!r}", hint=f"It has {', '.join(SIZES)}.")
    rows, last = SIZES[size]
    swish = activation if minimalistic else "hard_swish"
    nonlinearity = {_RE: activation, _HS: swish}
    net = Network("mobilenet_v3", image(resolution, channels))
    x = normed(net, "conv1", Conv(divisible(16 * alpha), kernel=3, stride=2), net.input, swish)
    for number, (row, width) in enumerate(zip(rows, _input_widths(rows), strict=True), 1):
        widened = replace(
            row,
            expanded=divisible(x.shape[-1] * row.expanded / width),
            out=divisible(row.out * alpha),
        )
        chosen = _minimalistic(widened) if minimalistic else widened
        x = _bneck(net, f"bneck{number}", x, chosen, activation, nonlinearity[row.nonlinearity])
    x = normed(net, "conv2", Conv(divisible(6 * x.shape[-1])), x, swish)
    x = net.add("global_average_pool", GlobalAveragePool(), x)
    x = net.add("conv3", Dense(divisible(last * max(1.0, alpha))), x)
    x = net.add(f"conv3_{swish}", Activation(swish), x)
    classify(net, x, classes, dropout)
    return net


def _input_widths(rows: tuple[Bneck, ...]) -> tuple[int, ...]:
    """The tables' channels before each row, which its expansion is a multiple of."""
    return (rows[0].expanded, *(row.out for row in rows[:-1]))


def _minimalistic(row: Bneck) -> Bneck:
    return replace(row, kernel=3, squeeze=False)


def _bneck(
    net: Network, name: str, x: Value, row: Bneck, squeeze_activation: str, activation: str
) -> Value:
    """Figure 4; a block that would not widen its input does without that convolution."""
    y = x
    if row.expanded != x.shape[-1]:
        y = normed(net, f"{name}_expand", Conv(row.expanded), y, activation)
    depthwise = DepthwiseConv(row.expanded, kernel=row.kernel, stride=row.stride)
    y = normed(net, f"{name}_depthwise", depthwise, y, activation)
    if row.squeeze:
        squeezed = divisible(row.expanded / 4)
        y = squeeze_excite(net, f"{name}_se", y, squeezed, squeeze_activation)
    y = normed(net, f"{name}_project", Conv(row.out), y)
    return net.add(f"{name}_add", Add(), x, y) if x.shape == y.shape and row.stride == 1 else y
