from __future__ import annotations

import pytest

from edgekit import zoo
from edgekit.errors import InputError

MILLION = 1e6
COUNTS = [
    (0.5, 1_366_792, 41),
    (1.0, 2_278_604, 146),
    (1.5, 3_503_624, 299),
    (2.0, 7_393_996, 591),
]


@pytest.mark.parametrize(("scale", "params", "macs"), COUNTS)
def test_it_has_exactly_the_published_parameters(scale: float, params: int, macs: int) -> None:
    assert zoo.describe("shufflenet_v2", scale=scale).params == params


# The paper has 0.7 to 1.4 % more than table 5 adds up to, with the very same parameters: it must
# count something beside multiplications by weights, and does not say what.
@pytest.mark.parametrize(("scale", "params", "macs"), COUNTS)
def test_it_has_the_papers_macs_within_a_few_permille(scale: float, params: int, macs: int) -> None:
    counted = zoo.describe("shufflenet_v2", scale=scale).macs / MILLION
    assert 0.986 * macs < counted < macs


def test_scales_beside_the_papers_keep_halves_equal() -> None:
    net = zoo.describe("shufflenet_v2", scale=0.25)
    widths = [node.outputs[0].shape[-1] for node in net.nodes if node.name.endswith("_concat")]
    assert sorted(set(widths)) == [30, 58, 116]  # 29 is odd: up to 30


@pytest.mark.parametrize("scale", [0.0, -1.0, float("inf")])
def test_impossible_scales_are_refused(scale: float) -> None:
    with pytest.raises(InputError, match="channels wide"):
        zoo.describe("shufflenet_v2", scale=scale)
