"""SQUEEZE: the same bytes without axes of extent 1."""

from __future__ import annotations

from edgekit.ops.forms import counts, int8_per_tensor
from edgekit.ops.reshape import Reshape, same_count


class Squeeze(Reshape):
    """The op; it costs nothing at run time."""

    name = "SQUEEZE"
    constraints = (counts(1), int8_per_tensor, same_count)


OPERATOR = Squeeze()
