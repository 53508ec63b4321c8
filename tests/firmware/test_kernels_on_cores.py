"""Kernels on the cores that they are for, instruction for instruction as the core runs them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis.strategies import SearchStrategy, one_of
from support import qemu
from support.convolutions import conv_2d, depthwise_conv_2d, fully_connected
from support.elementwise import addition, multiplication
from support.lookups import hard_swish
from support.on_cores import cases, drawn, wrong_cases
from support.pools import global_pool, wide_pool

from edgekit import boards

pytestmark = [pytest.mark.emulator, qemu.NEEDS_QEMU]


def others() -> SearchStrategy[bytes]:
    """Ops for which some cores have kernels of their own, in one firmware."""
    return one_of(addition(), multiplication(), wide_pool(), global_pool(), hard_swish())


def strided_depthwise() -> SearchStrategy[bytes]:
    """3 x 3 kernels with strides, which some cores meet in another way."""
    return depthwise_conv_2d(strided=True)


@pytest.mark.parametrize(
    "board",
    [
        "mps3-an547",
        *(  # the directed cases of test_loops_on_cores.py are quicker
            pytest.param(board, marks=pytest.mark.slow)
            for board in ("mps2-an385", "mps2-an386", "mps2-an500", "mps2-an505")
        ),
    ],
)
@pytest.mark.parametrize("compiler", ["zig", pytest.param("gcc", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "op",
    [
        conv_2d, depthwise_conv_2d, fully_connected, others,
        pytest.param(strided_depthwise, marks=pytest.mark.slow),
    ],
)  # fmt: skip
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
