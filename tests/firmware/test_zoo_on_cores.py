"""Whole zoo networks on emulated boards, by each family's kernels: TFLM's bytes, to the last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import emulated, qemu
from support.oracle import tflm_outputs
from support.zoo_models import alive, int8_model

from edgekit import boards, emulate, zoo
from edgekit.link import open_link
from edgekit.link.client import Client

pytestmark = [pytest.mark.emulator, qemu.NEEDS_QEMU]

BOARDS = ("pico", "pico2", "mps2-an385", "mps2-an386", "mps3-an547")
"""One for each family of kernels."""
_SMALL: list[tuple[str, dict[str, Any]]] = [
    ("mobilenet_v2", {"alpha": 0.35}),
    ("mobilenet_v3", {"size": "small", "alpha": 0.75}),
    ("shufflenet_v2", {"scale": 0.5}),
]
_INPUTS = 3


@pytest.mark.parametrize(
    ("name", "metaparameters"),
    [
        *(pytest.param(*one, marks=pytest.mark.slow, id=one[0]) for one in _SMALL),
        *(
            pytest.param(entry["name"], entry["variant"], marks=pytest.mark.exhaustive)
            for entry in zoo.entries()
        ),
    ],
)
def test_networks_equal_tflm_on_every_family(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, metaparameters: dict[str, Any]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    network = zoo.describe(name, **{**metaparameters, "resolution": 32, "classes": 10})
    model = int8_model(alive(network))
    shape = (_INPUTS, *network.input.shape)
    x = np.random.default_rng(0).integers(-128, 128, shape, dtype=np.int8)
    wanted = tflm_outputs(model, x).reshape(_INPUTS, -1)
    for board in _roomy(len(model)):
        np.testing.assert_array_equal(_outputs(board, model, x, tmp_path / board), wanted, board)


def _roomy(model_bytes: int) -> list[str]:
    """The boards whose flash holds the model; the one with a Cortex-M55 has half a megabyte."""
    return [b for b in BOARDS if boards.load(b).memory.flash.size_bytes > 1.1 * model_bytes]


def _outputs(board_id: str, model: bytes, x: Any, folder: Path) -> Any:
    """`[n, classes]` int8 that an emulated board answers."""
    board = boards.load(board_id)
    emulated.flash(board, model, folder)
    with emulate.start(board) as running, open_link(running.port) as link:
        client = Client(link)
        answers = [client.infer(image.tobytes()).output for image in x]
    return np.stack([np.frombuffer(answer, np.int8) for answer in answers])
