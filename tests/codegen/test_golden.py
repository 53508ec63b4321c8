"""The generated C of a tiny model, byte for byte: reviewed like code.

A change that is meant is taken over by `UPDATE_GOLDEN=1 pytest tests/codegen/test_golden.py`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.tiny_network import tiny_model

from edgekit.codegen import aot

GOLDEN = Path(__file__).parents[1] / "golden" / "tiny"


@pytest.mark.parametrize("name", ["model.c", "tiny.h", "model.json"])
def test_generated_c_is_as_reviewed(tmp_path: Path, name: str) -> None:
    aot.generate(tiny_model(), "tiny", tmp_path)
    found = (tmp_path / name).read_text()
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.mkdir(parents=True, exist_ok=True)
        (GOLDEN / name).write_text(found)
    assert found == (GOLDEN / name).read_text()
