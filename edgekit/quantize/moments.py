"""First and second moments of what a layer reads, from rows sampled at places [groups, n, taps]."""

from __future__ import annotations

import numpy as np

from edgekit.quantize.layer_weights import Doubles
from edgekit.quantize.layerwise import Blocks

_LEAST = 1e-12


def mean_output(weights: Doubles, means: Doubles) -> Doubles:
    """A layer's mean output [groups, outputs] before its bias; weights [groups, outputs, taps],
    means of the inputs [groups, taps]."""
    return np.asarray(np.einsum("got,gt->go", weights, means), np.float64)


def second_moments(rows: Blocks) -> Doubles:
    """The covariance of the taps [groups, taps, taps]: about the means, which a bias absorbs."""
    centred = rows - rows.mean(axis=1, dtype=np.float64)[:, None].astype(np.float32)
    products = centred.transpose(0, 2, 1) @ centred
    return np.asarray(products / np.float32(rows.shape[1]), np.float64)


def damped(moments: Doubles, share: float) -> Doubles:
    """The moments with so much of their mean diagonal added to the diagonal: positive definite.

    A few thousand places of a few images say little about directions in which they hardly vary.
    """
    taps = moments.shape[1]
    ridge = share * np.einsum("gtt->g", moments) / taps + _LEAST
    return np.asarray(moments + ridge[:, None, None] * np.eye(taps))
