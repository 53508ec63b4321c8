from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from support import keras_models
from support.int8_models import int8_tflite
from support.keras_models import SHAPE

from edgekit import frontends
from edgekit.errors import ModelError
from edgekit.quantize.conversion import float_tflite
from edgekit.runtimes import litert, tflm
from edgekit.tflite.clamps import ClampState, clamps, lost_clamps, repair_standalone
from edgekit.tflite.rewriting import pack, unpack
from edgekit.tflite.unfusing import unfuse_relu6

X = np.random.default_rng(0).uniform(-1, 1, (30, *SHAPE)).astype(np.float32)


def converted(model: Any, folder: Path) -> tuple[bytes, bytes]:
    path = keras_models.save(model, folder / "m.keras")
    floating = float_tflite(frontends.load(path))
    return floating, int8_tflite(floating, iter(X))


@pytest.fixture(scope="module")
def separable(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    return converted(keras_models.separable(), tmp_path_factory.mktemp("separable"))


@pytest.fixture(scope="module")
def concatenated(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    return converted(keras_models.concatenated(), tmp_path_factory.mktemp("concatenated"))


def test_fused_relu6_with_the_range_0_to_6_is_healthy(separable: tuple[bytes, bytes]) -> None:
    first, second = clamps(separable[1], "m")
    assert (first.op, second.op) == ("CONV_2D", "DEPTHWISE_CONV_2D")
    assert first.state is ClampState.HEALTHY
    assert (first.low, round(first.high, 4), first.wasted_levels) == (0.0, 6.0, 0)
    assert re.fullmatch(r"CONV_2D #0 \(.*conv1.*\)", first.where)


def test_a_range_that_ends_below_6_is_said_to(separable: tuple[bytes, bytes]) -> None:
    second = clamps(separable[1], "m")[1]
    assert second.state is ClampState.NARROW
    assert second.high < 5.9


def test_float_clamps_are_found_too(separable: tuple[bytes, bytes]) -> None:
    assert [clamp.state for clamp in clamps(separable[0], "m")] == [ClampState.FLOAT] * 2


def test_pooling_before_relu6_wastes_levels(tmp_path: Path) -> None:
    (clamp,) = clamps(converted(keras_models.pooled(), tmp_path)[1], "m")
    assert clamp.state is ClampState.WIDE
    assert clamp.high > 10
    assert clamp.low < -10
    outside = (clamp.high - 6 - clamp.low) / (clamp.high - clamp.low)
    assert abs(clamp.wasted_levels / 255 - outside) < 0.01


def test_a_standalone_relu6_is_harmful_and_repairable(concatenated: tuple[bytes, bytes]) -> None:
    (clamp,) = clamps(concatenated[1], "m")
    assert clamp.state is ClampState.STANDALONE
    assert clamp.harmful
    assert clamp.repairable


@pytest.mark.skipif(not tflm.available(), reason="needs the tflite-micro wheel")
def test_the_repair_makes_tflm_agree_with_the_reference(concatenated: tuple[bytes, bytes]) -> None:
    broken = concatenated[1]
    repaired, repairs = repair_standalone(broken, "m")
    q = np.random.default_rng(1).integers(-128, 128, (50, *SHAPE), np.int8)
    right = litert.Interpreter(broken).run(q)
    assert len(repairs) == 1
    assert (tflm.run(broken, q) != right).mean() > 0.5  # the flaw is real
    np.testing.assert_array_equal(tflm.run(repaired, q), right)
    np.testing.assert_array_equal(litert.Interpreter(repaired).run(q), right)
    assert clamps(repaired, "m") == ()


def test_a_standalone_relu6_that_may_exceed_6_is_left_alone(
    concatenated: tuple[bytes, bytes],
) -> None:
    model = unpack(concatenated[1], "m")
    graph = model.subgraphs[0]
    (clamp,) = clamps(concatenated[1], "m")
    output = graph.tensors[graph.operators[clamp.index].outputs[0]]
    output.quantization.scale = output.quantization.scale * 2
    widened = pack(model)
    assert clamps(widened, "m")[0].harmful
    assert repair_standalone(widened, "m") == (widened, ())


def test_a_healthy_model_is_not_touched(separable: tuple[bytes, bytes]) -> None:
    repaired, repairs = repair_standalone(separable[1], "m")
    assert repaired is separable[1]
    assert repairs == ()


def test_a_clamp_that_conversion_dropped_is_named(separable: tuple[bytes, bytes]) -> None:
    floating, int8 = separable
    assert lost_clamps(floating, int8, "m") == ()
    model = unpack(int8, "m")
    graph = model.subgraphs[0]
    graph.operators[0].builtinOptions.fusedActivationFunction = schema.ActivationFunctionType.NONE
    assert lost_clamps(floating, pack(model), "m") == ()  # the range still ends at 6
    output = graph.tensors[graph.operators[0].outputs[0]]
    output.quantization.scale = output.quantization.scale * 2
    (lost,) = lost_clamps(floating, pack(model), "m")
    assert "conv1" in lost


def test_rewriting_keeps_what_a_model_computes_and_aligns_its_weights(
    separable: tuple[bytes, bytes],
) -> None:
    again = pack(unpack(separable[1], "m"))
    q = np.random.default_rng(2).integers(-128, 128, (20, *SHAPE), np.int8)
    np.testing.assert_array_equal(
        litert.Interpreter(again).run(q), litert.Interpreter(separable[1]).run(q)
    )
    model = schema.Model.GetRootAsModel(again, 0)
    buffers = [model.Buffers(index) for index in range(model.BuffersLength())]
    start = np.frombuffer(again, np.uint8).ctypes.data
    filled = [buffer.DataAsNumpy() for buffer in buffers if buffer.DataLength()]
    assert len(filled) > 5
    assert {(data.ctypes.data - start) % 16 for data in filled} == {0}


def test_unfusing_shows_values_before_the_clip(
    separable: tuple[bytes, bytes], concatenated: tuple[bytes, bytes]
) -> None:
    for floating, _ in (separable, concatenated):
        data, found = unfuse_relu6(floating, "m")
        plain, unfused = (
            Interpreter(
                model_content=model,
                experimental_preserve_all_tensors=True,
                experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            )
            for model in (floating, data)
        )
        for interpreter in (plain, unfused):
            interpreter.allocate_tensors()
            interpreter.set_tensor(interpreter.get_input_details()[0]["index"], X[:1])
            interpreter.invoke()
        after = [
            plain.get_tensor(plain.get_output_details()[0]["index"]),
            unfused.get_tensor(unfused.get_output_details()[0]["index"]),
        ]
        np.testing.assert_allclose(*after, atol=1e-5)
        assert max(unfused.get_tensor(clamp.before).max() for clamp in found) > 6


@pytest.mark.parametrize("data", [b"", b"hello", b"\x10\0\0\0TFL3" + b"\xff" * 64])
def test_what_is_no_tflite_is_refused(data: bytes) -> None:
    with pytest.raises(ModelError):
        clamps(data, "m")
