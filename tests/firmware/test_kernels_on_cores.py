"""Kernels on the cores that they are for, instruction for instruction as the core runs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import SearchStrategy, one_of
from support import qemu
from support.convolutions import conv_2d, depthwise_conv_2d, fully_connected, images_for
from support.elementwise import addition, multiplication
from support.lookups import hard_swish
from support.on_cores import Case, wrong_cases
from support.oracle import tflm_outputs
from support.pools import global_pool, wide_pool

from edgekit import boards
from edgekit.ops import operators
from edgekit.tflite import read_graph

pytestmark = [pytest.mark.emulator, qemu.NEEDS_QEMU]


def drawn(strategy: SearchStrategy[bytes], count: int) -> list[bytes]:
    """Models of a strategy, the same ones each time."""
    found: list[bytes] = []

    @given(strategy)
    @settings(max_examples=count, database=None)
    def collect(model: bytes) -> None:
        found.append(model)

    collect()
    return found


def others() -> SearchStrategy[bytes]:
    """Ops for which some cores have kernels of their own, in one firmware."""
    return one_of(addition(), multiplication(), wide_pool(), global_pool(), hard_swish())


def cases(models: list[bytes], kernels: str) -> list[Case]:
    """Three images for each model, and what TFLM makes of them."""
    made = []
    for model in models:
        graph = replace(read_graph(model, "drawn"), kernels=kernels)
        (call,) = operators()[graph.operations[0].op].calls(graph, graph.operations[0])
        images = images_for(graph.tensor(graph.inputs[0]).shape, seed=len(made))
        expected = tflm_outputs(model, np.stack(images))
        made += [Case(call, x, wanted) for x, wanted in zip(images, expected, strict=True)]
    return made


@pytest.mark.parametrize(
    "board",
    [
        "mps2-an386",
        "mps3-an547",
        *(
            pytest.param(board, marks=pytest.mark.slow)
            for board in ("mps2-an385", "mps2-an500", "mps2-an505")
        ),
    ],
)
@pytest.mark.parametrize("compiler", ["zig", pytest.param("gcc", marks=pytest.mark.slow)])
@pytest.mark.parametrize("op", [conv_2d, depthwise_conv_2d, fully_connected, others])
def test_any_form_equals_tflm_on_the_core(
    op: Callable[[], SearchStrategy[bytes]],
    board: str,
    compiler: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    found = cases(drawn(op(), 40 if op is not others else 100), boards.load(board).core.kernels)
    wrong = wrong_cases(board, found, tmp_path, compiler=compiler)
    assert not wrong, [found[number].call.parameters for number in wrong[:3]]
