from __future__ import annotations

from pathlib import Path

import pytest
from cli.conftest import Run
from support.small_nets import RELU6, NetBuilder


def _padded() -> bytes:
    """A PAD before a convolution."""
    net = NetBuilder()
    image = net.value(1, 4, 4, 3)
    padded = net.pad(image, (1, 6, 6, 3), (1, 1), (1, 1))
    return net.finish([image], [net.conv(padded, (1, 4, 4, 2), (2, 3, 3, 3))])


def _plain() -> bytes:
    net = NetBuilder()
    image = net.value(1, 4, 4, 3)
    return net.finish([image], [net.conv(image, (1, 4, 4, 2), (2, 1, 1, 3), activation=RELU6)])


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (_padded(), "all passes together: 2 → 1 steps, 1 → 0 steps that only move values, "
                    "108 → 0 bytes moved per inference"),
        (_plain(), "all passes together: steps, bytes moved and RAM stay as they are"),
    ],
)  # fmt: skip
def test_explain_says_what_passes_saved(run: Run, tmp_path: Path, model: bytes, said: str) -> None:
    (tmp_path / "net.tflite").write_bytes(model)
    found = run("codegen", tmp_path / "net.tflite", "-o", tmp_path / "c", "--explain")
    assert said in " ".join(found.out.split())
