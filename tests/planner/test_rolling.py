"""How operations roll together: which can, in what windows, and on top of what."""

from __future__ import annotations

import itertools

import pytest
from support.small_nets import SAME, NetBuilder

from edgekit.ir import Graph
from edgekit.planner import Budget, Plan
from edgekit.planner.roller import Roller
from edgekit.planner.rolling import Rolling
from edgekit.tflite import read_graph


def _chain(*channels: int, kernel: int = 3, height: int = 12, second_reader: bool = False) -> Graph:
    """Convolutions one behind another, each with so many output channels."""
    builder = NetBuilder()
    image = source = builder.value(1, height, 8, 4)
    depth, first = 4, None
    for count in channels:
        weights = (count, kernel, kernel, depth)
        source = builder.conv(source, (1, height, 8, count), weights, padding=SAME)
        first = first if first is not None else source
        depth = count
    outputs = [source]
    if second_reader:
        assert first is not None
        again = builder.conv(first, (1, height, 8, 4), (4, 1, 1, channels[0]))
        source = builder.concat([again, source], (1, height, 8, 4 + depth))
        outputs = [source]
    return read_graph(builder.finish([image], outputs), "net")


def _rolled(graph: Graph, count: int = 2, band: int = 1) -> Rolling | None:
    return Roller(graph).roll(graph.operations[:count], band)


def test_a_window_holds_what_the_next_kernel_reaches() -> None:
    rolling = _rolled(_chain(8, 4))
    assert rolling is not None
    copied, middle, _ = rolling.streams.values()
    assert (middle.capacity, middle.before, middle.after) == (3, 1, 1)
    assert (copied.capacity, copied.whole) == (3, False)
    assert rolling.calls == 2 * 12  # every row is made once


def test_a_kernel_of_one_row_reads_the_whole_input_where_it_lies() -> None:
    rolling = _rolled(_chain(8, 4, kernel=1))
    assert rolling is not None
    whole, middle, _ = rolling.streams.values()
    assert whole.whole
    assert middle.capacity == 1
    assert rolling.moved_bytes == 0


@pytest.mark.parametrize(("channels", "on_top"), [(4, True), (8, False)])
def test_an_output_lies_on_the_input_only_when_it_never_overtakes_it(
    channels: int, on_top: bool
) -> None:
    """Rows twice as long as the input's reach rows that are not read yet."""
    rolling = _rolled(_chain(8, channels))
    assert rolling is not None
    assert bool(rolling.on_top_of) is on_top


def test_a_tensor_that_others_read_stays_whole() -> None:
    assert _rolled(_chain(8, 4, second_reader=True)) is None


def test_rows_that_are_no_whole_words_are_left_alone() -> None:
    builder = NetBuilder()
    image = builder.value(1, 6, 5, 3)
    first = builder.conv(image, (1, 6, 5, 4), (4, 1, 1, 3))
    second = builder.conv(first, (1, 6, 5, 4), (4, 1, 1, 4))
    graph = read_graph(builder.finish([image], [second]), "net")
    assert _rolled(graph) is None


@pytest.mark.parametrize("band", [1, 2, 3, 5, 100])
def test_bands_divide_the_image(band: int) -> None:
    rolling = _rolled(_chain(8, 4), band=band)
    assert rolling is not None
    assert [12 % member.band for member in rolling.members] == [0, 0]
    assert rolling.members[-1].band <= band


def _sound(planned: Plan) -> bool:
    """Whether in no step two blocks share a byte, given what is left of each by then."""
    for step in range(len(planned.steps)):
        alive = [
            found for found in planned.placements if found.block.first <= step <= found.block.last
        ]
        for one, other in itertools.combinations(alive, 2):
            ends = [found.offset + found.block.bytes_at(step) for found in (one, other)]
            if one.offset < ends[1] and other.offset < ends[0]:
                return False
    return True


def test_plans_along_the_frontier_are_sound_and_shrink() -> None:
    plans = list(Budget(_chain(16, 4, 16, 8, 16, 4)).frontier())
    assert len(plans) > 2
    assert all(_sound(found) for found in plans)
    arenas = [found.arena_bytes for found in plans]
    assert all(later < earlier for earlier, later in itertools.pairwise(arenas))


def test_a_budget_is_kept_when_it_can_be() -> None:
    graph = _chain(16, 4, 16, 8, 16, 4)
    plans = list(Budget(graph).frontier())
    for budget in (found.arena_bytes for found in plans):
        assert Budget(graph).plan_within(budget).arena_bytes <= budget
    assert Budget(graph).plan_within(1).arena_bytes == plans[-1].arena_bytes
