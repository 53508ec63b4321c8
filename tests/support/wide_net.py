"""A network whose first layers need far more memory than the rest: one to roll."""

from __future__ import annotations

from support.small_nets import SAME, NetBuilder


def wide_net() -> bytes:
    """Three convolutions over an image, wide in the middle; a pooling to 4 numbers behind them."""
    builder = NetBuilder()
    image = builder.value(1, 16, 16, 4)
    wide = builder.conv(image, (1, 16, 16, 16), (16, 3, 3, 4), padding=SAME)
    deep = builder.depthwise(wide, (1, 16, 16, 16))
    out = builder.conv(deep, (1, 8, 8, 4), (4, 3, 3, 16), stride=2, padding=SAME)
    return builder.finish([image], [out])
