from __future__ import annotations

import pytest

from edgekit import zoo
from edgekit.errors import InputError
from edgekit.zoo.network import Network

MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("version", "bypass", "params"),
    [
        ("1.0", "none", 1_248_424),
        ("1.0", "simple", 1_248_424),
        ("1.1", "none", 1_235_496),
        ("1.1", "simple", 1_235_496),
    ],
)
def test_it_has_exactly_the_published_parameters(version: str, bypass: str, params: int) -> None:
    net = zoo.describe("squeezenet", version=version, bypass=bypass)
    assert net.params == net.params_total == params


def test_version_1_0_has_the_papers_size() -> None:
    assert round(4 * zoo.describe("squeezenet", version="1.0").params / MIB, 1) == 4.8


# Table 3 says 7.7 MB, in the same unit as 4.8. The 1x1 convolutions that figure 2 draws, around
# fire modules 2, 4, 6 and 8, where the channels differ, make 6.1; 7.7 would take 770 thousand
# more weights than there are in version 1.0, and the text says nothing of others.
def test_the_complex_bypass_adds_the_convolutions_that_the_paper_draws() -> None:
    plain = zoo.describe("squeezenet", version="1.0")
    net = zoo.describe("squeezenet", version="1.0", bypass="complex")
    widths = ((96, 128), (128, 256), (256, 384), (384, 512))
    assert net.params - plain.params == sum(before * after + after for before, after in widths)
    assert round(4 * net.params / MIB, 1) == 6.1


def test_bypasses_are_where_the_paper_draws_them() -> None:
    def added(bypass: str) -> list[str]:
        net = zoo.describe("squeezenet", version="1.0", bypass=bypass)
        return [node.name for node in net.nodes if node.name.endswith("_add")]

    assert added("none") == []
    assert added("simple") == ["fire3_add", "fire5_add", "fire7_add", "fire9_add"]
    assert added("complex") == [f"fire{number}_add" for number in range(2, 10)]


# The authors say 1.72 and 0.72 GFLOPS, which no one image size gives both of.
def test_version_1_1_has_2_4_times_less_work() -> None:
    old, new = (zoo.describe("squeezenet", version=version).macs for version in ("1.0", "1.1"))
    assert old / new == pytest.approx(2.4, abs=0.06)


def test_layers_have_the_sizes_of_table_1() -> None:
    net = zoo.describe("squeezenet", version="1.0", resolution=227)
    layers = ("conv1", "max_pool1", "fire4_concat", "max_pool4", "max_pool8", "conv10")
    assert _sides(net, *layers) == [111, 55, 55, 27, 13, 13]


@pytest.mark.parametrize("resolution", ["7x9", "8x8", "32x47", "31x10"])
def test_small_images_of_any_shape_pass(resolution: str) -> None:
    net = zoo.describe("squeezenet", version="1.0", resolution=resolution)
    assert net.output.shape == (1000,)


def test_too_small_an_image_is_refused() -> None:
    with pytest.raises(InputError, match="layer conv1 of shape"):
        zoo.describe("squeezenet", version="1.0", resolution=6)


def test_metaparameters_shape_the_fire_modules() -> None:
    net = zoo.describe(
        "squeezenet", base_e=40, incr_e=16, freq=3, pct3x3=0.25, squeeze_ratio=0.5, resolution=64
    )
    widths = {node.name: node.outputs[0].shape[-1] for node in net.nodes}
    assert [widths[f"fire{number}_concat"] for number in range(2, 10)] == [
        40, 40, 40, 56, 56, 56, 72, 72,
    ]  # fmt: skip
    assert (widths["fire5_squeeze"], widths["fire5_expand3x3"]) == (28, 14)


@pytest.mark.parametrize(
    "wrong", [{"version": "1.2"}, {"bypass": "double"}, {"freq": 0}, {"pct3x3": 1.0}]
)
def test_impossible_metaparameters_are_refused(wrong: dict[str, float | str]) -> None:
    with pytest.raises(InputError, match="SqueezeNet"):
        zoo.describe("squeezenet", **wrong)


def _sides(net: Network, *names: str) -> list[int]:
    heights = {node.name: node.outputs[0].shape[0] for node in net.nodes}
    return [heights[name] for name in names]
