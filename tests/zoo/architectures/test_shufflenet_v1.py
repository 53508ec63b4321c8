from __future__ import annotations

import pytest

from edgekit import zoo
from edgekit.errors import InputError
from edgekit.zoo.network import Conv, Transpose

MILLION = 1e6


# Millions from the paper, tables 1 to 3. For 4 and 8 groups table 1 has 1 % less than its rows add
# up to; the authors' own code says 138 for 8 groups, as we do.
@pytest.mark.parametrize(
    ("groups", "scale", "macs"),
    [
        (1, 1.0, 143),
        (2, 1.0, 140),
        (3, 1.0, 137),
        (4, 1.0, 134),
        (8, 1.0, 138),
        (3, 0.5, 38),
        (8, 0.5, 40),
        (3, 1.5, 292),
        (8, 1.5, 290),
        (3, 2.0, 524),
        (8, 2.0, 522),
    ],
)
def test_it_has_the_papers_macs(groups: int, scale: float, macs: int) -> None:
    counted = zoo.describe("shufflenet_v1", groups=groups, scale=scale).macs
    assert abs(counted / MILLION - macs) < 0.9


# "About 13" stands in table 2 for every number of groups: the paper does not say how it rounds
# widths such as 144 / 4 / 4, or whether the first layer is scaled too. Ours scales everything.
@pytest.mark.parametrize("groups", [1, 2, 3, 4, 8])
def test_a_quarter_of_the_width_has_about_the_papers_macs(groups: int) -> None:
    counted = zoo.describe("shufflenet_v1", groups=groups, scale=0.25).macs
    assert 11 <= round(counted / MILLION) <= 13


# The paper gives no parameters; these are the authors' code's (megvii-model/ShuffleNet-Series).
@pytest.mark.parametrize(
    ("groups", "scale", "params"),
    [
        (3, 0.5, 0.7),
        (8, 0.5, 1.0),
        (3, 1.0, 1.9),
        (8, 1.0, 2.4),
        (3, 1.5, 3.4),
        (8, 1.5, 4.3),
        (3, 2.0, 5.4),
        (8, 2.0, 6.5),
    ],
)
def test_it_has_the_authors_parameters(groups: int, scale: float, params: float) -> None:
    counted = zoo.describe("shufflenet_v1", groups=groups, scale=scale).params
    assert abs(counted / MILLION - params) < 0.06  # 5.45 is stated as 5.4


@pytest.mark.parametrize("groups", [1, 2, 3, 4, 8])
def test_all_pointwise_convolutions_but_the_first_are_grouped(groups: int) -> None:
    net = zoo.describe("shufflenet_v1", groups=groups)
    pointwise = [
        node.layer.groups
        for node in net.nodes
        if isinstance(node.layer, Conv) and node.layer.kernel == 1
    ]
    assert pointwise == [1] + 31 * [groups]
    shuffles = sum(isinstance(node.layer, Transpose) for node in net.nodes)
    assert shuffles == (16 if groups > 1 else 0)


@pytest.mark.parametrize("groups", [1, 2, 3, 4, 8])
@pytest.mark.parametrize("scale", [0.1, 0.25, 0.3, 0.5, 0.75, 1.25])
def test_any_scale_leaves_equal_groups(groups: int, scale: float) -> None:
    net = zoo.describe("shufflenet_v1", groups=groups, scale=scale, resolution=32)
    assert all(value.shape[-1] > 0 for node in net.nodes for value in node.outputs)


@pytest.mark.parametrize("groups", [0, 5, 16])
def test_other_groups_are_refused(groups: int) -> None:
    with pytest.raises(InputError, match=f"no variant with {groups} groups"):
        zoo.describe("shufflenet_v1", groups=groups)
