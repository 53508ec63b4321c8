"""MINIMUM: the smaller of two int8 values, tensors stretched where shapes differ."""

from __future__ import annotations

from collections.abc import Mapping

from edgekit.ops.extrema import Extremum


class Minimum(Extremum):
    """The op. One of its inputs may be constant."""

    name = "MINIMUM"
    kernel = "ek_minimum_s8.h"

    def one(self, by: Mapping[str, int], first: int, second: int) -> int:  # noqa: ARG002
        """The smaller."""
        return min(first, second)


OPERATOR = Minimum()
