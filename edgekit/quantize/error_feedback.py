"""Rounding of a matrix one column at a time, each later column making good for those before.

With rows x of inputs, the loss of rounding w to q is e H e' where e = w - q and H = E[x x'] = R R'
with R upper triangular. Column k of e R holds e_k and what is left of the columns before: it is
made as small as rounding allows, one column after another (Chee et al., "QuIP", arXiv 2307.13304,
section 3, show this to be the same as the closed form of Frantar et al., "GPTQ", arXiv 2210.17323,
which takes the inverse of H and several times as long).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.quantize.layer_weights import MOST, Doubles

_BLOCK = 32
"""Columns whose errors are passed on to all later ones together: one large product, not many."""

Singles = npt.NDArray[np.float32]


def round_with_feedback(weights: Doubles, moments: Doubles, scales: Doubles) -> Doubles:
    """Whole numbers q [groups, outputs, taps] in -127 to 127, with scales * q near `weights`.

    `moments` [groups, taps, taps] are the inputs' second moments, positive definite; `scales` is
    [groups, outputs]. Taps with the largest moments are rounded first.
    """
    order = np.argsort(-np.einsum("gtt->t", moments), kind="stable")
    steps = (weights / scales[:, :, None]).transpose(0, 2, 1)  # each output's scale cancels
    feedback = _feedback(moments[:, order][:, :, order])
    rounded = _by_blocks(np.ascontiguousarray(steps[:, order], np.float32), feedback)
    return rounded[:, np.argsort(order)].transpose(0, 2, 1).astype(np.float64)


def _feedback(moments: Doubles) -> Singles:
    """How much of each tap's error [groups, from, to] a later tap makes good: R, columns scaled."""
    turned = moments[:, ::-1, ::-1]
    lower: npt.NDArray[np.floating[Any]]
    try:  # enough for moments with a ridge of a hundredth
        lower = np.linalg.cholesky(turned.astype(np.float32))
    except np.linalg.LinAlgError:
        lower = np.linalg.cholesky(turned)
    upper = lower[:, ::-1, ::-1]
    return np.asarray(upper / np.einsum("gtt->gt", upper)[:, None, :], np.float32)


def _by_blocks(steps: Singles, feedback: Singles) -> Singles:
    """Weights in steps, rounded; both [groups, taps, outputs]."""
    taps = steps.shape[1]
    rounded, errors = np.empty_like(steps), np.empty_like(steps)
    for start in range(0, taps, _BLOCK):
        stop = min(start + _BLOCK, taps)
        passed_on = feedback[:, :start, start:stop].transpose(0, 2, 1) @ errors[:, :start]
        wanted = steps[:, start:stop] + passed_on
        for tap in range(start, stop):
            whole = np.minimum(np.maximum(np.rint(wanted[:, tap - start]), -MOST), MOST)
            rounded[:, tap], errors[:, tap] = whole, steps[:, tap] - whole
            later = feedback[:, tap, tap + 1 : stop, None]
            wanted[:, tap - start + 1 :] += later * errors[:, tap, None]
    return rounded


def nearest(weights: Doubles, scales: Doubles) -> npt.NDArray[np.float64]:
    """The whole numbers nearest to weights / scales that int8 weights can be."""
    return np.clip(np.rint(weights / scales), -MOST, MOST)
