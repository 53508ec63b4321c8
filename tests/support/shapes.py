"""Draws of shapes for ops that only move values."""

from __future__ import annotations

from hypothesis import strategies as st

from support.models import Value
from support.single_op import SCALE, ZERO_POINT

LENGTH = st.sampled_from([3, 1, 4, 2, 8, 5, 7])
"""Of an axis; multiples of four are copied in another way."""


def shapes(least: int = 1, most: int = 4) -> st.SearchStrategy[tuple[int, ...]]:
    """Shapes of so many axes, the first one no batch."""
    return st.lists(LENGTH, min_size=least, max_size=most).map(tuple)


@st.composite
def tensors(draw: st.DrawFn, least: int = 1, most: int = 4) -> Value:
    """An int8 input of so many axes."""
    return Value(draw(shapes(least, most)), draw(SCALE), draw(ZERO_POINT))


@st.composite
def axes(draw: st.DrawFn, rank: int) -> int:
    """An axis, from the start or from the end."""
    return draw(st.integers(-rank, rank - 1))
