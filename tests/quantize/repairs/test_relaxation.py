from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.float_nets import RELU, RELU6, FloatNet
from support.int8_models import int8_tflite

from edgekit import data
from edgekit.frontends.float_model import Floats
from edgekit.quantize import quantize
from edgekit.quantize.channel_ties import ties
from edgekit.quantize.observing import observe
from edgekit.quantize.repairs import Case, repairs
from edgekit.tflite.editing import Editor

IMAGES = np.random.default_rng(4).uniform(-1, 1, (20, 8, 8, 3)).astype(np.float32)


def net(first: float, second: float) -> bytes:
    """Two layers with ReLU6, whose values reach these times the clip."""
    model = _net(1.0, 1.0, RELU)
    (one, two) = (max(float(v[name].max()) for v in observe(model, IMAGES)) for name in ("a", "b"))
    return _net(first / one, second / two, RELU6)


def _net(first: float, second: float, activation: int) -> bytes:
    made = FloatNet((8, 8, 3), seed=3)
    a = made.conv("a", made.entrance, first * made.weights(6, 3, 3), activation=activation)
    b = made.conv("b", a, (second / first) * made.weights(6, 1, 6), activation=activation)
    scores = made.conv("scores_map", b, made.weights(5, 1, 6))
    return made.done(made.mean("scores", scores))


def relaxed(model: bytes) -> tuple[Case, tuple[str, ...]]:
    def quantized(floats: bytes) -> bytes:
        return int8_tflite(floats, IMAGES)

    return repairs()["relaxation"](Case("net", model, model, quantized(model), IMAGES, quantized))


def scores(model: bytes) -> Floats:
    return np.concatenate([values["scores"] for values in observe(model, IMAGES, ["scores"])])


def clipping(model: bytes) -> list[str]:
    editor = Editor(model, "net")
    return [editor.tensor_name(tie.tensors[0]) for tie in ties(editor) if tie.clips.any()]


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [(6.05, 30.0, ["b"]), (30.0, 6.05, ["a"]), (30.0, 30.0, ["a", "b"])],
)
def test_a_clip_is_dropped_only_where_that_is_harmless(
    first: float, second: float, kept: list[str]
) -> None:
    model = net(first, second)
    assert clipping(model) == ["a", "b"]
    case, did = relaxed(model)
    assert clipping(case.float_model) == kept
    wanted = scores(model)
    off = np.square(scores(case.float_model) - wanted).sum()
    assert off <= 1e-4 * np.square(wanted - wanted.mean(axis=1, keepdims=True)).sum()
    assert bool(did) == (len(kept) < 2)


def test_channels_that_hit_six_can_be_scaled_afterwards() -> None:
    case, _ = relaxed(net(6.05, 6.05))
    exact = replace(case, float_model=case.reference)
    before, after = (repairs()["equalization"](one)[0].float_model for one in (exact, case))
    found = [_highest(model, "b") for model in (case.reference, before, after)]
    hit = found[0] == 6
    assert hit.any()
    np.testing.assert_allclose(found[1][hit], 6)
    assert (np.abs(found[2][hit] - 6) > 0.1).all()


def _highest(model: bytes, name: str) -> Floats:
    return np.max([values[name].max(axis=(0, 1, 2)) for values in observe(model, IMAGES)], axis=0)


def test_it_is_made_on_request_only_and_names_what_it_did() -> None:
    assert repairs()["relaxation"].on_request
    _, did = relaxed(net(6.05, 30.0))
    assert did == ("relaxation: 1 of 2 ReLU6 became ReLU (a)",)


def test_clips_that_are_dropped_on_purpose_are_not_called_lost(tmp_path: Path) -> None:
    (tmp_path / "net.tflite").write_bytes(net(6.3, 6.3))
    pixels = np.round(127.5 * (IMAGES + 1)).astype(np.uint8)
    np.savez(tmp_path / "d.npz", x=pixels, y=np.arange(len(pixels)) % 5)
    made = quantize(
        tmp_path / "net.tflite", data.load(tmp_path / "d.npz"), data.preprocess("tf"),
        fix="relaxation",
    )  # fmt: skip
    assert made.record.fixes == ("relaxation: 2 of 2 ReLU6 became ReLU (a, b)",)
    assert [text for text in made.record.warnings if "lost in conversion" in text] == []
