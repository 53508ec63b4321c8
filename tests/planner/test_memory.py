from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import ModelBuilder, Value, constant

from edgekit.planner import Plan, plan
from edgekit.planner.lifetimes import Block
from edgekit.planner.memory import ALIGNMENT, Placement, place, working_sets
from edgekit.tflite import read_graph


@st.composite
def _blocks(draw: st.DrawFn, most: int = 12) -> list[Block]:
    found = []
    for _ in range(draw(st.integers(1, most))):
        first = draw(st.integers(0, 9))
        found.append(Block(draw(st.integers(1, 99)), first, first + draw(st.integers(0, 4)), ()))
    return found


def _bound(needed: list[Block]) -> int:
    return max(working_sets(needed, 14))


def _arena(placed: tuple[Placement, ...]) -> int:
    return -(-max(found.end for found in placed) // ALIGNMENT) * ALIGNMENT


def _assert_sound(placed: tuple[Placement, ...]) -> None:
    for one, other in itertools.combinations(placed, 2):
        together = not (one.block.last < other.block.first or other.block.last < one.block.first)
        assert not together or one.end <= other.offset or other.end <= one.offset
    assert all(found.offset >= 0 and found.offset % ALIGNMENT == 0 for found in placed)


@given(_blocks())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_blocks_that_live_together_never_overlap(needed: list[Block]) -> None:
    placed = place(needed, _bound(needed))
    assert [found.block for found in placed] == needed
    _assert_sound(placed)


@st.composite
def _growing(draw: st.DrawFn) -> list[Block]:
    """Blocks of which some grow in their life, and some shrink."""
    found = []
    for block in draw(_blocks()):
        later = list(range(block.first + 1, block.last + 1))
        rises = sorted(draw(st.sets(st.sampled_from(later), max_size=2))) if later else []
        sizes = sorted(draw(st.sets(st.integers(1, block.bytes), max_size=2)))
        left = draw(st.integers(1, block.bytes))
        falls = draw(st.sampled_from([(), ((block.last - 1, left),)])) if later else ()
        found.append(replace(block, grows=tuple(zip(rises, sizes, strict=False)), shrinks=falls))
    return found


@given(_growing())
@settings(max_examples=20, deadline=None, derandomize=True)
def test_blocks_that_grow_never_overlap_in_any_step(needed: list[Block]) -> None:
    placed = place(needed, _bound(needed))
    for one, other in itertools.combinations(placed, 2):
        for step in range(max(one.block.first, other.block.first),
                          min(one.block.last, other.block.last) + 1):  # fmt: skip
            (low, first), (high, _) = sorted(
                (found.offset, found.block.bytes_at(step)) for found in (one, other)
            )
            assert low + first <= high


def test_a_block_has_a_stage_for_each_size() -> None:
    block = Block(9, 2, 8, (), grows=((4, 3), (5, 6)), shrinks=((6, 2),))
    assert block.stages == ((2, 3, 3), (4, 4, 6), (5, 6, 9), (7, 8, 2))


def _best_of_all_orders(needed: list[Block]) -> int:
    """The smallest arena, by trying every order: some order of lowest places is always optimal."""
    best = 1 << 30
    for order in itertools.permutations(needed):
        placed: list[tuple[Block, int]] = []
        for block in order:
            met = [
                (o, o + b.bytes)
                for b, o in placed
                if b.first <= block.last and block.first <= b.last
            ]
            fits = [
                start
                for start in {0, *(-(-end // 4) * 4 for _, end in met)}
                if all(start + block.bytes <= low or start >= high for low, high in met)
            ]
            placed.append((block, min(fits)))
        best = min(best, max(offset + block.bytes for block, offset in placed))
    return -(-best // ALIGNMENT) * ALIGNMENT


@given(_blocks(most=6))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_small_plans_are_optimal(needed: list[Block]) -> None:
    assert _arena(place(needed, _bound(needed))) == _best_of_all_orders(needed)


def test_the_search_beats_every_greedy_order() -> None:
    # Placed by size, by life, by start or by end these take 60 bytes at best.
    lives = [(28, 4, 6), (12, 3, 5), (12, 4, 5), (36, 1, 3), (12, 1, 1)]
    needed = [Block(*life, ()) for life in lives]
    assert _arena(place(needed, _bound(needed))) == _bound(needed) == 52


def test_planning_twice_gives_the_same_plan() -> None:
    needed = [Block(17 * (n % 7) + 5, n % 9, n % 9 + n % 4, ()) for n in range(40)]
    assert place(needed, 0) == place(needed, 0)


def _chain(*, second_reader: bool) -> Plan:
    """A 1x1 convolution, a reshape of its result, a softmax; perhaps an add that needs both."""
    builder = ModelBuilder()
    image = builder.tensor(Value((1, 4, 4, 8), 0.5))
    weights = builder.tensor(constant(np.ones((8, 1, 1, 8), np.int8), scale=0.1))
    middle = builder.tensor(Value((1, 4, 4, 8), 0.5))
    flat = builder.tensor(Value((1, 128), 0.5))
    shape = builder.tensor(constant(np.array([1, 128], np.int32)))
    out = builder.tensor(Value((1, 128), 0.5))
    options = schema.Conv2DOptionsT(strideH=1, strideW=1)
    builder.op("CONV_2D", [image, weights], [middle], options)
    builder.op("RESHAPE", [middle, shape], [flat], schema.ReshapeOptionsT(newShape=[1, 128]))
    if second_reader:
        builder.op("ADD", [flat, flat], [out], schema.AddOptionsT(), version=2)
        return plan(read_graph(builder.finish([image], [out]), "net"))
    return plan(read_graph(builder.finish([image], [flat]), "net"))


def test_a_reshape_costs_neither_a_step_nor_memory() -> None:
    planned = _chain(second_reader=False)
    assert [step.operation.op for step in planned.steps] == ["CONV_2D"]
    assert planned.placement(2) is planned.placement(3)
    # Two tensors of 128 bytes, and 32 bytes in which the convolution unpacks weights.
    assert planned.arena_bytes == 288


def test_an_output_lies_on_an_input_that_nobody_reads_any_more() -> None:
    planned = _chain(second_reader=True)
    assert planned.placement(5) is planned.placement(3)
    # Two tensors of 128 bytes, and 32 bytes in which the convolution unpacks weights.
    assert planned.arena_bytes == 288


def test_a_result_is_not_overwritten_by_an_op_that_nobody_reads() -> None:
    builder = ModelBuilder()
    image = builder.tensor(Value((1, 8), 0.5))
    result = builder.tensor(Value((1, 8), 0.5))
    unread = builder.tensor(Value((1, 8), 0.5))
    builder.op("ADD", [image, image], [result], schema.AddOptionsT(), version=2)
    builder.op("ADD", [result, result], [unread], schema.AddOptionsT(), version=2)
    planned = plan(read_graph(builder.finish([image], [result]), "net"))
    assert planned.offset(result) != planned.offset(unread)


@pytest.mark.parametrize(
    ("name", "arena"), [("vww_96", 55_328), ("resnet8", 49_728), ("kws", 16_256)]
)
def test_real_models_take_their_largest_working_set(
    shared_data: Path, name: str, arena: int
) -> None:
    data = (shared_data / "tflite" / f"{name}_int8.tflite").read_bytes()
    planned = plan(read_graph(data, name))
    assert planned.arena_bytes == planned.lower_bound_bytes == arena
    _assert_sound(planned.placements)
