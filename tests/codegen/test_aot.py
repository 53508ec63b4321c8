from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import Value, single_op
from support.native import NativeModel
from support.oracle import tflm_outputs
from support.tiny_network import tiny_model

from edgekit import artifacts
from edgekit.artifacts import CompiledModel
from edgekit.codegen import aot
from edgekit.errors import InputError, ModelError, UnsupportedModelError


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[CompiledModel, Path]:
    folder = tmp_path_factory.mktemp("tiny")
    return aot.generate(tiny_model(), "Tiny net", folder), folder


def test_a_whole_model_equals_tflm(tmp_path: Path) -> None:
    x = np.random.default_rng(0).integers(-128, 128, (20, 6, 5, 2), dtype=np.int8)
    found = NativeModel(tiny_model(), tmp_path).run(x)
    assert np.array_equal(found, tflm_outputs(tiny_model(), x[:, None]).reshape(found.shape))


def test_the_record_says_what_was_generated(compiled: tuple[CompiledModel, Path]) -> None:
    record, folder = compiled
    assert record.name == "tiny_net"
    assert [(step.index, step.op, step.macs) for step in record.steps] == [
        (0, "CONV_2D", 3 * 3 * 3 * 18),
        (1, "DEPTHWISE_CONV_2D", 27 * 6),
        (2, "FULLY_CONNECTED", 81),
    ]
    assert record.macs == 486 + 162 + 81
    assert record.input == artifacts.TensorSpec(
        name="image",
        shape=(6, 5, 2),
        dtype="int8",
        scale=float(np.float32(1 / 255)),
        zero_point=-128,
    )
    assert (record.output.name, record.output.shape) == ("scores", (3,))
    # 54 + 18 + 81 weights, 9 biases, 3 + 3 + 1 multipliers of 4 bytes and shifts of 1.
    assert record.weights_bytes == 153 + 9 * 4 + 7 * 5
    # The image, 72 bytes of scratch, the first result.
    assert record.arena_bytes == record.arena_lower_bound_bytes == 60 + 72 + 28
    assert artifacts.load(CompiledModel, folder / "model.json") == record


def test_the_folder_holds_what_the_record_names(compiled: tuple[CompiledModel, Path]) -> None:
    record, folder = compiled
    assert {path.name for path in folder.iterdir()} == {*record.sources, "model.json"}
    includes = re.findall(r'#include "([^"]+)"', "".join(map(str, _texts(folder, record))))
    assert set(includes) <= set(record.sources)


def _texts(folder: Path, record: CompiledModel) -> list[str]:
    return [(folder / name).read_text() for name in record.sources]


def test_generated_files_do_not_depend_on_when_or_where(
    compiled: tuple[CompiledModel, Path], tmp_path: Path
) -> None:
    record, folder = compiled
    aot.generate(tiny_model(), "Tiny net", tmp_path / "elsewhere")
    for name in (*record.sources, "model.json"):
        assert (folder / name).read_bytes() == (tmp_path / "elsewhere" / name).read_bytes()
        assert str(tmp_path.parent) not in (folder / name).read_text()


def _compile_with_clang(source: Path, *flags: str) -> None:
    pytest.importorskip("ziglang")
    command = [sys.executable, "-m", "ziglang", "cc", "-O2", "-Wall", "-Wextra", "-Werror", *flags]
    done = subprocess.run(
        [*command, "-c", source, "-o", source.with_suffix(".o")],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


def test_generated_c_pleases_clang_too(tmp_path: Path) -> None:
    aot.generate(tiny_model(), "net", tmp_path)
    _compile_with_clang(tmp_path / "model.c", "-std=c11", "-Wconversion", "-pedantic")


def test_the_public_header_serves_cplusplus(tmp_path: Path) -> None:
    aot.generate(tiny_model(), "net", tmp_path)
    source = tmp_path / "use.cc"
    source.write_text(
        '#include "net.h"\n'
        'static_assert(NET_INPUT_SIZE == 60 && NET_OUTPUT_SIZE == 3, "");\n'
        "int use() { return net_input()[0] + net_run() + net_output()[0]; }\n"
    )
    _compile_with_clang(source, "-x", "c++", "-std=c++11")


def test_the_compiler_does_without_tensorflow() -> None:
    check = "import sys, edgekit.codegen.aot; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], timeout=60).returncode == 0


def test_nothing_is_written_for_a_model_that_cannot_be_compiled(tmp_path: Path) -> None:
    model = single_op(
        "ABS", [Value((1, 4), 0.5)], Value((1, 4), 0.5, name="y"), schema.AbsOptionsT()
    )
    with pytest.raises(UnsupportedModelError, match=r"ABS #0 \(y\)"):
        aot.generate(model, "net", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot write"):
        aot.generate(tiny_model(), "net", tmp_path / "file")


_WORDS = st.sampled_from([0, 1, 0x3F800000, 0x7F7FFFFF, 0x00000001, 0x7FFFFFFF, 0xFFFFFFFF])


@given(st.data())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_corrupt_models_are_refused_or_compiled(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Scales, shapes and options at any limit reach every op's arithmetic."""
    model = bytearray(tiny_model())
    at = data.draw(st.integers(0, len(model) // 4 - 1)) * 4
    model[at : at + 4] = data.draw(_WORDS).to_bytes(4, "little")
    try:
        aot.generate(bytes(model), "net", tmp_path_factory.getbasetemp() / "corrupt")
    except ModelError:
        return
