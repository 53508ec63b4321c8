"""EXPAND_DIMS: the same bytes with one more axis, of extent 1."""

from __future__ import annotations

from edgekit.ops.forms import counts, int8_per_tensor
from edgekit.ops.reshape import Reshape, same_count


class ExpandDims(Reshape):
    """The op; it costs nothing at run time."""

    name = "EXPAND_DIMS"
    constraints = (counts(2), int8_per_tensor, same_count)


OPERATOR = ExpandDims()
