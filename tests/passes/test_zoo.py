"""Whole zoo networks: the passes keep the oracle's bytes, and leave nothing to copy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.native import NativeModel
from support.oracle import tflm_outputs
from support.zoo_models import alive, int8_model

from edgekit import zoo

_SMALL: list[tuple[str, dict[str, Any]]] = [
    ("shufflenet_v2", {"scale": 0.5}),
    ("shufflenet_v1", {"scale": 0.25}),
    ("shufflenet_v1", {"scale": 0.25, "groups": 8}),
    ("mobilenet_v2", {"alpha": 0.35}),
    ("mobilenet_v3", {"size": "small", "alpha": 0.75}),
    ("squeezenet", {"bypass": "none"}),
    ("squeezenet", {"bypass": "complex"}),
    ("xception", {"alpha": 0.125, "repeats": 1}),
    ("mobilenet_v1", {"alpha": 0.25}),
]
_EVERY = [(entry["name"], entry["variant"]) for entry in zoo.entries()]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "metaparameters"), _SMALL, ids=str)
def test_small_networks_move_nothing(
    tmp_path: Path, name: str, metaparameters: dict[str, Any]
) -> None:
    _check(name, metaparameters, tmp_path, resolution=64)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("name", "metaparameters"), _EVERY, ids=str)
def test_every_variant_moves_nothing(
    tmp_path: Path, name: str, metaparameters: dict[str, Any]
) -> None:
    _check(name, metaparameters, tmp_path, resolution=32)


def _check(
    name: str, metaparameters: dict[str, Any], folder: Path, *, resolution: int, inputs: int = 100
) -> None:
    network = zoo.describe(name, **{**metaparameters, "resolution": resolution, "classes": 10})
    model = int8_model(alive(network))
    native = NativeModel(model, folder)
    shape = (inputs, *native.compiled.input.shape)
    x = np.random.default_rng(0).integers(-128, 128, shape, dtype=np.int8)
    found = native.run(x)
    np.testing.assert_array_equal(found, tflm_outputs(model, x).reshape(found.shape))
    before, *_, after = native.compiled.passes
    assert after.moving_steps == after.moved_bytes == 0
    assert after.arena_bytes <= before.arena_bytes
    assert native.compiled.arena_bytes <= 1.02 * native.compiled.arena_lower_bound_bytes
