from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgekit import data
from edgekit.data import storage
from edgekit.errors import InputError


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(5):
            pixels = rng.integers(0, 256, (8, 6, 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / "photos" / name / f"{number}.png")
    return tmp_path / "photos"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "cache").mkdir()
    monkeypatch.setattr(storage, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


def test_images_in_a_file_are_those_in_memory(
    photos: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_memory = data.load(photos)
    monkeypatch.setattr(storage, "MOST_IN_MEMORY_BYTES", 100)
    in_file = data.load(photos)
    assert in_file.fingerprint == in_memory.fingerprint
    chosen = np.array([7, 0, 3])
    assert np.array_equal(in_file.images[chosen], in_memory.images[chosen])


def test_the_file_leaves_nothing_behind(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "MOST_IN_MEMORY_BYTES", 100)
    images = storage.images_array((4, 5, 6, 3))
    images[:] = 7
    assert not list(cache.iterdir())
    assert images.sum() == 7 * 4 * 5 * 6 * 3


def test_a_full_disk_is_named_before_anything_is_read(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int, start: int, size: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(storage, "MOST_IN_MEMORY_BYTES", 100)
    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(InputError, match=r"images take 360 B.* No space left"):
        storage.images_array((4, 5, 6, 3))
