from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from support.models import Value, single_op

from edgekit.errors import DataError, MissingToolError, ModelError
from edgekit.runtimes.litert import Interpreter

REAL_IMPORT = importlib.import_module


def doubler() -> bytes:
    """int8 in, twice the value out."""
    return single_op(
        "QUANTIZE", [Value((1, 2, 3), 0.2)], Value((1, 2, 3), 0.1), schema.QuantizeOptionsT()
    )


def test_outputs_come_in_order_with_their_shape() -> None:
    x = np.arange(24, dtype=np.int8).reshape(4, 2, 3)
    assert np.array_equal(Interpreter(doubler()).run(x), 2 * x)


def test_both_sets_of_kernels_run_a_real_model(shared_data: Path) -> None:
    model = (shared_data / "tflite" / "kws_int8.tflite").read_bytes()
    x = np.random.default_rng(0).integers(-128, 128, (4, 49, 10, 1), np.int8)
    reference = Interpreter(model).run(x).astype(int)
    fast = Interpreter(model, reference=False, threads=2).run(x).astype(int)
    assert reference.shape == (4, 12)
    assert (np.abs(reference - fast) <= 2).mean() > 0.9


def test_inputs_of_another_shape_or_type_are_named() -> None:
    with pytest.raises(DataError, match=r"shape \(2, 3\), not int8 of shape \(3, 2\)"):
        Interpreter(doubler()).run(np.zeros((1, 3, 2), np.int8))
    with pytest.raises(DataError, match="not uint8"):
        Interpreter(doubler()).run(np.zeros((1, 2, 3), np.uint8))


def test_bytes_that_are_no_model_are_refused() -> None:
    with pytest.raises(ModelError, match="LiteRT refuses"):
        Interpreter(b"not a model at all")


def only(*allowed: str) -> object:
    def import_module(name: str) -> ModuleType:
        if name.startswith(("ai_edge_litert", "tflite_runtime")) and name not in allowed:
            raise ImportError(name)
        return REAL_IMPORT("ai_edge_litert.interpreter" if name in allowed else name)

    return import_module


def test_tflite_runtime_is_taken_where_it_is_all_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib, "import_module", only("tflite_runtime.interpreter"))
    x = np.ones((1, 2, 3), np.int8)
    assert np.array_equal(Interpreter(doubler()).run(x), 2 * x)


def test_no_runtime_at_all_names_the_command_that_installs_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib, "import_module", only())
    with pytest.raises(MissingToolError) as caught:
        Interpreter(doubler())
    assert caught.value.hint == "pip install ai-edge-litert"
