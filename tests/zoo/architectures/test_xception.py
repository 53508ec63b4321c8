from __future__ import annotations

from edgekit import zoo


def test_it_has_exactly_the_published_parameters() -> None:
    net = zoo.describe("xception")
    assert net.params_total == 22_910_480
    assert round(net.params / 1e6, 1) == 22.9


def test_the_flows_have_the_sizes_of_figure_5() -> None:
    shapes = {node.name: node.outputs[0].shape for node in zoo.describe("xception").nodes}
    assert shapes["entry3_add"] == (19, 19, 728)
    assert shapes["middle8_add"] == (19, 19, 728)
    assert shapes["exit1_add"] == (10, 10, 1024)
    assert shapes["exit2_2_relu"] == (10, 10, 2048)


def test_all_residual_blocks_but_the_first_begin_with_relu() -> None:
    names = {node.name for node in zoo.describe("xception").nodes}
    assert "entry1_relu1" not in names  # conv2 ends with one
    assert {"entry2_relu1", "middle1_relu1", "exit1_relu1"} <= names


def test_thinner_and_shorter_ones_are_smaller() -> None:
    full = zoo.describe("xception", resolution=96)
    thin = zoo.describe("xception", resolution=96, alpha=0.25)
    short = zoo.describe("xception", resolution=96, alpha=0.25, repeats=2)
    assert full.params > 10 * thin.params
    assert thin.params - short.params == 6 * 3 * (184 * 184 + 9 * 184 + 2 * 184)
