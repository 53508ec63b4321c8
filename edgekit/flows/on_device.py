"""What a place answers to images, byte for byte against the host."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from edgekit.artifacts import sha256
from edgekit.errors import ModelError
from edgekit.flows.evaluation import Int8Scores
from edgekit.flows.journal import Journal, Part, images_key, key
from edgekit.flows.pictures import Int8, Pictures
from edgekit.flows.places import Place
from edgekit.flows.progress import Progress
from edgekit.flows.verdicts import Verdicts, joined, judged
from edgekit.runtimes import tflm

BUDGET_S = 45.0
"""How long a place is asked when nobody says how many images it should see."""
_LEAST = 10
_PART = "device"


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a place says to the first of the images in their order.

    `differing` are the places, among those evaluated, of the images to which it gave other bytes
    than the host; of the first of them, `first_difference` says image, value and, where known,
    layer. `resumed` of them were known from an earlier run.
    """

    verdicts: Verdicts
    differing: tuple[int, ...]
    first_difference: str | None
    resumed: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a place is asked: `samples` images, or what it manages in `budget_s`, at least ten;
    no more once it differs with `stop_early`."""

    samples: int | None = None
    stop_early: bool = False
    budget_s: float = BUDGET_S


def ask(
    place: Place,
    host: Int8Scores,
    model: bytes,
    over: Pictures,
    limits: Limits,
    journal: Journal,
    progress: Progress,
) -> Answers:
    """Asks a place about the images in their order, which should be a random one, so that any part
    of them is a fair sample; those that an interrupted run has asked about are not asked again."""
    asked = _Asked(place, host, over, journal, key(sha256(model), place.code, images_key(over)))
    total = min(limits.samples or len(over), len(over))
    with ExitStack() as stack:
        arbiter = _NoArbiter() if place.is_tflm else _Arbiter(model, stack)
        for places in _slices(asked.resumed, total, place.at_once, limits):
            progress(place.stage, places.start, total)
            if asked.differing and limits.stop_early:
                break
            asked.about(places, arbiter)
    progress(place.stage, total, total)
    return Answers(joined(asked.verdicts), asked.differing, asked.first_difference, asked.resumed)


class _Asked:
    """What has been asked so far; begins with what an interrupted run knew."""

    def __init__(
        self, place: Place, host: Int8Scores, over: Pictures, journal: Journal, wanted: str
    ) -> None:
        self._place, self._host, self._over = place, host, over
        self._journal, self._key = journal, wanted
        known = journal.found(_PART, wanted) or Part(wanted, b"")
        self.verdicts = [Verdicts.unpacked(known.verdicts)]
        self.differing, self.first_difference = known.differing, known.first_difference
        self.resumed = len(self.verdicts[0])

    def about(self, places: slice, arbiter: _Arbiter | _NoArbiter) -> None:
        """Asks about the next images, and keeps what is said."""
        x = self._host.inputs(self._over, places)
        found = self._place.ask(x)
        expected = arbiter.expected(x, found, self._host.answers(x))
        wrong = np.flatnonzero((found != expected).any(axis=1))
        if len(wrong) and self.first_difference is None:
            at = int(wrong[0])
            image = int(self._over.chosen[places.start + at])
            layer = _layer(self._place, x[at : at + 1])
            self.first_difference = _value(image, found[at], expected[at]) + layer
        self.differing += tuple(int(places.start + at) for at in wrong)
        self.verdicts.append(judged(found, self._over.labels[places]))
        packed = joined(self.verdicts).packed()
        self._journal.put(_PART, Part(self._key, packed, self.differing, self.first_difference))


def _slices(start: int, total: int, at_once: int, limits: Limits) -> Iterator[slice]:
    started = time.monotonic()
    for first in range(start, total, at_once):
        late = limits.samples is None and time.monotonic() - started > limits.budget_s
        if late and first >= _LEAST:
            return
        yield slice(first, min(first + at_once, total))


class _Arbiter:
    """TFLM, started when it is first needed.

    LiteRT's reference kernels and TFLM differ in rare cases of a few ops; for what runs on a
    device, TFLM decides, where it can run the model.
    """

    def __init__(self, model: bytes, stack: ExitStack) -> None:
        self._model, self._stack = model, stack
        self._worker: tflm.Worker | None = None

    def expected(self, x: Int8, found: Int8, host: Int8) -> Int8:
        """What the answers should be: the host's, or TFLM's where these differ from `found`."""
        wrong = np.flatnonzero((found != host).any(axis=1))
        if not len(wrong) or not tflm.available():
            return host
        if self._worker is None:
            self._worker = self._stack.enter_context(tflm.Worker())
        truth = host.copy()
        try:
            truth[wrong] = self._worker.run(self._model, x[wrong]).reshape(len(wrong), -1)
        except ModelError:  # it has not all ops
            return host
        return truth


class _NoArbiter:
    """For TFLM itself, which is held against the host as it is."""

    def expected(self, x: Int8, found: Int8, host: Int8) -> Int8:  # noqa: ARG002
        """The host's answers."""
        return host


def _value(image: int, found: Int8, expected: Int8) -> str:
    index = int(np.flatnonzero(found != expected)[0])
    return f"image {image}: output {index} is {found[index]}, {expected[index]} on the host"


def _layer(place: Place, x: Int8) -> str:
    layer = place.first_wrong_layer(x)
    return f"; the first layer that differs is {layer}" if layer else ""
