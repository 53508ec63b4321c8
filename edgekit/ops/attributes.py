"""What several ops read from TFLite's options: activations, paddings, windows."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from edgekit.fixedpoint import Activation, activation_range
from edgekit.ir import Quantization

_ACTIVATIONS = {
    0: Activation.NONE,
    1: Activation.RELU,
    2: Activation.RELU_N1_TO_1,
    3: Activation.RELU6,
}


class Padding(enum.Enum):
    """How a window op treats the border; the value is the schema's number for it."""

    SAME = 0
    VALID = 1


@dataclass(frozen=True, slots=True)
class Border:
    """Cells around an image, all the input's zero point, beside those that `Padding` asks for."""

    top: int = 0
    bottom: int = 0
    left: int = 0
    right: int = 0


NO_BORDER = Border()


@dataclass(frozen=True, slots=True)
class Limits:
    """The stored values that an op lets out, both inclusive."""

    low: int = -128
    high: int = 127

    def clamp(self, value: int) -> int:
        """The nearest value within."""
        return min(max(value, self.low), self.high)

    def then(self, outer: Limits) -> Limits:
        """The one clamp that does what this one and `outer` after it do.

        Both are monotone. Up to `low` the pair gives outer(low), from `high` on outer(high), and
        between them outer(x): which is x, clamped to outer(low)..outer(high).
        """
        return Limits(outer.clamp(self.low), outer.clamp(self.high))


ANY_INT8 = Limits()


def limits(fused: Activation | None, further: Limits, quantization: Quantization) -> Limits:
    """Those of a fused activation, and then some."""
    assert fused is not None
    found = activation_range(fused, quantization.scale, quantization.zero_point)
    return Limits(*found).then(further)


def activation(number: int) -> Activation | None:
    """The fused activation of that number in the schema; None for one that is not compiled."""
    return _ACTIVATIONS.get(number)


def window_output(extent: int, window: int, stride: int, dilation: int, padding: Padding) -> int:
    """How many places a window has along one axis of that extent."""
    reach = (window - 1) * dilation + 1
    covered = extent if padding is Padding.SAME else extent - reach + 1
    return -(-covered // stride)


def pad_before(
    extent: int, window: int, stride: int, dilation: int, output: int, padding: Padding
) -> int:
    """Padded cells before the first row or column; an odd total has the spare one after."""
    if padding is Padding.VALID:
        return 0
    reach = (window - 1) * dilation + 1
    return max(0, (output - 1) * stride + reach - extent) // 2


def side_border(window: dict[str, int], window_w: int) -> Border:
    """What a window looks at left and right of the image, given a kernel's parameters."""
    reach = (window_w - 1) * window.get("dilation_w", 1) + 1
    covered = (window["out_w"] - 1) * window["stride_w"] + reach
    return Border(left=window["pad_w"], right=max(0, covered - window["pad_w"] - window["in_w"]))
