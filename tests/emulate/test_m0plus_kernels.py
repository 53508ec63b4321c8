"""The assembly of the Cortex-M0+ kernels on both cores of the emulated Pico: drawn forms, in one
firmware."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.convolutions import conv_2d, depthwise_conv_2d, fully_connected
from support.elementwise import addition
from support.on_cores import cases, drawn, wrong_cases

pytestmark = pytest.mark.emulator


@pytest.mark.slow
@pytest.mark.parametrize("compiler", ["zig", "gcc"])
def test_any_form_equals_tflm(
    compiler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    models = [
        model
        for op in (
            conv_2d(),
            conv_2d(2, 1),
            depthwise_conv_2d(),
            fully_connected(),
            addition(),
        )
        for model in drawn(op, 25)
    ]
    found = cases(models, "m0plus_dual")
    wrong = wrong_cases("pico", found, tmp_path, compiler=compiler)
    assert not wrong, [found[number].call.parameters for number in wrong[:3]]
