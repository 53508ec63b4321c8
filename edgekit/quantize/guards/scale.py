"""A guard against images that are scaled otherwise than in training."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.artifacts import Finding
from edgekit.quantize.guards.sample import Sample
from edgekit.quantize.input_fit import misfit

_IMAGES = 24


def wrong_scale(sample: Sample) -> Iterator[Finding]:
    """The preprocessing is that of training, the commonest disaster if not.

    Recognised by what the first batch norms saw in training, or by labelled images that the model
    understands clearly better with another preprocessing.
    """
    few = sample.few(_IMAGES)
    message = misfit(few.model, few.images, few.labels, few.preprocessing, few.predict)
    if message is not None:
        yield Finding(rule="wrong_scale", severity="warning", where=sample.name, message=message)
