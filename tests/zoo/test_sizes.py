from __future__ import annotations

from typing import Any

import pytest

from edgekit import zoo
from edgekit.errors import InputError
from edgekit.zoo.sizes import divisible, image, multiple


def test_a_resolution_is_one_number_or_two() -> None:
    assert image(96, 3) == (96, 96, 3)
    assert image("96", 1) == (96, 96, 1)
    assert image("49x10", 1) == (49, 10, 1)


@pytest.mark.parametrize("wrong", ["49x", "x10", "49x10x1", "0x4", "", "4.5"])
def test_other_spellings_are_refused(wrong: str) -> None:
    with pytest.raises(InputError, match="no image has resolution"):
        image(wrong, 3)


@pytest.mark.parametrize(
    ("width", "rounded"),
    [(32 * 0.35, 16), (24 * 1.4, 32), (16 * 1.4, 24), (3, 8), (12, 16), (44, 48), (320, 320)],
)
def test_mobilenets_round_to_eights_and_lose_little(width: float, rounded: int) -> None:
    assert divisible(width) == rounded
    assert divisible(width) >= 0.9 * width


@pytest.mark.parametrize(("width", "of", "rounded"), [(34, 4, 36), (12.5, 2, 12), (0.2, 3, 3)])
def test_multiples_are_nearest_and_at_least_one(width: float, of: int, rounded: int) -> None:
    assert multiple(width, of) == rounded


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("mobilenet_v1", {"resolution": 100_000_000}, r"fewer than 2\^31 in a tensor"),
        ("squeezenet", {"classes": 10**12}, r"fewer than 2\^31 in a tensor"),
        ("mobilenet_v2", {"alpha": 100.0}, r"a \.tflite has less than 2 GiB"),
        ("xception", {"repeats": 10**9}, "more than 10000 layers"),
    ],
)
def test_what_no_tflite_can_hold_is_refused_at_once(
    name: str, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said) as caught:
        zoo.describe(name, **given)
    assert "smaller" in caught.value.hint or "fewer" in caught.value.hint
