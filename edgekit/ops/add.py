"""ADD: the sum of two int8 tensors of any scales, stretched where shapes differ."""

from __future__ import annotations

from edgekit.ops.sums import ScaledSum


class Add(ScaledSum):
    """The op. One of its inputs may be constant."""

    name = "ADD"
    kernel = "ek_add_s8.h"
    options_table = "AddOptions"
    sign = 1


OPERATOR = Add()
