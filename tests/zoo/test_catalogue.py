from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from edgekit import zoo
from edgekit.errors import InputError

MILLION = 1e6


def test_mobilenet_v1_has_exactly_the_published_parameters() -> None:
    full = zoo.describe("mobilenet_v1")
    assert full.params == 4_231_976
    assert full.params_total == 4_253_864


@pytest.mark.parametrize(
    ("alpha", "resolution", "millions"),
    [
        (1.0, 224, 569),
        (0.75, 224, 325),
        (0.5, 224, 149),
        (0.25, 224, 41),
        (1.0, 192, 418),
        (1.0, 160, 290),
        (1.0, 128, 186),
    ],
)
def test_mobilenet_v1_has_the_papers_macs(alpha: float, resolution: int, millions: int) -> None:
    macs = zoo.describe("mobilenet_v1", alpha=alpha, resolution=resolution).macs
    assert abs(macs / MILLION - millions) < 0.7  # the paper rounds 149.5 and 290.7 down


def test_the_person_detector_has_its_macs_and_working_set() -> None:
    person = zoo.describe("mobilenet_v1", alpha=0.25, resolution=96, classes=2)
    assert person.macs == 7_489_664
    assert person.ram_bytes == 48 * 48 * (8 + 16)  # into and out of the first pointwise


@pytest.mark.parametrize(("alpha", "millions"), [(1.0, 4.2), (0.75, 2.6), (0.5, 1.3), (0.25, 0.5)])
def test_mobilenet_v1_has_the_papers_parameters(alpha: float, millions: float) -> None:
    assert round(zoo.describe("mobilenet_v1", alpha=alpha).params / MILLION, 1) == millions


def test_rho_shrinks_the_image() -> None:
    assert zoo.describe("mobilenet_v1", rho=4 / 7).input.shape == (128, 128, 3)


def test_every_variant_is_listed_with_its_counts() -> None:
    keys = {"name", "variant", "params", "params_total", "macs", "int8_bytes", "ram_bytes"}
    listed = zoo.entries()
    assert len(listed) >= 8
    assert all(keys <= set(entry) for entry in listed)


def test_listing_loads_no_tensorflow() -> None:
    code = "import sys; from edgekit import zoo; zoo.entries(); print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "False\n", done.stderr


def test_wrong_names_are_answered_with_right_ones() -> None:
    with pytest.raises(InputError) as caught:
        zoo.describe("mobilnet_v1")
    assert "Did you mean mobilenet_v1?" in caught.value.hint
    with pytest.raises(InputError, match="no metaparameter alfa") as caught:
        zoo.describe("mobilenet_v1", alfa=1)
    assert "alpha" in caught.value.hint


@pytest.mark.parametrize("wrong", [{"alpha": 0.01}, {"resolution": -3}, {"alpha": -1.0}])
def test_impossible_metaparameters_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match="cannot have alpha"):
        zoo.describe("mobilenet_v1", **wrong)


def test_the_keras_model_is_what_was_counted(tmp_path: Path) -> None:
    described = zoo.describe("mobilenet_v1", alpha=0.25, resolution=50, channels=1, classes=7)
    model = described.keras()
    assert model.count_params() == described.params_total
    assert sum(int(w.shape.num_elements()) for w in model.trainable_weights) == described.params
    shapes = {node.name: node.output.shape for node in described.nodes}
    assert {layer.name: layer.output.shape[1:] for layer in model.layers[1:]} == shapes
    zoo.save(model, tmp_path / "m.keras")
    assert (tmp_path / "m.keras").stat().st_size > 4 * described.params
    with pytest.raises(InputError, match="cannot write"):
        zoo.save(model, tmp_path / "m.bin")
