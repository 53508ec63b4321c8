"""Guards for models that answer as by chance, where nothing else says why, or always the same."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgekit.artifacts import Finding
from edgekit.quantize.guards.channels import channel_order
from edgekit.quantize.guards.labels import doubt, wrong_labels
from edgekit.quantize.guards.sample import Sample
from edgekit.quantize.scores import probabilities

_FEWEST = 12
_SURE = 0.5
_STANDARD_ERRORS = 1.5
_FEW_ALIKE = 4
_SAME = 1e-3  # of the largest probability


def same_answers(sample: Sample) -> Iterator[Finding]:
    """What the model answers depends on the image.

    Fresh weights make signals vanish on their way through a deep network.
    """
    asked = sample.asked
    said = probabilities(asked.scores)
    moved = np.ptp(said, axis=0).max() / said.max()
    if len(asked.labels) < _FEW_ALIKE or moved >= _SAME or next(channel_order(sample), None):
        return
    yield Finding(
        rule="same_answers",
        severity="warning",
        where=sample.name,
        message=f"the float model answers {len(asked.labels)} images alike: no class's probability "
        f"moves by more than {moved:.1g} of the largest",
        hint="Is the model trained, and were its weights loaded? Is this its preprocessing?",
    )


def strange_labels(sample: Sample) -> Iterator[Finding]:
    """The model, where it is sure, is right more often than by chance.

    Else the labels, or the images, are not those that it was trained for.
    """
    asked = sample.asked
    count, chance = len(asked.labels), 1 / asked.model.classes
    if count < _FEWEST or asked.model.classes < 3 or asked.confidence < _SURE:
        return
    by_chance = chance + _STANDARD_ERRORS * np.sqrt(chance * (1 - chance) / count)
    if asked.top1 > by_chance or wrong_labels(sample) or next(channel_order(sample), None):
        return
    yield doubt(
        "strange_labels",
        sample,
        f"the float model gets {asked.top1:.0%} of {count} images right, as by chance, though it "
        f"gives the class that it says {asked.confidence:.0%} on average",
        "Are these the labels of these images, and the classes of this model?",
    )
