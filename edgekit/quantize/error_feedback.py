"""Rounding of a matrix one column at a time, each later column making good for those before.

With rows x of inputs, the loss of rounding w to q is (w - q) H (w - q)' where H = E[x x']. Once a
column is rounded, the best change of the columns not yet rounded is a closed form in the inverse
of H, whose Cholesky factor holds all that is needed for every column (Frantar et al., "GPTQ",
arXiv 2210.17323, section 3, after Hassibi and Stork's "Optimal Brain Surgeon", 1992).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgekit.quantize.layer_weights import MOST, Doubles

_BLOCK = 64
"""Columns whose errors are passed on to all later ones together: one large product, not many."""


def round_with_feedback(weights: Doubles, moments: Doubles, scales: Doubles) -> Doubles:
    """Whole numbers q [groups, outputs, taps] in -127 to 127, with scales * q near `weights`.

    `moments` [groups, taps, taps] are the inputs' second moments, positive definite; `scales` is
    [groups, outputs]. Taps with the largest moments are rounded first.
    """
    order = np.argsort(-np.einsum("gtt->t", moments), kind="stable")
    moments = moments[:, order][:, :, order]
    rounded = _by_blocks(weights[:, :, order], _factor(moments), scales)
    return rounded[:, :, np.argsort(order)]


def _factor(moments: Doubles) -> Doubles:
    """U [groups, taps, taps], upper triangular with inverse = U'U.

    It holds the factors of the problems that remain as columns are done, all in one.
    """
    try:  # half the time; enough for moments with a ridge of a hundredth
        single = moments.astype(np.float32)
        lower = np.linalg.cholesky(np.linalg.inv(single)).astype(np.float64)
    except np.linalg.LinAlgError:
        lower = np.linalg.cholesky(np.linalg.inv(moments))
    return np.asarray(lower.transpose(0, 2, 1))


def _by_blocks(weights: Doubles, upper: Doubles, scales: Doubles) -> Doubles:
    taps = weights.shape[2]
    rounded = np.empty_like(weights)
    for start in range(0, taps, _BLOCK):
        stop = min(start + _BLOCK, taps)
        errors = np.empty((*weights.shape[:2], stop - start))
        for tap in range(start, stop):
            whole = nearest(weights[:, :, tap], scales)
            error = (weights[:, :, tap] - whole * scales) / upper[:, tap, tap][:, None]
            weights[:, :, tap:stop] -= error[:, :, None] * upper[:, None, tap, tap:stop]
            rounded[:, :, tap], errors[:, :, tap - start] = whole, error
        weights[:, :, stop:] -= errors @ upper[:, start:stop, stop:]
    return rounded


def nearest(weights: Doubles, scales: Doubles) -> npt.NDArray[np.float64]:
    """The whole numbers nearest to weights / scales that int8 weights can be."""
    return np.clip(np.rint(weights / scales), -MOST, MOST)
