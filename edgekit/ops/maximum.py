"""MAXIMUM: the larger of two int8 values, tensors stretched where shapes differ."""

from __future__ import annotations

from collections.abc import Mapping

from edgekit.ops.extrema import Extremum


class Maximum(Extremum):
    """The op. One of its inputs may be constant."""

    name = "MAXIMUM"
    kernel = "ek_maximum_s8.h"

    def one(self, by: Mapping[str, int], first: int, second: int) -> int:  # noqa: ARG002
        """The larger."""
        return max(first, second)


OPERATOR = Maximum()
