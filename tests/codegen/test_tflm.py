from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from support.compiler import compile_cpp
from support.models import ModelBuilder, Value, single_op

from edgekit import artifacts
from edgekit.artifacts import CompiledModel
from edgekit.codegen import aot
from edgekit.codegen import tflm as codegen
from edgekit.codegen.op_resolver import adder
from edgekit.errors import MissingToolError, ModelError, UnsupportedModelError
from edgekit.runtimes import tflm

needs_tflm = pytest.mark.skipif(not tflm.available(), reason="needs the tflite-micro wheel")

DUMP = """
#include <cstdint>
#include <cstdio>
#include "model_data.h"

int main() {
  if (reinterpret_cast<std::uintptr_t>(person_model_data) % 16 != 0) return 1;
  return std::fwrite(person_model_data, sizeof person_model_data, 1, stdout) == 1 ? 0 : 2;
}
"""

# Stands for TFLM's own header: its resolver refuses a call too many, as the real one does.
FAKE_RESOLVER = """
#include <cstdio>
enum TfLiteStatus { kTfLiteOk, kTfLiteError };
#define TF_LITE_ENSURE_STATUS(call) do { if ((call) != kTfLiteOk) return kTfLiteError; } while (0)
namespace tflite {
template <unsigned int count> class MicroMutableOpResolver {
 public:
  TfLiteStatus AddAdd() { return add("ADD"); }
  TfLiteStatus AddQuantize() { return add("QUANTIZE"); }
  TfLiteStatus AddConv2D() { return add("CONV_2D"); }
  unsigned int used = 0;
 private:
  TfLiteStatus add(const char* op) {
    std::puts(op);
    return ++used > count ? kTfLiteError : kTfLiteOk;
  }
};
}
"""

RESOLVE = """
#include "model_ops.h"

int main() {
  PersonOpResolver resolver;
  return person_add_ops(resolver) == kTfLiteOk ? 0 : 1;
}
"""


def small_model() -> bytes:
    """x + requantized x, twice the QUANTIZE."""
    builder = ModelBuilder()
    value = Value((1, 4, 3), 0.1, 3)
    numbers = [builder.tensor(value) for _ in range(4)]
    builder.op("QUANTIZE", numbers[:1], numbers[1:2], schema.QuantizeOptionsT())
    builder.op("QUANTIZE", numbers[1:2], numbers[2:3], schema.QuantizeOptionsT())
    builder.op("ADD", [numbers[0], numbers[2]], numbers[3:], schema.AddOptionsT())
    return builder.finish(numbers[:1], numbers[3:])


def run(program: Path) -> bytes:
    return subprocess.run([program], capture_output=True, timeout=30, check=True).stdout


def dumped(folder: Path) -> bytes:
    (folder / "dump.cc").write_text(DUMP)
    sources = [folder / "dump.cc", folder / "model_data.cc"]
    return run(compile_cpp(sources, folder / "dump", include=[folder]))


@needs_tflm
def test_the_compiled_array_runs_as_the_model_in_the_stated_arena(
    shared_data: Path, tmp_path: Path
) -> None:
    model = (shared_data / "tflite" / "kws_int8.tflite").read_bytes()
    compiled = codegen.generate(model, "person", tmp_path)
    array = dumped(tmp_path)
    x = np.random.default_rng(0).integers(-128, 128, (8, 49, 10, 1), np.int8)
    with tflm.Worker() as worker:
        found = worker.run(array, x, arena_bytes=compiled.arena_bytes)
        np.testing.assert_array_equal(found, worker.run(model, x))
        with pytest.raises(ModelError):
            worker.run(array, x, arena_bytes=compiled.arena_bytes - 16)
    assert f"#define PERSON_ARENA_SIZE {compiled.arena_bytes}\n" in (
        tmp_path / "model_data.h"
    ).read_text(encoding="utf-8")


@needs_tflm
def test_the_array_is_the_file_byte_for_byte(tmp_path: Path) -> None:
    codegen.generate(small_model(), "person", tmp_path)
    assert dumped(tmp_path) == small_model()


@needs_tflm
def test_the_resolver_has_exactly_the_models_ops(tmp_path: Path) -> None:
    codegen.generate(small_model(), "person", tmp_path)
    header = tmp_path / "tensorflow" / "lite" / "micro" / "micro_mutable_op_resolver.h"
    header.parent.mkdir(parents=True)
    header.write_text(FAKE_RESOLVER)
    (tmp_path / "resolve.cc").write_text(RESOLVE)
    program = compile_cpp([tmp_path / "resolve.cc"], tmp_path / "resolve", include=[tmp_path])
    assert run(program).decode().split() == ["ADD", "QUANTIZE"]
    assert "MicroMutableOpResolver<2>" in (tmp_path / "model_ops.h").read_text(encoding="utf-8")


@needs_tflm
def test_the_record_describes_the_model(tmp_path: Path) -> None:
    compiled = codegen.generate(small_model(), "person", tmp_path)
    assert artifacts.load(CompiledModel, tmp_path / "model.json") == compiled
    assert compiled.runtime == "tflm"
    assert [step.op for step in compiled.steps] == ["QUANTIZE", "QUANTIZE", "ADD"]
    assert (compiled.input.shape, compiled.input.zero_point) == ((4, 3), 3)
    assert compiled.weights_bytes == len(small_model())


@needs_tflm
def test_macs_are_those_of_the_compiler(shared_data: Path, tmp_path: Path) -> None:
    model = (shared_data / "tflite" / "vww_96_int8.tflite").read_bytes()
    ours = aot.generate(model, "vww", tmp_path / "aot")
    theirs = codegen.generate(model, "vww", tmp_path / "tflm")
    assert theirs.macs == ours.macs == 7_489_664


@needs_tflm
def test_the_same_model_gives_the_same_files(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        codegen.generate(small_model(), "person", folder)
    names = sorted(path.name for path in first.iterdir())
    assert names == ["model.json", "model_data.cc", "model_data.h", "model_ops.h"]
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes()


@pytest.mark.parametrize(
    ("op", "method"),
    [
        ("CONV_2D", "AddConv2D"),
        ("DEPTHWISE_CONV_2D", "AddDepthwiseConv2D"),
        ("FULLY_CONNECTED", "AddFullyConnected"),
        ("RELU6", "AddRelu6"),
        ("PADV2", "AddPadV2"),
        ("SPLIT_V", "AddSplitV"),
        ("L2_POOL_2D", "AddL2Pool2D"),
        ("SPACE_TO_BATCH_ND", "AddSpaceToBatchNd"),
        ("CUMSUM", "AddCumSum"),
        ("RESIZE_NEAREST_NEIGHBOR", "AddResizeNearestNeighbor"),
    ],
)
def test_ops_are_spelt_as_the_resolver_spells_them(op: str, method: str) -> None:
    assert adder(op) == method


def custom_model() -> bytes:
    """QUANTIZE, declared as somebody's own op."""
    model = schema.ModelT.InitFromPackedBuf(small_model(), 0)
    model.operatorCodes[0].builtinCode = schema.BuiltinOperator.CUSTOM
    model.operatorCodes[0].deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    model.operatorCodes[0].customCode = "MyOp"
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def test_custom_ops_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedModelError, match="MyOp"):
        codegen.generate(custom_model(), "person", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_float_models_are_refused(tmp_path: Path) -> None:
    value = Value((1, 4), dtype="float32")
    model = single_op("RELU", [value], value)
    with pytest.raises(ModelError, match="the input of person is float32, not int8"):
        codegen.generate(model, "person", tmp_path)


@needs_tflm
def test_a_model_that_tflm_refuses_leaves_no_files(tmp_path: Path) -> None:
    model = single_op(
        "SOFTMAX", [Value((1, 4), 0.1)], Value((1, 4), 0.5, 0), schema.SoftmaxOptionsT()
    )
    with pytest.raises(ModelError, match="refuses the model"):
        codegen.generate(model, "person", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("keep", [0, 7, 8, 40, 200])
def test_a_cut_file_is_refused(keep: int, tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        codegen.generate(small_model()[:keep], "person", tmp_path)


def test_without_the_wheel_the_command_that_installs_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingToolError) as caught:
        codegen.generate(small_model(), "person", tmp_path)
    assert "pip install" in caught.value.hint
