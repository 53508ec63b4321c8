"""What `--fix auto` must reach on real models, judged on all images that did not calibrate."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgekit import data, frontends
from edgekit.quantize import quantize
from edgekit.quantize.conversion import float_tflite
from edgekit.quantize.judging import Judge


@pytest.mark.exhaustive
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("model", "images", "preprocess", "drop", "agreement"),
    [
        ("mobilenet_v1_0_25_224_logits", "imagenet1k", "tf", 0.7, 0.915),
        ("mobilenet_v2_1_0_224", "imagenet1k", "torch", 0.5, 0.955),
        # Rounding SqueezeNet's float scores to int8 steps, and nothing else, leaves 97 %.
        ("squeezenet_v1_1", "imagenet1k", "torch", 0.3, 0.955),
        # Their batch norms saw images from -1 to 1, whatever their list of preprocessings says.
        ("shufflenet_v2_x0_5_cifar10", "cifar10_test_2100.npz", "tf", 0.3, 0.975),
        ("mobilenet_v3_small_cifar10", "cifar10_test_2100.npz", "tf", 0.3, 0.965),
    ],
)
def test_int8_keeps_what_float_has(
    shared_data: Path, model: str, images: str, preprocess: str, drop: float, agreement: float
) -> None:
    """The counted drop may lie a standard error above: of 900 images it is good to a half point."""
    path = shared_data / "models" / f"{model}.keras"
    dataset = data.load(shared_data / "images" / images)
    preprocessing = data.preprocess(preprocess)
    made = quantize(path, dataset, preprocessing, calibration=100)
    used = set(made.record.calibration_indices)
    rest = [number for number in range(len(dataset)) if number not in used]
    inputs = [data.apply(preprocessing, dataset.images[n : n + 1])[0] for n in rest]
    judge = Judge(model, float_tflite(frontends.load(path)), inputs, dataset.labels[rest])
    verdict = judge(made.model)
    lost, error = verdict.drop
    assert verdict.expected_drop[0] <= drop
    assert lost <= drop + error
    assert verdict.agreement >= agreement
