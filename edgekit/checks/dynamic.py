"""Rules that need both models' answers on real images."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.artifacts import Finding

_POOR = 0.90
_BROKEN = 0.60
_STUCK = 0.95


def compare(
    name: str, float_scores: npt.NDArray[Any], int8_scores: npt.NDArray[Any]
) -> Iterator[Finding]:
    """The int8 model says the same class as the float model on nearly every image [n, classes]."""
    said = int8_scores.argmax(axis=1)
    agreement = float((float_scores.argmax(axis=1) == said).mean())
    if agreement < _POOR:
        yield Finding(
            rule="agreement",
            severity="error" if agreement < _BROKEN else "warning",
            where=name,
            message=f"int8 and float say the same class on {100 * agreement:.1f} % of "
            f"{len(said)} images",
            hint="Look at the input's scaling first, then at ReLU6 and channel ranges.",
        )
    yield from _stuck(name, float_scores, said)


def _stuck(
    name: str, float_scores: npt.NDArray[Any], said: npt.NDArray[np.int64]
) -> Iterator[Finding]:
    """The int8 model does not say one class to everything when the float model does not."""
    classes, counts = np.unique(said, return_counts=True)
    share = float(counts.max() / len(said))
    usual = float(np.bincount(float_scores.argmax(axis=1)).max() / len(said))
    if share > _STUCK and usual < share - 0.2:
        yield Finding(
            rule="stuck",
            severity="error",
            where=name,
            message=f"int8 says class {classes[counts.argmax()]} to {100 * share:.0f} % of the "
            f"images, float says no class to more than {100 * usual:.0f} %",
            hint="Quantization destroyed the model; look at the input's scaling first.",
        )
