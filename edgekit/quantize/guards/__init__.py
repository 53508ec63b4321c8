"""Guards on what a model is calibrated with: each names one mistake, with the evidence for it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping

from edgekit.artifacts import Finding
from edgekit.quantize.guards import chance, channels, images, labels, scale
from edgekit.quantize.guards.sample import Sample

Guard = Callable[[Sample], Iterator[Finding]]

_OF_IMAGES: tuple[Guard, ...] = (
    images.few_images,
    images.same_images,
    images.blank_images,
    images.pixel_values,
)
_OF_ANSWERS: tuple[Guard, ...] = (
    labels.one_label,
    labels.shifted_labels,
    labels.mixed_labels,
    channels.channel_order,
    chance.strange_labels,
    chance.same_answers,
)
GUARDS: tuple[Guard, ...] = (*_OF_IMAGES, scale.wrong_scale, *_OF_ANSWERS)
DESCRIPTIONS: Mapping[str, str] = {guard.__name__: inspect.getdoc(guard) or "" for guard in GUARDS}
"""What each guard wants, by name."""


def guard(sample: Sample) -> tuple[Finding, ...]:
    """What is strange about these images, labels and preprocessing for this model.

    Where the scale is wrong, what the model answers proves nothing else.
    """
    found = [finding for one in _OF_IMAGES for finding in one(sample)]
    scaled = list(scale.wrong_scale(sample))
    if not scaled:
        found += [finding for one in _OF_ANSWERS for finding in one(sample)]
    return (*found, *scaled)


__all__ = ["DESCRIPTIONS", "GUARDS", "Guard", "Sample", "guard"]
