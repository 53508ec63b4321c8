"""`--fix auto`: the cheapest repairs with which a model loses no more than it may.

Repairs are added one at a time, those first that cost nothing on the device and go for what hurts:
the weights or the activations, whichever loses more by itself. One that does not help on the
validation images is left out again, so the result is never further from float there than stock.
Two ways are followed, the best and the runner-up, and each repair is tried on both. It ends once
the loss is low enough, or when there is nothing left to try.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from edgekit.artifacts import RepairStep
from edgekit.quantize.judging import Judge, Verdict
from edgekit.quantize.observing import real_constant, weighted_layers
from edgekit.quantize.repairs import Case, Repair, repairs
from edgekit.tflite.editing import ABSENT, Editor

_FOLLOWED = 2
"""Ways that are gone on with: a repair that helps at first may spoil what a later one could do."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The repaired case, what was done to it, and what each attempt bought."""

    case: Case
    did: tuple[str, ...]
    steps: tuple[RepairStep, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Attempt:
    """A case after some repairs, judged: `base` and one more, for which `seconds` were taken."""

    case: Case
    made: tuple[Repair, ...]
    did: tuple[str, ...]
    verdict: Verdict
    seconds: float
    base: _Attempt | None = None

    @property
    def way(self) -> tuple[_Attempt, ...]:
        """What this was built on, from stock quantization to itself."""
        return (*(self.base.way if self.base else ()), self)

    def step(self, *, kept: bool) -> RepairStep:
        drop, drop_error = self.verdict.drop
        expected, expected_error = self.verdict.expected_drop
        return RepairStep(
            repairs=tuple(repair.name for repair in self.made),
            kept=kept,
            drop_points=drop,
            drop_error=drop_error,
            expected_drop_points=expected,
            expected_drop_error=expected_error,
            agreement=self.verdict.agreement,
            seconds=self.seconds,
        )


def apply(case: Case, names: Iterable[str]) -> tuple[Case, tuple[str, ...]]:
    """The case after the repairs of these names, in the order in which repairs run."""
    wanted = set(names)
    return _apply(case, [repair for name, repair in repairs().items() if name in wanted])


def choose(case: Case, judge: Judge, max_drop: float) -> Choice:
    """Repairs a case until it loses at most `max_drop` points on the judge's images.

    Repairs that make the result right on every runtime are always made.
    """
    started = time.monotonic()
    stock = _Attempt(case, (), (), judge(case.int8), time.monotonic() - started)
    tried, followed = [stock], [stock]
    for repair in _ladder(case, judge, stock.verdict, max_drop):
        for base in tuple(followed):
            if followed[0].verdict.within(max_drop):
                break
            attempt = _attempt(case, judge, base, repair)
            if attempt is None:
                continue
            tried.append(attempt)
            if attempt.verdict.better_than(base.verdict):
                followed = _with(attempt, followed)
    best = followed[0]
    finished, did = _apply(best.case, [repair for repair in repairs().values() if repair.always])
    steps = tuple(one.step(kept=one in best.way) for one in tried)
    return Choice(finished, best.did + did, steps)


def _with(attempt: _Attempt, followed: Sequence[_Attempt]) -> list[_Attempt]:
    """The best first; of those that fall behind only so many are followed."""
    worse = (attempt.verdict.better_than(one.verdict) for one in followed)
    place = next((place for place, found in enumerate(worse) if found), len(followed))
    return [*followed[:place], attempt, *followed[place:]][:_FOLLOWED]


def _attempt(case: Case, judge: Judge, base: _Attempt, repair: Repair) -> _Attempt | None:
    """One more repair, each in its place in the order; None when there is nothing for it to do."""
    if any(repair.name in made.covers for made in base.made):
        return None
    started = time.monotonic()
    made = tuple(sorted((*base.made, repair), key=lambda one: one.order))
    if made[-1] is repair:
        repaired, did = repair(base.case)
        found = bool(did)
        did = base.did + did
    else:  # those behind it have to be made again, on what it leaves
        repaired, did = _apply(case, made)
        found = len(did) > len(base.did)
    if not found:
        return None
    verdict = judge(repaired.int8)
    return _Attempt(repaired, made, did, verdict, time.monotonic() - started, base)


def _apply(case: Case, chosen: Iterable[Repair]) -> tuple[Case, tuple[str, ...]]:
    done: list[str] = []
    for repair in chosen:
        case, did = repair(case)
        done += did
    return case, tuple(done)


def _ladder(case: Case, judge: Judge, stock: Verdict, max_drop: float) -> Sequence[Repair]:
    """The repairs in the order in which they are tried."""
    if stock.within(max_drop):
        return ()
    weights_first = _weights_alone(case, judge) > stock.regrets.mean() / 2
    return sorted(
        (one for one in repairs().values() if not one.always and not one.on_request),
        key=lambda one: (one.heavier, one.slow, one.of_weights != weights_first, one.order),
    )


def _weights_alone(case: Case, judge: Judge) -> float:
    """The share of sureness lost by int8 weights and biases where all else is float."""
    floats, int8 = Editor(case.float_model, case.name), Editor(case.int8, case.name)
    coarse = {layer.name: layer for layer in weighted_layers(int8)}
    for layer in weighted_layers(floats):
        twin = coarse.get(layer.name)
        if twin is None:
            continue
        for fine, rounded in ((layer.weights, twin.weights), (layer.bias, twin.bias)):
            if ABSENT not in (fine, rounded):
                values = real_constant(int8, rounded)
                assert values is not None
                floats.set_constant(fine, values.astype(np.float32))
    return float(judge(floats.bytes()).regrets.mean())
