from __future__ import annotations

import pytest

from edgekit import zoo
from edgekit.errors import InputError

MILLION = 1e6


def test_it_has_exactly_the_published_parameters() -> None:
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
def test_it_has_the_papers_macs(alpha: float, resolution: int, millions: int) -> None:
    macs = zoo.describe("mobilenet_v1", alpha=alpha, resolution=resolution).macs
    assert abs(macs / MILLION - millions) < 0.7  # the paper rounds 149.5 and 290.7 down


def test_the_person_detector_has_its_macs_and_working_set() -> None:
    person = zoo.describe("mobilenet_v1", alpha=0.25, resolution=96, classes=2)
    assert person.macs == 7_489_664
    assert person.ram_bytes == 48 * 48 * (8 + 16)  # into and out of the first pointwise


@pytest.mark.parametrize(("alpha", "millions"), [(1.0, 4.2), (0.75, 2.6), (0.5, 1.3), (0.25, 0.5)])
def test_it_has_the_papers_parameters(alpha: float, millions: float) -> None:
    assert round(zoo.describe("mobilenet_v1", alpha=alpha).params / MILLION, 1) == millions


def test_rho_shrinks_the_image() -> None:
    assert zoo.describe("mobilenet_v1", rho=4 / 7).input.shape == (128, 128, 3)


def test_too_thin_a_layer_is_named() -> None:
    with pytest.raises(InputError, match=r"layer conv1 of shape \[112, 112, 0\]"):
        zoo.describe("mobilenet_v1", alpha=0.01)
