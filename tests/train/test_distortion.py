from __future__ import annotations

import numpy as np
import pytest

from edgekit.tensorflow_loader import tensorflow
from edgekit.train import Settings
from edgekit.train.distortion import distort, draw

X = np.random.default_rng(0).normal(size=(64, 7, 10, 2)).astype(np.float32)
STILL = {"flip": False, "shift": 0.0}


def distorted(settings: Settings, seed: int = 0) -> np.ndarray:
    transforms = draw(len(X), X.shape[1:3], settings, np.random.default_rng(seed))
    tf = tensorflow("a test")
    return np.asarray(distort(tf, tf.constant(X), transforms, settings.fill, -9.0))


def test_nothing_asked_changes_nothing() -> None:
    np.testing.assert_allclose(distorted(Settings(**STILL)), X, atol=1e-5)


def test_flip_mirrors_some_images_left_to_right() -> None:
    found = distorted(Settings(flip=True, shift=0.0))
    same = np.isclose(found, X, atol=1e-5).all(axis=(1, 2, 3))
    mirrored = np.isclose(found, X[:, :, ::-1], atol=1e-5).all(axis=(1, 2, 3))
    assert (same ^ mirrored).all()
    assert 16 < mirrored.sum() < 48


@pytest.mark.parametrize(("fill", "outside"), [("black", -9.0), ("nearest", None)])
def test_shift_moves_by_whole_pixels_and_fills(fill: str, outside: float | None) -> None:
    found = distorted(Settings(flip=False, shift=0.3, fill=fill))
    mode = {"mode": "edge"} if outside is None else {"constant_values": outside}
    padded = np.pad(X, ((0, 0), (2, 2), (3, 3), (0, 0)), **mode)
    moves = set()
    for image, wide in zip(found, padded, strict=True):
        matches = [
            (down, right)
            for down in range(5)
            for right in range(7)
            if np.allclose(image, wide[down : down + 7, right : right + 10], atol=1e-5)
        ]
        assert len(matches) == 1
        moves.add(matches[0])
    assert {down for down, _ in moves} == set(range(5))
    assert {right for _, right in moves} == set(range(7))


def test_a_quarter_turn_turns_about_the_middle() -> None:
    square = np.arange(25, dtype=np.float32).reshape(1, 5, 5, 1)

    class Most:
        """Draws the largest value there is."""

        def uniform(self, low: float, high: float, count: int) -> np.ndarray:
            return np.full(count, high)

    transforms = draw(1, (5, 5), Settings(**STILL, rotate=0.25), Most())  # type: ignore[arg-type]
    tf = tensorflow("a test")
    found = np.asarray(distort(tf, tf.constant(square), transforms, "nearest", 0.0))
    np.testing.assert_allclose(found[0, ..., 0], np.rot90(square[0, ..., 0], 1), atol=1e-3)


def test_zoom_keeps_the_middle() -> None:
    odd = Settings(**STILL, zoom=0.4)
    found = distorted(odd)[:, 3]
    assert not np.allclose(found, X[:, 3], atol=1e-3)
    transforms = draw(8, (7, 9), odd, np.random.default_rng(1))
    middle = np.array([4.0, 3.0, 1.0])
    np.testing.assert_allclose(transforms[:, :3] @ middle, 4.0, atol=1e-5)
    np.testing.assert_allclose(transforms[:, 3:6] @ middle, 3.0, atol=1e-5)
