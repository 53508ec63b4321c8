"""A guard against red and blue that have changed places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from edgekit.artifacts import Finding
from edgekit.quantize.guards.labels import wrong_labels
from edgekit.quantize.guards.sample import Sample

_FEWEST = 12
_SCREENED = 8  # that say whether it is worth asking more
_MUCH_BETTER = 0.1  # nats of cross-entropy
_STANDARD_ERRORS = 2.5
_GREY = 0.01  # of the deviation of all values: red and blue that differ less are no colours


def channel_order(sample: Sample) -> Iterator[Finding]:
    """The channels come in the order of training: RGB and BGR are not told apart by their shape.

    Recognised by labelled images that the model understands clearly better the other way round.
    """
    if sample.images.shape[-1] != 3 or len(sample.labels) < _FEWEST or _grey(sample):
        return
    if wrong_labels(sample):
        return
    asked = sample.asked
    few = _turned(asked.few(_SCREENED))
    if few.losses.mean() >= asked.few(_SCREENED).losses.mean():
        return
    turned = _turned(asked)
    gain = asked.losses - turned.losses
    error = gain.std() / np.sqrt(len(gain)) + 1e-9
    if gain.mean() < max(_MUCH_BETTER, _STANDARD_ERRORS * error) or turned.top1 <= asked.top1:
        return
    order = sample.preprocessing.channels.upper()
    yield Finding(
        rule="channel_order",
        severity="warning",
        where=sample.name,
        message=f"red and blue seem to have changed places: of {len(gain)} labelled images the "
        f"float model gets {turned.top1:.0%} right with the channels turned, {asked.top1:.0%} as "
        f"they are (cross-entropy {turned.losses.mean():.2f} and {asked.losses.mean():.2f})",
        hint=f"The model is given {order}. Turn the stored images around, or say how it was "
        "trained: --preprocess caffe is BGR, all others are RGB.",
    )


def _turned(sample: Sample) -> Sample:
    return replace(sample, images=np.ascontiguousarray(sample.images[..., ::-1]))


def _grey(sample: Sample) -> bool:
    few = sample.asked.images.astype(np.float32)
    return bool(np.abs(few[..., 0] - few[..., 2]).mean() <= _GREY * few.std())
