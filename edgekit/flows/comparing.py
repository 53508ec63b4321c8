"""Float and int8 over the same images, batch by batch: interrupted, resumed, stopped early."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from edgekit.artifacts import EarlyStop
from edgekit.flows.evaluation import FloatScores, Int8Scores, Scores, batches
from edgekit.flows.journal import Journal, Part, images_key, key
from edgekit.flows.pictures import Pictures, Places
from edgekit.flows.progress import Progress
from edgekit.flows.sequential import ERROR_RATE, DropTest, bound
from edgekit.flows.verdicts import Verdicts, joined, judged

STAGE = "float and int8"


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """What both models say to the images `over`, which are all, or those before an early stop;
    `resumed` of them were known from an earlier run."""

    over: Pictures
    floats: Verdicts
    ints: Verdicts
    early: EarlyStop | None
    resumed: int


def shuffled(over: Pictures) -> Pictures:
    """The images in an order that is random and always the same, so that the first of them, however
    many, are a fair sample of all."""
    order = np.random.default_rng(0).permutation(len(over))
    return replace(over, chosen=over.chosen[order])


def compare(
    floats: FloatScores,
    ints: Int8Scores,
    int8_sha256: str,
    over: Pictures,
    journal: Journal,
    progress: Progress,
    *,
    stop_at: float | None = None,
) -> Compared:
    """Both models over the images in their order, which should be `shuffled`.

    With `stop_at` points it ends as soon as the drop of all images is surely above it, or not (see
    `sequential`).
    """
    asked = images_key(over)
    one = _Model("float", key(floats.sha256, asked), floats.scores, over, journal)
    other = _Model("int8", key(int8_sha256, ints.model.kernels, asked), ints.scores, over, journal)
    resumed = min(one.known, other.known)
    test = None if stop_at is None else DropTest(len(over), stop_at)
    for places in batches(over):
        before, after = one.verdicts(places), other.verdicts(places)
        progress(STAGE, places.stop, len(over))
        if test is None or places.stop == len(over):
            continue
        within = test.add(before.correct.astype(int) - after.correct.astype(int))
        if within is not None:
            seen = replace(over, chosen=over.chosen[: places.stop])
            early = _stopped(one.all(), other.all(), len(over), within)
            return Compared(seen, one.all(), other.all(), early, min(resumed, places.stop))
    return Compared(over, one.all(), other.all(), None, resumed)


def _stopped(floats: Verdicts, ints: Verdicts, images: int, within: bool) -> EarlyStop:
    changes = floats.correct.astype(int) - ints.correct.astype(int)
    return EarlyStop(
        samples=len(changes),
        images=images,
        within=within,
        error_rate=ERROR_RATE,
        bound_points=bound(changes, images, within=within),
    )


class _Model:
    """One model's verdicts, those of an interrupted run first."""

    def __init__(
        self,
        name: str,
        wanted: str,
        scores: Callable[[Pictures, Places], Scores],
        over: Pictures,
        journal: Journal,
    ) -> None:
        self._name, self._key, self._scores = name, wanted, scores
        self._over, self._journal = over, journal
        found = journal.found(name, wanted)
        self._before = Verdicts.unpacked(found.verdicts) if found else joined([])
        self._parts: list[Verdicts] = []

    @property
    def known(self) -> int:
        """Images that an earlier run has looked at."""
        return len(self._before)

    def verdicts(self, places: slice) -> Verdicts:
        """Of the next batch."""
        if places.stop <= self.known:
            part = self._before.part(places)
        else:
            labels = self._over.labels[places]
            part = judged(self._scores(self._over, places), labels)
        self._parts.append(part)
        if places.stop > self.known:
            self._journal.put(self._name, Part(self._key, self.all().packed()))
        return part

    def all(self) -> Verdicts:
        """Of all batches so far."""
        return joined(self._parts)
