"""SUB: the difference of two int8 tensors of any scales, stretched where shapes differ."""

from __future__ import annotations

from edgekit.ops.sums import ScaledSum


class Sub(ScaledSum):
    """The op. One of its inputs may be constant."""

    name = "SUB"
    kernel = "ek_sub_s8.h"
    options_table = "SubOptions"
    sign = -1


OPERATOR = Sub()
