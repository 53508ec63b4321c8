"""Whether a drop is above a limit, decided as soon as enough images have been seen.

Images come in random order, each adds x = 1 (lost), -1 (gained) or 0, and the question is whether
the mean over *all* images of the data is above a limit m. Someone who believes the one or the other
bets on each next image; if the belief is false, no way of betting makes the stake grow in the long
run, and the chance that it ever reaches 1/a times its start is at most a (Ville's inequality). So
the first time it does, the belief's opposite is rejected, whenever that is: looking after every
image costs nothing. Without replacement, the fair price of the next image under m is
(N m - seen) / (images left). The stake is divided among players who risk different shares, because
nobody knows the best one beforehand.

Source: I. Waudby-Smith, A. Ramdas, "Estimating means of bounded random variables by betting",
Journal of the Royal Statistical Society B 86 (2024) 1-27, sections 4 and 5.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

ERROR_RATE = 0.05
"""How often, at most, an early verdict is another than that of all images."""

_SHARES = np.array([0.02, 0.05, 0.1, 0.2, 0.4, 0.7])
_STEPS = 26
"""Halvings of the interval between -1 and 1: down to 3e-6 points."""

Changes = npt.NDArray[np.integer[Any]]


class DropTest:
    """Watches whether the drop of `images` images is above `limit_points`.

    `within` is None until that is decided; True: it is not above, False: it is.
    """

    def __init__(self, images: int, limit_points: float, error_rate: float = ERROR_RATE) -> None:
        self._images = images
        self._limit = limit_points / 100
        self._needed = math.log(1 / error_rate)
        self._below = np.zeros(len(_SHARES))
        self._above = np.zeros(len(_SHARES))
        self._seen = self._sum = 0
        self.within: bool | None = None

    def add(self, changes: Changes) -> bool | None:
        """Looks at the next images one by one, -1 gained, 0 the same, 1 lost; gives `within`."""
        if self.within is None and len(changes):
            price = _prices(changes, self._images, self._limit, self._seen, self._sum)
            below = self._below + np.cumsum(_log_growth(changes, price), axis=0)
            above = self._above + np.cumsum(_log_growth(-changes, -price), axis=0)
            self.within = self._verdict(_stake(below), _stake(above), price)
            self._below, self._above = below[-1], above[-1]
            self._seen += len(changes)
            self._sum += int(changes.sum())
        return self.within

    def _verdict(
        self, below: npt.NDArray[Any], above: npt.NDArray[Any], price: npt.NDArray[Any]
    ) -> bool | None:
        # A price beyond what any image can be: those that are left cannot change the answer.
        is_below = (below >= self._needed) | (price > 1)
        is_above = (above >= self._needed) | (price < -1)
        if not (is_below | is_above).any():
            return None
        return bool(is_below[np.argmax(is_below | is_above)])


def interval(changes: Changes, images: int, error_rate: float = ERROR_RATE) -> tuple[float, float]:
    """Points between which the drop of all `images` lies, seen those of `changes`, at any time
    that someone stops to look: each end may be wrong half as often as a `DropTest`."""
    low, high = (_bound(changes, images, side, error_rate / 2) for side in (-1, 1))
    return low, high


def bound(changes: Changes, images: int, *, within: bool, error_rate: float = ERROR_RATE) -> float:
    """Points that the drop of all `images` is not above where a `DropTest` says `within`, else not
    below: the limit nearest to what was seen for which it would have said so by now.

    As all error is on this side, it is nearer than the `interval`'s end.
    """
    return _bound(changes, images, 1 if within else -1, error_rate)


def _bound(changes: Changes, images: int, side: int, error_rate: float) -> float:
    """Points beyond which, towards `side`, the drop of all images does not lie."""
    needed = math.log(1 / error_rate)

    def rejects(mean: float) -> bool:
        price = _prices(changes, images, mean, 0, 0)
        if (side * price > 1).any():
            return True
        grown = np.cumsum(_log_growth(side * changes, side * price), axis=0)
        return bool((_stake(grown) >= needed).any())

    return 100 * _edge(rejects, side) if len(changes) else 100.0 * side


def _edge(rejects: Callable[[float], bool], side: int) -> float:
    """The outermost mean towards `side` (-1 or 1) that is not rejected; what lies outside a
    rejected mean is rejected too."""
    inside, outside = -float(side), float(side)
    for _ in range(_STEPS):
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if rejects(middle) else (middle, outside)
    return outside


def _prices(
    changes: Changes, images: int, mean: float, seen: int, total: int
) -> npt.NDArray[np.float64]:
    """What each of the next images is on average, if all of them have that mean."""
    before = total + np.concatenate([[0], np.cumsum(changes[:-1])])
    left = images - seen - np.arange(len(changes))
    return np.asarray((images * mean - before) / left, np.float64)


def _log_growth(changes: Changes, price: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Logarithms [n, players] of what one unit becomes, staked on images below their price.

    The largest loss is of a lost image, which costs price - 1: a player risks that share of all.
    """
    price = np.clip(price, -1, 1 - 1e-9)
    gain = (price - changes) / (1 - price)
    return np.asarray(np.log1p(gain[:, None] * _SHARES), np.float64)


def _stake(logs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The logarithm of the players' mean, [n, players] to [n]."""
    largest = logs.max(axis=1)
    return np.asarray(largest + np.log(np.exp(logs - largest[:, None]).mean(axis=1)), np.float64)
