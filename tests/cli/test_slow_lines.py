"""Layers without a fast kernel are named wherever a model is compiled."""

from __future__ import annotations

from pathlib import Path

from cli.conftest import Run
from support.small_nets import dilated_depthwise


def test_codegen_prints_the_line_and_explain_names_the_kernel(run: Run, tmp_path: Path) -> None:
    model = tmp_path / "net.tflite"
    model.write_bytes(dilated_depthwise(3))
    said = run("codegen", model, "--board", "mps2-an386", "-o", tmp_path / "c", "--explain")
    words = " ".join(said.out.split())
    assert "slower narrow (DEPTHWISE_CONV_2D, 100.0 % of the MACs): one weight at a time" in words
    assert "ek_depthwise_conv_2d_s8_dsp" in words


def test_without_a_board_kernels_are_portable(run: Run, tmp_path: Path) -> None:
    model = tmp_path / "net.tflite"
    model.write_bytes(dilated_depthwise(1))
    assert "portable C, for any core" in " ".join(
        run("codegen", model, "-o", tmp_path / "c").out.split()
    )


def test_what_stays_portable_is_said_in_a_line_and_explain_marks_it(
    run: Run, tmp_path: Path
) -> None:
    model = tmp_path / "net.tflite"
    model.write_bytes(dilated_depthwise(1))
    said = run("codegen", model, "--board", "mps2-an385", "-o", tmp_path / "c", "--explain")
    words = " ".join(said.out.split())
    line = "portable C DEPTHWISE_CONV_2D (100.0 % of the MACs): edgekit has nothing faster"
    assert line in words
    assert "ek_depthwise_conv_2d_s8 (portable)" in words
