"""Whether an int8 model's channels were rescaled since the float model that it is compared with.

Equalization multiplies a channel by a factor in one layer and divides by it in the next: the model
stays the same, its values do not, and layers cannot be compared one by one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from edgekit.errors import ModelError
from edgekit.frontends.float_model import Floats
from edgekit.quantize.diagnosis.values import Pair
from edgekit.quantize.observing import observe

IMAGES = 4
_FAR = 0.1
"""A value was rescaled when its channels' factors are that far from 1 on average (log)."""
_LEFT = 0.25
"""And when the factors explain the difference: of its power, no more than this is left."""
_MANY = 0.1
"""Of all values, more than this share."""


def require_one_scale(
    pair: Pair, float_model: bytes, int8_model: bytes, images: Sequence[Floats]
) -> None:
    """Raises `ModelError` when many values of the int8 model are the float model's, rescaled.

    Where the output is off by a factor as well, the int8 model is not rescaled but wrong.
    """
    names = [value.tensor for value in pair.values]
    sums: dict[str, npt.NDArray[np.float64]] = {}
    seen = zip(observe(float_model, images, names), observe(int8_model, images, names), strict=True)
    for real, held in seen:
        for name in names:
            sums[name] = sums.get(name, 0) + _products(real[name], held[name])
    found = [name for name, products in sums.items() if _rescaled(*products)]
    if pair.end not in found and len(found) > _MANY * len(names):
        raise ModelError(
            f"{len(found)} of {len(names)} values have channels that were rescaled in "
            f"{pair.name}, as by --fix equalization",
            hint="With the quantize.json and the images of its making the diagnosis is possible; "
            "or take that of `edgekit quantize --report`.",
        )


def _products(real: Floats, held: Floats) -> npt.NDArray[np.float64]:
    """Sums over a channel's places of float², float * int8 and int8², [3, channels]."""
    a, b = (values.reshape(-1, values.shape[-1]).astype(np.float64) for values in (real, held))
    return np.stack([(a * a).sum(axis=0), (a * b).sum(axis=0), (b * b).sum(axis=0)])


def _rescaled(
    real: npt.NDArray[np.float64], both: npt.NDArray[np.float64], held: npt.NDArray[np.float64]
) -> bool:
    alive = (real > 0) & (both > 0)
    if not alive.any():
        return False
    real, both, held = real[alive], both[alive], held[alive]
    before, after = (real - 2 * both + held).sum(), (real - both**2 / held).sum()
    far = np.abs(np.log(both / real)).mean()
    return bool(far > _FAR and after < _LEFT * before)
