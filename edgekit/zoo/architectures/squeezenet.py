"""SqueezeNet: few parameters by fire modules (Iandola et al. 2016, arXiv:1602.07360).

A fire module squeezes its input with 1×1 convolutions, then expands it with 1×1 and 3×3 ones side
by side. `base_e`, `incr_e`, `freq`, `pct3x3` and `squeeze_ratio` are section 5.1's metaparameters:
how many expand filters the first module has, how many more after every `freq` modules, which
share of them is 3×3, and how many squeeze filters there are for each. `bypass` is section 6's.
"""

from __future__ import annotations

from dataclasses import dataclass

from edgekit.errors import InputError
from edgekit.zoo.network import (
    Activation,
    Add,
    Concatenate,
    Conv,
    Dropout,
    GlobalAveragePool,
    MaxPool,
    Network,
    Value,
)
from edgekit.zoo.sizes import Resolution, image, multiple
from edgekit.zoo.variant import Variant


@dataclass(frozen=True, slots=True)
class Version:
    """The first convolution, and the fire modules that a pooling comes before."""

    filters: int
    kernel: int
    pooled_fires: tuple[int, ...]


# Table 1; version 1.1 is the authors' (forresti/SqueezeNet).
VERSIONS = {"1.0": Version(96, 7, (2, 5, 9)), "1.1": Version(64, 3, (2, 4, 6))}
FIRES = range(2, 10)
BYPASSES = ("none", "simple", "complex")

# Table 3 for version 1.0; the authors say that 1.1 is as good.
VARIANTS = (
    Variant({"version": "1.0", "bypass": "none"}, top1=57.5, params="1.25M"),
    Variant({"version": "1.0", "bypass": "simple"}, top1=60.4, params="1.25M"),
    Variant({"version": "1.0", "bypass": "complex"}, top1=58.8),
    Variant({"version": "1.1", "bypass": "none"}, params="1.24M"),
    Variant({"version": "1.1", "bypass": "simple"}, params="1.24M"),
    Variant({"version": "1.1", "bypass": "complex"}),
)


def network(
    *,
    version: str = "1.1",
    bypass: str = "none",
    base_e: int = 128,
    incr_e: int = 128,
    freq: int = 2,
    pct3x3: float = 0.5,
    squeeze_ratio: float = 0.125,
    resolution: Resolution = 224,
    channels: int = 3,
    classes: int = 1000,
    activation: str = "relu",
    dropout: float = 0.5,
) -> Network:
    """SqueezeNet for [resolution, resolution, channels]; with 227 the layers have table 1's sizes.

    Raises `InputError` for metaparameters that make no network.
    """
    _require(version, bypass, freq, pct3x3)
    chosen = VERSIONS[version]
    net = Network("squeezenet", image(resolution, channels))
    conv1 = Conv(chosen.filters, chosen.kernel, stride=2, bias=True, padding="valid")
    x = _activated(net, "conv1", conv1, net.input, activation)
    for number in FIRES:
        if number in chosen.pooled_fires:
            x = net.add(f"max_pool{number - 1}", _pool(x), x)
        e = base_e + incr_e * ((number - FIRES[0]) // freq)
        fire = Fire(multiple(squeeze_ratio * e, 1), e, multiple(pct3x3 * e, 1))
        x = _bypassed(net, f"fire{number}", x, fire, bypass, activation)
    x = net.add("dropout", Dropout(dropout), x)
    x = _activated(net, "conv10", Conv(classes, bias=True), x, activation)
    x = net.add("global_average_pool", GlobalAveragePool(), x)
    net.add("softmax", Activation("softmax"), x)
    return net


@dataclass(frozen=True, slots=True)
class Fire:
    """Filters of a fire module: squeezing ones, expanding ones, 3×3 ones among the latter."""

    squeeze: int
    expand: int
    expand_3x3: int


def _require(version: str, bypass: str, freq: int, pct3x3: float) -> None:
    if version not in VERSIONS or bypass not in BYPASSES:
        raise InputError(
            f"SqueezeNet has no version {version} with bypass {bypass}",
            hint=f"Versions: {', '.join(VERSIONS)}. Bypasses: {', '.join(BYPASSES)}.",
        )
    if freq < 1 or not 0 < pct3x3 < 1:
        raise InputError(f"SqueezeNet cannot have freq {freq} and pct3x3 {pct3x3:g}")


def _pool(x: Value) -> MaxPool:
    """3×3 with stride 2; a last window that sticks out is kept, so that h pixels become ⌊h/2⌋."""
    whole = all(side % 2 and side > 1 for side in x.shape[:2])
    return MaxPool(3, 2, padding="valid" if whole else "same")


def _bypassed(net: Network, name: str, x: Value, fire: Fire, bypass: str, activation: str) -> Value:
    """Figure 2: a fire module whose input is added to its output; where the channels differ, the
    complex bypass gives them a 1×1 convolution and the simple one leaves them out."""
    y = _fire(net, name, x, fire, activation)
    if bypass == "none" or (bypass == "simple" and x.shape != y.shape):
        return y
    if x.shape != y.shape:
        x = net.add(f"{name}_bypass", Conv(y.shape[-1], bias=True), x)
    return net.add(f"{name}_add", Add(), x, y)


def _fire(net: Network, name: str, x: Value, fire: Fire, activation: str) -> Value:
    """Figure 1."""
    x = _activated(net, f"{name}_squeeze", Conv(fire.squeeze, bias=True), x, activation)
    ones = Conv(fire.expand - fire.expand_3x3, bias=True)
    threes = Conv(fire.expand_3x3, kernel=3, bias=True)
    left = _activated(net, f"{name}_expand1x1", ones, x, activation)
    right = _activated(net, f"{name}_expand3x3", threes, x, activation)
    return net.add(f"{name}_concat", Concatenate(), left, right)


def _activated(net: Network, name: str, conv: Conv, x: Value, activation: str) -> Value:
    x = net.add(name, conv, x)
    return net.add(f"{name}_{activation}", Activation(activation), x)
