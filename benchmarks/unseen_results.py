"""What unseen.json keeps of networks that edgekit was not tuned on, and their draws pooled.

The draws of a network judge by images that overlap: what one image says in several draws is not
several witnesses. So each image is one: its shares in all draws are added before they are squared
(Cameron and Miller, "A Practitioner's Guide to Cluster-Robust Inference", Journal of Human
Resources 50 (2015), section II).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from edgekit.artifacts import Record

RESULTS = Path(__file__).with_name("unseen.json")


class Loss(Record, frozen=True):
    """What an int8 model loses against float: points of top-1 with error, and equal answers."""

    drop_points: float
    drop_error: float
    agreement: float


class Each(Record, frozen=True):
    """Image by image, as numbers with spaces between: its place among those that never trained,
    and over all its views the right answers that each int8 model lost, less those it won."""

    places: str
    stock: str
    auto: str


class Draw(Record, frozen=True):
    """One network, calibrated on one draw of the images; `worse_points` is edgekit's drop less the
    converter's. `each` is null in measurements of before it was kept."""

    network: str
    seed: int
    images: int
    views: int
    float_top1: float
    stock: Loss
    auto: Loss
    repairs: tuple[str, ...]
    worse_points: float
    worse_error: float
    each: Each | None = None


class Source(Record, frozen=True):
    """The file of images, how many it has and how many of them were learnt from; the `side` of all
    networks' square inputs, in pixels."""

    file: str
    images: int
    learnt: int
    side: int


class Unseen(Record, frozen=True):
    """All draws, of all networks, from one file of images."""

    source: Source
    draws: tuple[Draw, ...]


class Pooled(Record, frozen=True):
    """The means of a network's draws. Errors are `exact` where the images are known one by one;
    else bounds, the means of the draws' errors: as if all had judged by the same images."""

    network: str
    exact: bool
    float_top1: float
    stock: Loss
    auto: Loss
    worse_points: float
    worse_error: float


def load() -> Unseen:
    """What was kept."""
    return msgspec.json.decode(RESULTS.read_bytes(), type=Unseen)


def pooled(draws: Iterable[Draw]) -> tuple[Pooled, ...]:
    """Each network's draws, which must follow one another, as one."""
    return tuple(
        _pooled(network, tuple(found))
        for network, found in groupby(draws, key=lambda draw: draw.network)
    )


def _pooled(network: str, draws: Sequence[Draw]) -> Pooled:
    return Pooled(
        network=network,
        exact=all(draw.each for draw in draws),
        float_top1=_mean(draw.float_top1 for draw in draws),
        stock=_loss(draws, lambda draw: draw.stock, lambda each: numbers(each.stock)),
        auto=_loss(draws, lambda draw: draw.auto, lambda each: numbers(each.auto)),
        worse_points=_mean(draw.worse_points for draw in draws),
        worse_error=_error(
            draws,
            lambda draw: draw.worse_error,
            lambda each: numbers(each.auto) - numbers(each.stock),
        ),
    )


def _loss(
    draws: Sequence[Draw], which: Callable[[Draw], Loss], changes: Callable[[Each], Any]
) -> Loss:
    return Loss(
        drop_points=_mean(which(draw).drop_points for draw in draws),
        drop_error=_error(draws, lambda draw: which(draw).drop_error, changes),
        agreement=_mean(which(draw).agreement for draw in draws),
    )


def _error(
    draws: Sequence[Draw], alone: Callable[[Draw], float], changes: Callable[[Each], Any]
) -> float:
    """The standard error of the draws' mean, in points; `alone` is that of one draw, `changes` are
    the images' changes over their views."""
    shares: dict[int, float] = {}
    for draw in draws:
        if draw.each is None:
            return _mean(map(alone, draws))
        found = changes(draw.each) / draw.views
        off = (found - found.mean()) / (len(draws) * len(found))
        for place, share in zip(numbers(draw.each.places), off, strict=True):
            shares[int(place)] = shares.get(int(place), 0.0) + share
    return 100 * float(np.sqrt(np.square(list(shares.values())).sum()))


def numbers(text: str) -> npt.NDArray[np.int64]:
    """What `spaced` wrote."""
    return np.array(text.split(), np.int64)


def spaced(values: Iterable[Any]) -> str:
    """Whole numbers on one line, which JSON with a line per number would not be."""
    return " ".join(str(int(value)) for value in values)


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))
