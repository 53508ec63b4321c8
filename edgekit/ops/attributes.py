"""What several ops read from TFLite's options: activations, paddings, windows."""

from __future__ import annotations

import enum

from edgekit.fixedpoint import Activation

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
