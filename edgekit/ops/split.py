"""SPLIT: equal parts of int8 along an axis."""

from __future__ import annotations

from edgekit.ops import moving
from edgekit.ops.forms import ANY_NUMBER, counts
from edgekit.ops.splitting import Splitting, outputs_fill


class Split(Splitting):
    """The op; its inputs are the axis and the data."""

    name = "SPLIT"
    data, axis = 1, 0
    constraints = (
        counts(2, ANY_NUMBER),
        moving.alike(slice(data, data + 1)),
        outputs_fill(data, axis),
    )


OPERATOR = Split()
