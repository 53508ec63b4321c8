"""Each loop of the kernels in assembly, once at least on a core that it is for."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import qemu
from support.loops import Sweep, dot_products, pairs, sweeps, twins, vectors
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


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("board", ["pico", pytest.param("mps2-an385", marks=qemu.NEEDS_QEMU)])
def test_every_sweep_equals_tflm(
    board: str, compiler: Compiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    kernels = boards.load(board).kernels
    tried = [(sweep, case) for sweep in sweeps() for case in swept(sweep, kernels)]
    wrong = wrong_cases(board, [case for _, case in tried], tmp_path, compiler=compiler)
    assert not wrong, {tried[number][0] for number in wrong}


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
