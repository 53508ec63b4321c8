"""Where no fast kernel takes a layer, a line says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from support.models import Value, constant, single_op
from support.small_nets import SAME, VALID, NetBuilder, dilated_depthwise, wide_net

from edgekit.artifacts import CompiledModel
from edgekit.codegen import aot


def compiled(model: bytes, kernels: str, folder: Path) -> CompiledModel:
    return aot.generate(model, "net", folder, kernels=kernels)


def test_what_no_fast_kernel_takes_is_named(tmp_path: Path) -> None:
    (layer,) = compiled(dilated_depthwise(3), "dsp", tmp_path).slow
    assert (layer.step, layer.op, layer.name) == (0, "DEPTHWISE_CONV_2D", "narrow")
    assert layer.share == 1.0
    assert "one weight at a time" in layer.why
    assert "times" in layer.why
    assert compiled(dilated_depthwise(1), "dsp", tmp_path).slow == ()


@pytest.mark.parametrize(
    ("kernels", "family"),
    [
        ("dsp", "dsp"),
        ("mve", "mve"),
        *((name, "m0plus") for name in ("m0plus", "m0plus_dual", "m3")),
    ],
)
def test_usual_layers_need_no_line(kernels: str, family: str, tmp_path: Path) -> None:
    found = compiled(wide_net(), kernels, tmp_path)
    assert found.slow == ()
    named = {step.op: step.kernels for step in found.steps}
    assert named["CONV_2D"] == (f"ek_conv_2d_s8_{family}",)


@pytest.mark.parametrize(
    ("kernels", "portable"),
    [
        ("", []),
        ("mve", ["SOFTMAX"]),
        ("dsp", ["SOFTMAX"]),
        ("m0plus", ["MAX_POOL_2D", "SOFTMAX"]),
        ("m3", ["DEPTHWISE_CONV_2D", "MAX_POOL_2D", "SOFTMAX"]),
    ],
)
def test_what_computes_by_portable_c_is_named_in_one_line(
    kernels: str, portable: list[str], tmp_path: Path
) -> None:
    found = compiled(_pooled_net(), kernels, tmp_path)
    assert [layers.op for layers in found.portable] == portable
    assert all(op in found.portable_line for op in portable)
    assert ("nothing faster" in found.portable_line) == bool(portable)


def test_it_says_how_many_layers_and_what_they_are_of_the_model(tmp_path: Path) -> None:
    found = compiled(_pooled_net(), "m3", tmp_path)
    deep, first = 2 * 64 * 8 * 9, 64 * 8 * 9 * 3
    share = 100 * deep / (deep + first)
    assert f"DEPTHWISE_CONV_2D × 2 ({share:.1f} % of the MACs), MAX" in found.portable_line


def test_a_layer_that_a_line_names_as_slow_is_not_named_again(tmp_path: Path) -> None:
    inputs = [
        constant(np.array((1, 4, 4, 2), np.int32)),
        constant(np.full((2, 2, 2, 3), 5, np.int8), scale=[0.01] * 2, axis=0),
        Value((1, 2, 2, 3), 0.1),
    ]
    options = schema.TransposeConvOptionsT(padding=VALID, strideH=2, strideW=2)
    model = single_op("TRANSPOSE_CONV", inputs, Value((1, 4, 4, 2), 0.1), options)
    found = compiled(model, "dsp", tmp_path)
    assert "portable C" in found.slow[0].why
    assert found.portable == ()


def _pooled_net() -> bytes:
    """A convolution, two depthwise ones, a CONCATENATION, a MAX_POOL_2D and a SOFTMAX."""
    net = NetBuilder()
    image = net.value(1, 8, 8, 3)
    wide = net.conv(image, (1, 8, 8, 8), (8, 3, 3, 3), padding=SAME)
    deep = [net.depthwise(wide, (1, 8, 8, 8)) for _ in range(2)]
    both = net.concat([wide, *deep], (1, 8, 8, 24))
    pool = schema.Pool2DOptionsT(filterHeight=2, filterWidth=2, strideH=2, strideW=2, padding=VALID)
    small = net.made("MAX_POOL_2D", [both], (1, 4, 4, 24), pool)
    out = net.made(
        "SOFTMAX", [small], (1, 4, 4, 24), schema.SoftmaxOptionsT(beta=1.0),
        scale=1 / 256, zero_point=-128,
    )  # fmt: skip
    return net.finish([image], [out])
