"""Models that take or give float32 or uint8: the C beside the int8 inference converts as TFLM."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from support.compiler import compile_c, compile_cpp
from support.oracle import tflm_outputs
from support.outer_models import RESULT, SHAPE, outer_model

from edgekit.artifacts import CompiledModel
from edgekit.codegen import aot

_KINDS = ("int8", "uint8", "float32")
_C_TYPES = {"int8": "int8_t", "uint8": "uint8_t", "float32": "float"}
_MAIN = """
#include <stdio.h>
#include <string.h>
#include "net.h"

int main(void)
{{
    static {taken} in[NET_INPUT_SIZE];
    static {given} out[NET_OUTPUT_SIZE];
    while (fread(in, sizeof in, 1, stdin) == 1) {{
        {write};
        net_run();
        {read};
        if (fwrite(out, sizeof out, 1, stdout) != 1)
            return 1;
    }}
    return 0;
}}
"""


def _run(
    model: bytes, folder: Path, x: npt.NDArray[np.generic], given: str
) -> tuple[CompiledModel, bytes]:
    """What a user's program that works with the file's own types gets."""
    compiled = aot.generate(model, "net", folder)
    own = x.dtype.name, given
    (folder / "main.c").write_text(
        _MAIN.format(
            taken=_C_TYPES[own[0]],
            given=_C_TYPES[own[1]],
            write="memcpy(net_input(), in, sizeof in)" if own[0] == "int8" else "net_set_input(in)",
            read="memcpy(out, net_output(), sizeof out)"
            if own[1] == "int8"
            else "net_get_output(out)",
        )
    )
    program = compile_c([folder / "main.c", folder / "model.c"], folder / "a", include=[folder])
    done = subprocess.run([program], input=x.tobytes(), capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[:3000]
    return compiled, done.stdout


def _inputs(kind: str) -> npt.NDArray[np.generic]:
    random = np.random.default_rng(0)
    if kind == "float32":
        return random.normal(0, 6, (20, *SHAPE[1:])).astype(np.float32)
    limits = np.iinfo(kind)
    return random.integers(limits.min, limits.max + 1, (20, *SHAPE[1:]), dtype=kind)


@pytest.mark.parametrize("given", _KINDS)
@pytest.mark.parametrize("taken", _KINDS)
def test_whole_models_give_the_bytes_of_tflm(tmp_path: Path, taken: str, given: str) -> None:
    model, x = outer_model(taken, given), _inputs(taken)
    compiled, found = _run(model, tmp_path, x, given)
    expected = tflm_outputs(model, x)
    assert expected.dtype == given
    assert found == expected.tobytes()
    assert (compiled.file_input, compiled.file_output) == (taken, given)
    assert (compiled.input.dtype, compiled.output.dtype) == ("int8", "int8")


def test_the_inference_itself_has_no_float_in_it(tmp_path: Path) -> None:
    compiled = aot.generate(outer_model("float32", "float32"), "net", tmp_path)
    assert [step.op for step in compiled.steps] == ["CONV_2D"]
    assert compiled.input.shape == SHAPE[1:]
    assert compiled.output.shape == RESULT[1:]
    plain = aot.generate(outer_model("int8", "int8"), "net", tmp_path / "plain")
    assert compiled.arena_bytes == plain.arena_bytes


def test_the_header_is_cpp_too(tmp_path: Path) -> None:
    aot.generate(outer_model("float32", "uint8"), "net", tmp_path)
    (tmp_path / "main.cpp").write_text(
        '#include "net.h"\n'
        "int main() { float in[NET_INPUT_SIZE]; uint8_t out[NET_OUTPUT_SIZE];\n"
        "  (void)in; (void)out; void (*set)(const float *) = net_set_input;\n"
        "  void (*get)(uint8_t *) = net_get_output; return !(set || get); }\n"
    )
    (tmp_path / "stub.cpp").write_text(
        '#include "net.h"\n'
        "void net_set_input(const float *) {}\nvoid net_get_output(uint8_t *) {}\n"
    )
    sources = [tmp_path / "main.cpp", tmp_path / "stub.cpp"]
    compile_cpp(sources, tmp_path / "a", include=[tmp_path])
