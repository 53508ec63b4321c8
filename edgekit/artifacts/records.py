"""What every artifact is, and the parts that several of them share."""

from __future__ import annotations

from typing import Literal

import msgspec

SCHEMA = 1


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of an artifact."""


class Artifact(Record, frozen=True, kw_only=True):
    """A whole file: a record that names its schema."""

    schema: int = SCHEMA


class TensorSpec(Record, frozen=True):
    """A model's input or output: shape without the batch; real = scale * (q - zero_point)."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: float
    zero_point: int

    @property
    def elements(self) -> int:
        """How many values it holds; for int8 this is also its size in bytes."""
        count = 1
        for extent in self.shape:
            count *= extent
        return count


class Preprocessing(Record, frozen=True):
    """How a stored pixel x in 0..255 becomes the model's input: (x * scale - mean) / std.

    `mean` and `std` have one value, or one per channel; `channels` is the order the model wants.
    `pixels` is false where stored values are none of 0..255, as spectra, or images that were scaled
    before: then x is any number.
    """

    name: str
    scale: float
    mean: tuple[float, ...]
    std: tuple[float, ...]
    channels: Literal["rgb", "bgr"] = "rgb"
    pixels: bool = True


Resize = Literal["crop", "stretch"]
"""How an image of another size is made to fit: the middle of the right shape, or all of it bent."""
