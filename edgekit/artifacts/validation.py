"""What `validate` leaves: how float and int8 compare on the same images."""

from __future__ import annotations

from typing import Literal

import msgspec

from edgekit.artifacts.records import Artifact, Preprocessing, Record


class Accuracy(Record, frozen=True):
    """Rates from 0 to 1; top-5 is null for models with five classes or fewer."""

    top1: float
    top5: float | None


class ClassAccuracy(Record, frozen=True):
    """One class: its images, the rates at which each model is right, and at which both agree."""

    label: int
    images: int
    float_top1: float
    int8_top1: float
    agreement: float


class McNemar(Record, frozen=True):
    """Images that only float gets right (lost) and only int8 (gained), and the exact test that the
    two are equally likely."""

    lost: int
    gained: int
    p_value: float


class Ties(Record, frozen=True):
    """How equal scores are ranked, on how many images the largest was shared, and what int8's
    top-1 were had all of those been counted wrong, or right where the label was among them."""

    rule: str
    float_images: int
    int8_images: int
    int8_top1_lowest: float
    int8_top1_highest: float


class EarlyStop(Record, frozen=True):
    """That not all images were looked at: `within` the limit or not, decided after `samples` of
    `images`; all images say otherwise with a chance of at most `error_rate`.

    `bound_points` is the bound that decided: the drop of all images is not above it where it is
    `within`, else not below it. It has one side, and so lies nearer than the end of `drop_ci95`,
    which has two at the same error rate. Null in records of before it was kept.
    """

    samples: int
    images: int
    within: bool
    error_rate: float
    bound_points: float | None = None


class Confused(Record, frozen=True):
    """So many images of class `label` that int8 takes for `prediction`."""

    label: int
    prediction: int
    images: int


class Validation(Artifact, frozen=True):
    """Float against int8 on the same images. `drop_ci95` is the interval of `drop_points`, Agresti
    and Min's; after an early stop, one that holds whenever one stops. `drop_bootstrap95` is by
    resampling. `confusion` [label][prediction] is empty above 100 classes: see `confused`.
    """

    samples: int
    on: str
    float_accuracy: Accuracy = msgspec.field(name="float")
    int8_accuracy: Accuracy = msgspec.field(name="int8")
    device: Accuracy | None
    drop_points: float
    drop_ci95: tuple[float, float]
    agreement: float
    device_equals_host: bool | None
    device_samples: int
    first_difference: str | None
    max_drop_points: float | None
    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    ok: bool
    left_out: int
    preprocessing: Preprocessing
    model_sha256: str
    seconds: float
    drop_bootstrap95: tuple[float, float] | None = None
    top5_drop_points: float | None = None
    top5_drop_ci95: tuple[float, float] | None = None
    mcnemar: McNemar | None = None
    ties: Ties | None = None
    per_class: tuple[ClassAccuracy, ...] = ()
    confused: tuple[Confused, ...] = ()
    """The most frequent ones, most frequent first."""
    early_stop: EarlyStop | None = None
    host_kernels: Literal["native", "reference"] | None = None
    """What ran int8 on the host: our kernels, seen to give the reference's bytes, or those."""
    host_note: str = ""
    resumed_samples: int = 0
    """Images that an interrupted run had looked at already."""
    float_sha256: str = ""
    data_fingerprint: str = ""
    notes: tuple[str, ...] = ()
