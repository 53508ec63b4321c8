"""CMSIS-NN beside edgekit: what the calls are given, what was kept, and when a goal is missed."""

from __future__ import annotations

import importlib
import struct
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from ai_edge_litert import schema_py_generated as schema
from support.small_nets import RELU, SAME, NetBuilder

from edgekit.fixedpoint import multiply_by_quantized_multiplier
from edgekit.runtimes.litert import Interpreter
from edgekit.tflite import read_graph

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(BENCHMARKS), *sys.path])


@pytest.fixture
def results() -> ModuleType:
    return importlib.import_module("cmsis_nn_results")


@pytest.fixture
def calls() -> ModuleType:
    return importlib.import_module("cmsis_nn_layers")


def _found(calls: ModuleType) -> list[Any]:
    """The layers of a convolution of two groups and a sum, on an image of 5 x 4."""
    net = NetBuilder(zero_point=-7)
    image = net.value(1, 5, 4, 4)
    x = net.conv(image, (1, 3, 2, 6), (6, 3, 3, 2), stride=2, padding=SAME, activation=RELU)
    y = net.conv(image, (1, 3, 2, 6), (6, 3, 3, 4), stride=2, padding=SAME)
    total = net.made("ADD", [x, y], (1, 3, 2, 6), schema.AddOptionsT())
    model = net.finish([image], [total])
    graph = read_graph(model, "model")
    drawn = np.random.default_rng(3).integers(-128, 128, (1, 5, 4, 4), dtype=np.int8)
    values = Interpreter(model, keep_tensors=True).tensors(drawn)
    numbered = {
        n: values[t.name].tobytes() for n, t in enumerate(graph.tensors) if t.name in values
    }
    return list(calls.layers_of(graph, numbered))


def _convolved(layer: Any) -> npt.NDArray[np.int8]:
    """The output that a call's fields and arrays stand for, value by value."""
    by, arrays = layer.fields, layer.arrays
    image = arrays["first"].reshape(by["in_h"], by["in_w"], by["in_ch"]).astype(int)
    image = np.pad(image + by["first_offset"], ((by["pad_h"], 9), (by["pad_w"], 9), (0, 0)))
    out = np.zeros((by["out_h"], by["out_w"], by["out_ch"]), np.int8)
    each = by["out_ch"] * by["kernel_ch"] // by["in_ch"]
    for y, x, channel in np.ndindex(out.shape):
        top, left = y * by["stride_h"], x * by["stride_w"]
        start = channel // each * by["kernel_ch"]
        window = image[top:, left:, start:][: by["kernel_h"], : by["kernel_w"], : by["kernel_ch"]]
        total = int((window * arrays["weights"][channel]).sum() + arrays["bias"][channel])
        scaled = multiply_by_quantized_multiplier(
            total, int(arrays["multiplier"][channel]), int(arrays["shift"][channel])
        )
        out[y, x, channel] = np.clip(
            scaled + by["output_offset"], by["output_min"], by["output_max"]
        )
    return out.reshape(-1)


def test_a_convolution_is_given_all_that_makes_its_bytes(calls: ModuleType) -> None:
    grouped, plain, _ = _found(calls)
    assert (grouped.fields["kernel_ch"], plain.fields["kernel_ch"]) == (2, 4)
    assert grouped.macs == 3 * 2 * 6 * 3 * 3 * 2
    for layer in (grouped, plain):
        assert np.array_equal(_convolved(layer), layer.arrays["expected"])


def test_a_sum_is_given_both_inputs(calls: ModuleType) -> None:
    first, second, total = _found(calls)
    assert total.op == "ADD"
    assert np.array_equal(total.arrays["first"], first.arrays["expected"])
    assert np.array_equal(total.arrays["second"], second.arrays["expected"])
    assert {"second_offset", "second_multiplier", "output_shift"} <= total.fields.keys()


def test_what_is_packed_is_found_where_its_fields_say(calls: ModuleType) -> None:
    found = _found(calls)
    blob = calls.pack(found)
    assert struct.unpack_from("<i", blob) == (3,)
    places, size = blob[16:], 4 * len(calls.FIELDS)
    for number, layer in enumerate(found):
        values = struct.unpack_from(f"<{len(calls.FIELDS)}i", places, number * size)
        by = dict(zip(calls.FIELDS, values, strict=True))
        assert layer.fields.items() <= by.items()
        for name, array in layer.arrays.items():
            assert by[name] % 16 == 0
            assert by[name] >= 3 * size
            assert places[by[name] :].startswith(array.tobytes())


def test_parts_keep_the_order_and_the_room(calls: ModuleType) -> None:
    found = _found(calls)
    room = found[0].bytes + found[1].bytes
    assert list(calls.parts(found, room)) == [found[:2], found[2:]]
    assert list(calls.parts(found, 1)) == [[layer] for layer in found]


def _comparison(results: ModuleType, core: str) -> Any:
    counts = [
        results.Count(name=str(each), macs=10, cmsis_nn=each, edgekit=100)
        for each in (210, 190, 139, 90)
    ]
    return results.Comparison(
        core=core, machine="m", version="v", sources_sha256="", compiler="zig cc 0", flags=(),
        edgekit_compiler="gcc", edgekit_flags=(), layers=tuple(counts[:3]),
        models=tuple(counts[3:]),
    )  # fmt: skip


def test_the_goal_is_twice_fewer_and_less_with_vectors(results: ModuleType) -> None:
    found = _comparison(results, "cortex-m4")
    assert found.key == ("cortex-m4", "zig")
    assert [row.times for row in found.short_of_goal] == [0.9, 1.39, 1.9]
    assert [row.times for row in _comparison(results, "cortex-m55").short_of_goal] == [0.9, 1.39]


def test_what_was_kept_has_every_shape_and_model(results: ModuleType) -> None:
    measuring = importlib.import_module("cmsis_nn")
    kept = results.load()
    shapes = [shape.name for shape in measuring.awkward_shapes.SHAPES]
    assert list(kept) == list(results.BUILDS)
    for found in kept.values():
        assert [row.name for row in found.layers] == shapes
        assert [row.name for row in found.models] == list(measuring.odd_models.MODELS)
