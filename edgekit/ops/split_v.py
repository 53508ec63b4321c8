"""SPLIT_V: parts of int8 along an axis, of any sizes."""

from __future__ import annotations

from edgekit.ops import moving
from edgekit.ops.forms import ANY_NUMBER, counts
from edgekit.ops.splitting import Splitting, outputs_fill


class SplitV(Splitting):
    """The op; its inputs are the data, the sizes and the axis."""

    name = "SPLIT_V"
    data, axis = 0, 2
    constraints = (
        counts(3, ANY_NUMBER),
        moving.alike(slice(data, data + 1)),
        outputs_fill(data, axis),
    )


OPERATOR = SplitV()
