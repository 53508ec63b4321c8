"""Where an int8 model differs from its float model, layer by layer, and why."""

from __future__ import annotations

from typing import Literal

from edgekit.artifacts.records import Artifact, Record

Cause = Literal[
    "none",
    "input_scale",
    "clipped_range",
    "wasted_range",
    "uneven_channels",
    "long_tail",
    "weight_bias",
    "weight_rounding",
    "activation_steps",
]
"""Why a layer loses what it loses; docs/diagnosis.md tells them apart."""


class LayerDiagnosis(Record, frozen=True):
    """One value of the model that int8 rounds: the output of a layer, or the model's input.

    `sqnr_db` and `cosine` compare the whole int8 model's value with the float model's, errors of
    the layers before it included. `weight_error` and `activation_error` are this layer's own:
    shares (0 to 1) of what all layers do to the model's output, each measured with nothing else
    quantized. Ranges are real values; `channels` is the last axis.
    """

    index: int
    op: str
    name: str
    tensor: str
    shape: tuple[int, ...]
    sqnr_db: float
    cosine: float
    float_range: tuple[float, float]
    int8_range: tuple[float, float]
    levels_used: int
    """Of int8's 256 levels, those between the least and the greatest that were taken."""
    central_levels: int
    """How many levels hold the middle 99.8 % of the values."""
    channels: int
    clipped_channels: int
    """Channels with more than 1 % of their float values beyond the int8 range."""
    clipped_fraction: float
    dead_channels: int
    """Channels whose float values are the same everywhere, on all images."""
    lost_channels: int
    """Channels that are dead in int8 only."""
    range_ratio: float
    """The widest channel's range over the median one's, dead channels left out."""
    relu6_saturation: tuple[float, float] | None
    """Share of values at the clamp, in float and in int8, where it is at 6 or where the int8 range
    ends before; null without a ReLU6."""
    mean_shift: float
    """Share of the int8 model's error there that is constant per channel: a bias can undo it."""
    weight_sqnr_db: float | None
    """Of the layer's result with int8 weights on float inputs; null without weights."""
    weight_error: float
    activation_error: float
    rank: int
    """1 for the layer that causes most of the output's error."""
    cause: Cause
    explanation: str
    remedies: tuple[str, ...]
    """Names for `edgekit quantize --fix`, the cheapest first."""

    @property
    def share(self) -> float:
        """Of what all layers do to the output, this one's part."""
        return self.weight_error + self.activation_error


class Diagnosis(Artifact, frozen=True):
    """The layers in the order in which they run, and the error that they add up to.

    `output_sqnr_db` is that of the int8 model; `expected_sqnr_db` what the layers' own errors would
    give if they simply added up. Near one another, the shares can be trusted.
    """

    model_sha256: str
    images: int
    probe_images: int
    """On how many of them the layers were quantized one at a time."""
    output_sqnr_db: float
    output_cosine: float
    expected_sqnr_db: float
    agreement: float
    """Share of the images to which int8 and float say the same class."""
    weights_share: float
    layers: tuple[LayerDiagnosis, ...]
    seconds: float

    @property
    def ranked(self) -> tuple[LayerDiagnosis, ...]:
        """The layers, the guiltiest first."""
        return tuple(sorted(self.layers, key=lambda layer: layer.rank))
