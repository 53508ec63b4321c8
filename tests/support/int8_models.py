"""Float `.tflite` models in int8, with the ranges that images show and no repairs."""

from __future__ import annotations

from collections.abc import Iterable

from edgekit.frontends.float_model import Floats
from edgekit.quantize.conversion import int8_tflite_as_seen
from edgekit.quantize.looking import spreads


def int8_tflite(model: bytes, images: Iterable[Floats]) -> bytes:
    """`images` gives inputs [h, w, c] float32."""
    return int8_tflite_as_seen(model, spreads(model, images), "the model")
