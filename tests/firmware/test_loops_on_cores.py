"""Each loop of the kernels in assembly, once at least on a core that it is for."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import qemu
from support.loops import (
    Sweep,
    dot_products,
    pairs,
    sweeps,
    twins,
    vectors,
    words_of_four,
)
from support.on_cores import Case, cases, wrong_cases

from edgekit import boards
from edgekit.build.toolchain import Compiler
from edgekit.ops import Constant
from edgekit.ops.variants import m0plus

pytestmark = pytest.mark.emulator

COMPILERS = ["zig", pytest.param("gcc", marks=pytest.mark.slow)]


def swept(sweep: Sweep, kernels: str) -> list[Case]:
    """The layer's cases, whose kernel does run that sweep."""
    with pytest.MonkeyPatch.context() as patch:
        if sweep.sides == 0:
            patch.setattr(m0plus, "shortened", lambda rescaling: None)
        found = cases([sweep.model()], kernels)
    call = found[0].call
    (shift,) = (x for x in call.arguments if isinstance(x, Constant) and x.role == "shift")
    assert call.parameters["sides"] == sweep.sides
    assert set(shift.values[: call.parameters["groups"]]) == {sweep.run}
    return found


def in_words_of_four(kernels: str) -> list[Case]:
    """The cases of fully connected layers, each of which does run the loop that it is for."""
    found: list[Case] = []
    for layer in words_of_four():
        made = cases([layer.model()], kernels)
        by = made[0].call.parameters
        if made[0].call.function == "ek_fully_connected_s8_m0plus":
            pieces = layer.large and layer.outputs > 3
            assert by["sides"] == (0 if layer.large else 1 if layer.clamped else 2)
            assert (by["piece"] < layer.inputs) == pieces
            assert by["unpacked"] == (layer.outputs > 7 or pieces)
            pair = layer.outputs // 2 % 2 and layer.outputs > 7 and not pieces
            assert by["paired"] == (kernels != "m3" and pair)
            assert by["wide"] == (kernels != "m3" and layer.outputs == 1)
            if layer.outputs % 4:
                assert by["halved"] == (kernels != "m3" and not layer.large)
        found += made
    return found


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("board", ["pico", pytest.param("mps2-an385", marks=qemu.NEEDS_QEMU)])
def test_every_sweep_and_dense_loop_equals_tflm(
    board: str, compiler: Compiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    kernels = boards.load(board).kernels
    tried: list[tuple[object, Case]] = [
        (sweep, case) for sweep in sweeps() for case in swept(sweep, kernels)
    ]
    tried += [(case.call.parameters, case) for case in in_words_of_four(kernels)]
    wrong = wrong_cases(board, [case for _, case in tried], tmp_path, compiler=compiler)
    assert not wrong, [tried[number][0] for number in wrong[::3]]


@qemu.NEEDS_QEMU
@pytest.mark.parametrize("compiler", COMPILERS)
def test_any_number_of_quads_equals_tflm(
    compiler: Compiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    found = cases(dot_products(), "dsp")
    for layer in twins():
        made = cases([layer.model()], "dsp")
        by = made[0].call.parameters
        assert by["prepared"] == (layer.outputs == 7)
        assert (by["run"] < layer.inputs // 4) == layer.large
        found += made
    for layer in pairs():
        made = cases([layer.model()], "dsp")
        assert made[0].call.function == "ek_fully_connected_s8_pairs_dsp"
        found += made
    wrong = wrong_cases("mps2-an386", found, tmp_path, compiler=compiler)
    assert not wrong, [found[number].call.parameters for number in wrong[:3]]


@qemu.NEEDS_QEMU
@pytest.mark.parametrize("compiler", COMPILERS)
def test_any_number_of_vectors_equals_tflm(
    compiler: Compiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    layers = vectors()
    found = cases([layer.model() for layer in layers], "mve")
    each = len(found) // len(layers)
    for layer, case in zip(layers, found[::each], strict=True):
        by = case.call.parameters
        assert by["per_channel"] == (layer.each and layer.outputs > 1)
        assert by["small"] == (layer.times < 4000)
        assert by["singles"] == (layer.inputs % 16 if layer.inputs in (33, 34, 35, 130) else 0)
    wrong = wrong_cases("mps3-an547", found, tmp_path, compiler=compiler)
    assert not wrong, [layers[number // each] for number in wrong[:3]]
