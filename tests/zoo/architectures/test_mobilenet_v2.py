from __future__ import annotations

import pytest

from edgekit import zoo

MILLION = 1e6


def test_it_has_exactly_the_published_parameters() -> None:
    full = zoo.describe("mobilenet_v2")
    assert full.params == 3_504_872
    assert full.params_total == 3_538_984


# (alpha, resolution), MACs and parameters in millions as the authors' checkpoints state them.
# The paper itself says 585 and 6.9 for alpha 1.4. Its 6.9 is 3.5 x 1.4 x 1.4, as if the
# classifier's thousand outputs grew as well; the checkpoint of that network has what we count.
# The authors do not count biases and have 1001 classes, hence the tolerance of 0.06 million.
@pytest.mark.parametrize(
    ("alpha", "resolution", "macs", "params"),
    [
        (1.0, 224, 300, 3.47),
        (1.4, 224, 582, 6.06),
        (1.3, 224, 509, 5.34),
        (1.0, 96, 56, 3.47),
        (0.75, 224, 209, 2.61),
        (0.5, 224, 97, 1.95),
        (0.35, 224, 59, 1.66),
        (0.35, 96, 11, 1.66),
    ],
)
def test_it_has_the_authors_macs_and_parameters(
    alpha: float, resolution: int, macs: int, params: float
) -> None:
    net = zoo.describe("mobilenet_v2", alpha=alpha, resolution=resolution)
    assert 0 <= net.macs / MILLION - macs < 1.0  # rounded down
    assert net.params / MILLION == pytest.approx(params, abs=0.06)


def test_only_widening_widens_the_last_convolution() -> None:
    def last(alpha: float) -> int:
        net = zoo.describe("mobilenet_v2", alpha=alpha)
        return next(node for node in net.nodes if node.name == "conv_last").outputs[0].shape[-1]

    assert [last(alpha) for alpha in (0.35, 1.0, 1.4)] == [1280, 1280, 1792]


def test_blocks_that_keep_the_shape_have_a_shortcut() -> None:
    net = zoo.describe("mobilenet_v2")
    shortcuts = [node.name for node in net.nodes if node.name.endswith("_add")]
    assert len(shortcuts) == 1 + 2 + 3 + 2 + 2  # of each group all blocks but the first
    assert "block2_2_add" in shortcuts
    assert "block5_1_add" not in shortcuts  # stride 1, but 64 to 96 channels


# As thin as this, blocks 1 and 2 are both 8 wide; on one pixel their shapes are the same, too.
def test_blocks_with_stride_2_have_none_even_if_the_shape_stays() -> None:
    net = zoo.describe("mobilenet_v2", alpha=0.35, resolution=2)
    assert "block2_1_add" not in [node.name for node in net.nodes]
