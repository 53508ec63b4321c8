from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.models import Value, constant
from support.oracle import litert_outputs
from support.shapes import tensors
from support.single_op import assert_equals_tflm, refusal

SOURCE = Value((2, 3, 4), 0.1, 3)
STRIDE = st.sampled_from([1, 2, -1, 3, -2, -3])
INDEX = st.integers(-9, 9)


def masks(**bits: int) -> Any:
    """``begin=0b1`` is beginMask."""
    return schema.StridedSliceOptionsT(**{f"{name}Mask": bits[name] for name in bits})


def taken(source: Value, *entries: Sequence[int]) -> list[Value]:
    """The source, and begins, ends and strides from one triple per entry."""
    columns = np.array(entries, np.int32).T
    return [source, *(constant(np.ascontiguousarray(column)) for column in columns)]


def numpy_entry(entry: Sequence[int], place: int, bits: dict[str, int]) -> Any:
    """The entry as one writes it in NumPy."""
    begin, end, stride = entry
    set_masks = {name for name, mask in bits.items() if mask >> place & 1}
    if "ellipsis" in set_masks:
        return Ellipsis
    if "newAxis" in set_masks:
        return None
    if "shrinkAxis" in set_masks:
        return 0 if "begin" in set_masks else begin
    first = None if "begin" in set_masks else begin
    return slice(first, None if "end" in set_masks else end, stride)


def output_of(source: Value, entries: Sequence[Sequence[int]], bits: dict[str, int]) -> Value:
    index = tuple(numpy_entry(entry, place, bits) for place, entry in enumerate(entries))
    return dataclasses.replace(source, shape=np.zeros(source.shape)[index].shape)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Value], Value, Any]:
    """An entry for each axis; strides of both signs, masks of all kinds that TFLM knows."""
    source = draw(tensors())
    rank = len(source.shape)
    bits = {name: draw(st.integers(0, (1 << rank) - 1)) for name in ("begin", "end", "shrinkAxis")}
    entries = []
    for place, extent in enumerate(source.shape):
        if bits["shrinkAxis"] >> place & 1:
            entries.append((draw(st.integers(-extent, extent - 1)), draw(INDEX), draw(st.just(1))))
        else:
            entries.append((draw(INDEX), draw(INDEX), draw(STRIDE)))
    output = output_of(source, entries, bits)
    assume(0 not in output.shape)
    return taken(source, *entries), output, masks(**bits)


@settings(max_examples=120, deadline=None)
@given(cases())
def test_bytes_equal_tflm(case: tuple[list[Value], Value, Any]) -> None:
    inputs, output, options = case
    assert_equals_tflm("STRIDED_SLICE", inputs, output, options)


@st.composite
def wider_cases(draw: st.DrawFn) -> tuple[list[Value], Value, Any]:
    """Dots or nothing for some axes, entries for one or two, perhaps one for a new axis."""
    source = draw(tensors(least=3, most=5))
    kinds = draw(st.permutations(["axis", draw(st.sampled_from(["axis", "newAxis"])), "ellipsis"]))
    kinds = kinds if draw(st.booleans()) else [kind for kind in kinds if kind != "ellipsis"]
    bits = dict.fromkeys(("begin", "end", "ellipsis", "newAxis", "shrinkAxis"), 0)
    entries = []
    for place, kind in enumerate(kinds):
        if kind != "axis":
            bits[kind] |= 1 << place
        else:
            bits["end"] |= draw(st.integers(0, 1)) << place
        entries.append((draw(st.integers(-3, 0)), draw(st.integers(1, 3)), draw(st.just(1))))
    output = output_of(source, entries, bits)
    assume(0 not in output.shape)
    return taken(source, *entries), output, masks(**bits)


@settings(max_examples=60, deadline=None)
@given(wider_cases())
def test_dots_and_new_axes_equal_litert(case: tuple[list[Value], Value, Any]) -> None:
    inputs, output, options = case
    assert_equals_tflm("STRIDED_SLICE", inputs, output, options, oracle=litert_outputs)


@pytest.mark.parametrize(
    ("entry", "bits"),
    [
        ((0, 2, 0), {}), ((2, 0, 1), {}), ((0, 9, 2), {}),
        ((2, 3, 1), {"shrinkAxis": 1}), ((-3, 0, 1), {"shrinkAxis": 1}),
        ((1, 2, -1), {"shrinkAxis": 1}),
    ],
)  # fmt: skip
def test_what_is_not_there_is_refused(entry: tuple[int, int, int], bits: dict[str, int]) -> None:
    entries = [entry, (0, 3, 1), (0, 4, 1)]
    shape = (3, 4) if bits else (2, 3, 4)
    options = masks(**bits)
    message = refusal("STRIDED_SLICE", taken(SOURCE, *entries), Value(shape, 0.1, 3), options)
    assert "say what is there" in (message or "")


def test_dots_for_no_axis_are_refused() -> None:
    """LiteRT would take them for one."""
    inputs = taken(SOURCE, (0, 1, 1), (0, 3, 1), (0, 0, 1), (0, 4, 1))
    message = refusal("STRIDED_SLICE", inputs, Value((1, 3, 4), 0.1, 3), masks(ellipsis=0b100))
    assert "dots stand for an axis or more" in (message or "")


def test_more_entries_than_axes_are_refused() -> None:
    inputs = taken(SOURCE, *[(0, 2, 1)] * 4)
    message = refusal("STRIDED_SLICE", inputs, Value((2, 2, 2), 0.1, 3), masks())
    assert "say what is there" in (message or "")


def test_strides_that_are_not_known_are_refused() -> None:
    inputs = [*taken(SOURCE, (0, 2, 1), (0, 3, 1), (0, 4, 1))[:3], Value((3,), dtype="int32")]
    message = refusal("STRIDED_SLICE", inputs, SOURCE, masks())
    assert "Its begins, ends and strides are constant" in (message or "")


def test_ends_that_count_from_begins_are_refused() -> None:
    options = schema.StridedSliceOptionsT(offset=True)
    inputs = taken(SOURCE, (0, 2, 1), (0, 3, 1), (0, 4, 1))
    message = refusal("STRIDED_SLICE", inputs, SOURCE, options)
    assert message == "Its ends do not count from its begins."
