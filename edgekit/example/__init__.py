"""The embedded example: a trained MobileNetV1 and real images that it has never seen.

Handwritten digits, 32×32 grey; made by `python -m edgekit.example.train`. README.md beside this
file says where the images come from.
"""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent

PREPROCESSING = "tf"
"""What the model was trained with: pixels 0..255 become -1..1."""


def model_path() -> Path:
    """The float model, a `.keras` file: MobileNetV1, alpha 0.25, 32×32×1, ten classes."""
    return _FOLDER / "digits.keras"


def data_path() -> Path:
    """600 held-out images, an `.npz` with x [600, 32, 32, 1] uint8, y [600] and class names."""
    return _FOLDER / "digits.npz"
