"""Where no fast kernel takes a layer, a line says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.small_nets import dilated_depthwise, wide_net

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
