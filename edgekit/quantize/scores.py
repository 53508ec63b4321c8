"""Scores of a float classifier as probabilities, and how wrong they are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgekit.frontends.float_model import Floats

_SUMS_TO_ONE = 1e-3
_LEAST = 1e-12
_WORST_LOSS = 10.0  # one hopeless image must not outweigh the rest

Doubles = npt.NDArray[np.float64]


def are_probabilities(scores: Floats) -> bool:
    """Whether scores [n, classes] of float32 have been through a softmax."""
    return bool(scores.min() >= 0 and np.abs(scores.sum(axis=1) - 1).max() < _SUMS_TO_ONE)


def softmax(logits: Floats) -> Doubles:
    """The probabilities [n, classes] of logits."""
    found = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def probabilities(scores: Floats) -> Doubles:
    """The probabilities [n, classes] that scores are, or their softmax where they are logits."""
    return scores.astype(np.float64) if are_probabilities(scores) else softmax(scores)


def cross_entropy(scores: Floats, labels: npt.NDArray[np.int64]) -> Doubles:
    """Cross-entropy of each image [n], at most 10."""
    right = probabilities(scores)[np.arange(len(labels)), labels]
    return np.minimum(-np.log(right + _LEAST), _WORST_LOSS)
