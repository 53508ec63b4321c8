"""Rules that need both models' answers to real images."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgekit.artifacts import Finding
from edgekit.checks.subject import Subject

_USUAL = 0.2
"""One class said that much more often than by the float model is no accident of the images."""


def agreement(subject: Subject) -> Iterator[Finding]:
    """The int8 model says the same class as the float model on nearly every image."""
    answers, limits = subject.answers, subject.thresholds
    if answers is None:
        return
    said = answers.ints.argmax(axis=1)
    share = float((answers.floats.argmax(axis=1) == said).mean())
    if share < max(limits.agreement_warning, limits.agreement_error):
        yield Finding(
            rule="agreement",
            severity="error" if share < limits.agreement_error else "warning",
            where=subject.name,
            message=f"int8 and float say the same class on {100 * share:.1f} % of "
            f"{len(said)} images",
            hint="Look at the input's scaling first, then at the layers with most of the error.",
        )


def stuck(subject: Subject) -> Iterator[Finding]:
    """The int8 model does not say one class to everything when the float model does not."""
    answers = subject.answers
    if answers is None:
        return
    said = answers.ints.argmax(axis=1)
    classes, counts = np.unique(said, return_counts=True)
    share = float(counts.max() / len(said))
    usual = float(np.bincount(answers.floats.argmax(axis=1)).max() / len(said))
    if share > subject.thresholds.stuck_share and usual < share - _USUAL:
        yield Finding(
            rule="stuck",
            severity="error",
            where=subject.name,
            message=f"int8 says class {classes[counts.argmax()]} to {100 * share:.0f} % of the "
            f"images, float says no class to more than {100 * usual:.0f} %",
            hint="Quantization destroyed the model; look at the input's scaling first.",
        )
