"""Kernels in this process against TensorFlow Lite Micro, byte for byte."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from support.convolutions import conv_2d, depthwise_conv_2d, fully_connected
from support.models import Value, constant, single_op
from support.oracle import tflm_outputs
from support.shuffle_unit import shuffle_unit
from support.small_nets import wide_net

from edgekit.errors import DataError, ToolError
from edgekit.runtimes.litert import Interpreter
from edgekit.runtimes.native import NativeModel, library
from edgekit.tflite import read_graph


def inputs(model: bytes, count: int = 7) -> npt.NDArray[np.int8]:
    """`[count, ...]` int8: noise, then the extremes."""
    graph = read_graph(model, "net")
    shape = graph.tensor(graph.inputs[0]).unbatched
    noise = np.random.default_rng(3).integers(-128, 128, (count - 2, *shape), np.int8)
    return np.concatenate([noise, *(np.full((1, *shape), end, np.int8) for end in (-128, 127))])


def assert_equals_tflm(model: bytes, count: int = 7) -> None:
    x = inputs(model, count)
    expected = tflm_outputs(model, x)
    found = NativeModel(read_graph(model, "net"), threads=2).run(x)
    np.testing.assert_array_equal(found.reshape(expected.shape), expected)


@given(conv_2d())
@settings(max_examples=60)
def test_any_convolution_equals_tflm(model: bytes) -> None:
    assert_equals_tflm(model)


@given(depthwise_conv_2d())
@settings(max_examples=60)
def test_any_depthwise_convolution_equals_tflm(model: bytes) -> None:
    assert_equals_tflm(model)


@given(fully_connected())
@settings(max_examples=40)
def test_any_fully_connected_equals_tflm(model: bytes) -> None:
    assert_equals_tflm(model)


def test_sums_that_float_would_round_are_exact() -> None:
    """9000 products of about 127 * -128 are far above 2^24, from where float32 skips odd numbers;
    the zero point's share takes nearly all of it away again, so that the rest shows."""
    rng = np.random.default_rng(0)
    weights = rng.integers(100, 128, (35, 9000)).astype(np.int8)
    model = single_op(
        "FULLY_CONNECTED",
        [Value((1, 9000), 0.5, -128), constant(weights, scale=0.25)],
        Value((1, 35), 0.5 * 0.25 * 60, -128),
        schema.FullyConnectedOptionsT(),
        version=4,
    )
    x = (-128 + (rng.random((12, 9000)) < 0.01)).astype(np.int8)
    assert np.abs(x.astype(np.int64) @ weights.T).max() > 1 << 26
    expected = tflm_outputs(model, x)
    assert len(np.unique(expected)) > 20
    np.testing.assert_array_equal(NativeModel(read_graph(model, "net")).run(x), expected)


@pytest.mark.parametrize("make", [wide_net, shuffle_unit])
def test_whole_nets_equal_tflm(make: object) -> None:
    assert_equals_tflm(make(), 23)  # type: ignore[operator]


@pytest.mark.parametrize("name", ["vww_96_int8", "resnet8_int8", "kws_int8"])
def test_real_models_equal_tflm(name: str, shared_data: Path) -> None:
    assert_equals_tflm((shared_data / "tflite" / f"{name}.tflite").read_bytes(), 12)


def test_every_value_inside_can_be_seen() -> None:
    graph = read_graph(wide_net(), "net")
    x = inputs(wide_net(), 3)[:1]
    expected = Interpreter(wide_net(), keep_tensors=True).tensors(x)
    found = NativeModel(graph, keep=True).values(x)
    for operation, values in zip(graph.operations, found, strict=True):
        name = graph.tensor(operation.outputs[0]).name
        np.testing.assert_array_equal(values, expected[name].ravel(), err_msg=name)


def test_fewer_images_than_threads_are_no_trouble() -> None:
    model = wide_net()
    x = inputs(model)
    many = NativeModel(read_graph(model, "net"), threads=3)
    assert np.array_equal(many.run(x[:1]), many.run(x)[:1])
    assert many.run(x[:0]).shape == (0, 5, 4, 11)


def test_images_that_do_not_fit_are_named() -> None:
    with pytest.raises(DataError, match=r"takes int8 of shape \(9, 7, 3\), not int8 .* \(7, 9, 3"):
        NativeModel(read_graph(wide_net(), "net")).run(np.zeros((2, 7, 9, 3), np.int8))


def test_a_kernel_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "cache_folder", lambda: tmp_path)
    source = library.Signature("ek_lookup_s8", "ek_lookup_s8.h", ("count",), 3).source()
    first = library._built(source)
    monkeypatch.setattr(library, "run_tool", lambda *given, **how: pytest.fail("compiled again"))
    assert library._built(source) == first
    assert [path.suffix for path in tmp_path.iterdir()] == [".so"]


def test_another_kernel_header_is_compiled_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler = ("cc",)
    source = '#include "ek_lookup_s8.h"\n'
    before = library._key(source, compiler)
    (tmp_path / "ek_lookup_s8.h").write_text("/* changed */")
    monkeypatch.setattr(library, "kernels_folder", lambda: tmp_path)
    assert library._key(source, compiler) != before


def test_a_compiler_that_fails_says_what_it_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "cache_folder", lambda: tmp_path)
    with pytest.raises(ToolError, match="nonsense"):
        library._built("nonsense\n")
    assert not list(tmp_path.iterdir())
