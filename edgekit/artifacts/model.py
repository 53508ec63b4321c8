"""What the compiler half leaves: training, quantization, checks, C sources."""

from __future__ import annotations

from typing import Literal

import msgspec

from edgekit.artifacts.diagnosis import Diagnosis
from edgekit.artifacts.records import Artifact, Preprocessing, Record, Resize, TensorSpec


class Relu6Stats(Record, frozen=True):
    """One ReLU6 of the float model, seen over the calibration images.

    `histogram` counts values before the clip in equal bins over `histogram_range`.
    """

    layer: str
    clipped_fraction: float
    channels: int
    dead_channels: int
    never_six_channels: int
    max: float
    range_ratio: float
    verdict: str
    histogram: tuple[int, ...] = ()
    histogram_range: tuple[float, float] = (0.0, 0.0)


class Epoch(Record, frozen=True):
    """One pass over the training images; `epoch` counts from 1, losses are means.

    `train_accuracy` is of the distorted images, while the weights were changing.
    """

    epoch: int
    loss: float
    train_accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    seconds: float


class Trained(Artifact, frozen=True):
    """What `zoo train` made, in `<model>.training.json` beside it.

    `source` is an architecture of the zoo, or the model that was trained on. Accuracies are those
    of `best_epoch`, whose weights the model has; `validation_data` holds the images that training
    did not learn from, as the model takes them.
    """

    source: str
    variant: dict[str, bool | int | float | str]
    output: str
    output_sha256: str
    preprocessing: Preprocessing
    resize: Resize | None
    input_shape: tuple[int, int, int]
    classes: tuple[str, ...]
    images: int
    validation_images: int
    validation_data: str | None
    data_fingerprint: str
    seed: int
    device: str
    epochs: int
    best_epoch: int
    train_accuracy: float
    validation_accuracy: float | None
    history: tuple[Epoch, ...]
    seconds: float
    warnings: tuple[str, ...] = ()


class RepairStep(Record, frozen=True):
    """A set of repairs that was tried, and what the model lost with it on validation images.

    The first step of a run is stock quantization. Drops are in points, with standard errors; the
    expected one is what the float model's probabilities say of answers that changed. `moved` is
    how much of an image's probability went to other classes, 0 to 1, mean over the images: by it
    repairs are compared (null in records of before it was kept). `seconds` are those that trying
    it took; `kept` says whether later steps and the result build on it.
    """

    repairs: tuple[str, ...]
    kept: bool
    drop_points: float
    drop_error: float
    expected_drop_points: float
    expected_drop_error: float
    agreement: float
    seconds: float
    moved: float | None = None


class Quantized(Artifact, frozen=True):
    """What `quantize` did to a model; `resize` is null where only images that fit were taken.

    `steps` are what was tried, where edgekit chose the repairs, on `validation_images` images
    besides those that calibrated. `classes` names the model's outputs where their names are known.
    """

    model: str
    output: str
    model_sha256: str
    output_sha256: str
    input_scale: float
    input_zero_point: int
    preprocessing: Preprocessing
    relu6: tuple[Relu6Stats, ...]
    fixes: tuple[str, ...]
    warnings: tuple[str, ...]
    calibration_indices: tuple[int, ...]
    data_fingerprint: str
    seed: int
    seconds: float
    resize: Resize | None = None
    steps: tuple[RepairStep, ...] = ()
    validation_images: int = 0
    classes: tuple[str, ...] = ()


class Finding(Record, frozen=True):
    """One thing a check found; `where` names the op or tensor."""

    rule: str
    severity: Literal["error", "warning", "info"]
    where: str
    message: str
    hint: str = ""


class Checked(Artifact, frozen=True):
    """The verdict on an int8 model, on one board when one was named.

    `rules` names all that were applied; findings of `fail_on` or worse fail the check.
    """

    ok: bool
    findings: tuple[Finding, ...]
    runtime: str
    board: str | None
    ram_bytes: int | None
    flash_bytes: int | None
    fits: bool | None
    rules: tuple[str, ...] = ()
    thresholds: dict[str, float] = msgspec.field(default_factory=dict)
    fail_on: Literal["error", "warning", "info"] = "error"
    diagnosis: Diagnosis | None = None


class Step(Record, frozen=True):
    """One op of the schedule, in the order in which the device runs it."""

    index: int
    op: str
    name: str
    macs: int
    output_shape: tuple[int, ...]
    output_bytes: int
    kernels: tuple[str, ...] = ()
    """The C functions that it calls, in order."""


class SlowLayer(Record, frozen=True):
    """A layer whose kernel is slower than the best one of its cores: why, and what it costs.

    `share` is its part of the model's multiply-accumulates that are left; 0 where it has none.
    """

    step: int
    op: str
    name: str
    share: float
    why: str

    @property
    def line(self) -> str:
        """All of it, for people."""
        return f"{self.name} ({self.op}, {100 * self.share:.1f} % of the MACs): {self.why}"


class PortableLayers(Record, frozen=True):
    """Layers of one op that compute by portable C on cores that have kernels of their own: edgekit
    has no faster one for them there. `share` as that of a `SlowLayer`."""

    op: str
    layers: int
    share: float

    @property
    def words(self) -> str:
        """How many of what, for people."""
        times = f" × {self.layers}" if self.layers > 1 else ""
        share = f"{100 * self.share:.1f}"
        return f"{self.op}{times}" + (f" ({share} % of the MACs)" if share != "0.0" else "")


class PlannedTensor(Record, frozen=True):
    """Where a tensor lies in the arena, and from which step to which (inclusive) it is alive."""

    name: str
    offset: int
    bytes: int
    first_step: int
    last_step: int


class PassEffect(Record, frozen=True):
    """The model after one pass of the compiler; the first record is the model as it was read."""

    name: str
    summary: str
    steps: int
    """Operations that run; the others only name memory."""
    moving_steps: int
    """Those of them that only move values."""
    moved_bytes: int
    """What they write per inference."""
    arena_bytes: int


class CompiledModel(Artifact, frozen=True):
    """Generated C sources for one model, and what is known of them before they are built.

    `input` and `output` are those of an inference, int8; `file_input` and `file_output` the element
    types that the model's file has there, with a conversion between them. `kernels` is the family
    of cores that they are for, empty for any. `macs` are those of the model as its file has it;
    the steps may get by with fewer. `slow` are layers for which those cores have
    no kernel of the best kind; `portable` are others that compute by portable C.
    """

    name: str
    runtime: Literal["edgekit", "tflm"]
    model_sha256: str
    input: TensorSpec
    output: TensorSpec
    macs: int
    arena_bytes: int
    arena_lower_bound_bytes: int
    weights_bytes: int
    steps: tuple[Step, ...]
    plan: tuple[PlannedTensor, ...]
    sources: tuple[str, ...]
    passes: tuple[PassEffect, ...] = ()
    preprocessing: Preprocessing | None = None
    file_input: str = "int8"
    file_output: str = "int8"
    kernels: str = ""
    slow: tuple[SlowLayer, ...] = ()
    portable: tuple[PortableLayers, ...] = ()

    @property
    def portable_line(self) -> str:
        """All of `portable`, for people; empty where there is none."""
        named = ", ".join(found.words for found in self.portable)
        return f"{named}: edgekit has nothing faster for these cores" if named else ""
