from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from support.models import ModelBuilder, Value, single_op
from support.oracle import litert_outputs

from edgekit.errors import DataError, MissingToolError, ModelError, ToolError
from edgekit.runtimes import tflm

needs_tflm = pytest.mark.skipif(not tflm.available(), reason="needs the tflite-micro wheel")


def requantizer(scale: float = 0.2) -> bytes:
    return single_op(
        "QUANTIZE",
        [Value((1, 2, 3, 4), 0.1, 3)],
        Value((1, 2, 3, 4), scale, -3),
        schema.QuantizeOptionsT(),
    )


def crasher() -> bytes:
    """A model whose op asks for a tensor that does not exist, which TFLM does not check."""
    builder = ModelBuilder()
    source = builder.tensor(Value((1, 4), 0.1))
    target = builder.tensor(Value((1, 4), 0.1))
    builder.op("QUANTIZE", [1 << 28], [target], schema.QuantizeOptionsT())
    return builder.finish([source], [target])


def images(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(0).integers(-128, 128, shape, np.int8)


@needs_tflm
def test_outputs_keep_order_and_shape() -> None:
    x = images((5, 2, 3, 4))
    outputs = tflm.run(requantizer(), x)
    assert outputs.dtype == np.int8
    assert np.array_equal(outputs, litert_outputs(requantizer(), x))


@needs_tflm
def test_one_worker_answers_for_many_models() -> None:
    x = images((1, 2, 3, 4))
    with tflm.Worker() as worker:
        for scale in (0.05, 0.1, 0.2):
            expected = litert_outputs(requantizer(scale), x)
            assert np.array_equal(worker.run(requantizer(scale), x), expected)


@needs_tflm
def test_several_inputs_are_given_in_the_models_order() -> None:
    builder = ModelBuilder()
    a = builder.tensor(Value((1, 3), 1.0))
    b = builder.tensor(Value((1, 3), 1.0))
    out = builder.tensor(Value((1, 3), 1.0))
    builder.op("SUB", [a, b], [out], schema.SubOptionsT())
    one, two = np.array([[9, 8, 7]], np.int8), np.array([[1, 2, 3]], np.int8)
    assert tflm.run(builder.finish([a, b], [out]), one, two).tolist() == [[8, 6, 4]]


@needs_tflm
def test_the_arena_is_exact(shared_data: Path) -> None:
    model = (shared_data / "tflite" / "kws_int8.tflite").read_bytes()
    x = images((1, 49, 10, 1))
    with tflm.Worker() as worker:
        needed = worker.arena_bytes(model)
        worker.run(model, x, arena_bytes=needed)
        with pytest.raises(ModelError, match=r"[Ff]ailed to allocate"):
            worker.run(model, x, arena_bytes=needed - 16)


@needs_tflm
def test_a_crash_of_tflm_is_a_tool_error() -> None:
    with pytest.raises(ToolError, match="crashed"):
        tflm.run(crasher(), images((1, 4)))


@needs_tflm
def test_a_worker_that_hangs_is_ended() -> None:
    with (
        tflm.Worker(timeout_s=0.001) as worker,
        pytest.raises(ToolError, match="took longer"),
    ):
        worker.run(requantizer(), images((4000, 2, 3, 4)))


@needs_tflm
def test_inputs_of_another_shape_or_type_are_named() -> None:
    with pytest.raises(DataError, match=r"int8 of shape \(2, 3, 4\), not int8 of shape \(2, 3\)"):
        tflm.run(requantizer(), images((2, 2, 3)))
    with pytest.raises(DataError, match="not float32"):
        tflm.run(requantizer(), np.zeros((1, 2, 3, 4), np.float32))


@needs_tflm
def test_bytes_that_are_no_model_are_refused() -> None:
    with pytest.raises((ModelError, ToolError)):
        tflm.run(b"TFL3" * 100, images((1, 4)))


def test_a_missing_wheel_names_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingToolError) as caught:
        tflm.Worker()
    assert "pip install" in caught.value.hint
