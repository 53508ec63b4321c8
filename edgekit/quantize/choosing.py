"""`--fix auto`: the cheapest repairs with which a model loses no more than it may.

First the quick repairs are made one after another in the order in which they run, each on what the
last one left. One that does not help on the validation images is left out again, so the result is
never further from float there than stock. It ends as soon as little enough is lost for sure.

Only where too much is still lost after that, combinations are searched: repairs are added one at
a time, those first that go for what hurts, the weights or the activations, whichever loses more by
itself; slow ones and those that cost the device something come last. Two ways are followed, the
best and the runner-up, and each repair is tried on both.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from edgekit.artifacts import RepairStep
from edgekit.quantize.judging import Judge, Verdict
from edgekit.quantize.layers import weighted_layers
from edgekit.quantize.real_values import real_constant
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
    verdict: Verdict | None = None
    """The judgement of the result; None where nothing was judged."""
    further: Further | None = None
    """What would lose less where too much is lost, and is made only on request."""


@dataclass(frozen=True, slots=True)
class Further:
    """Names of repairs that lose less than what was chosen, one of them not for every runtime."""

    repairs: tuple[str, ...]
    verdict: Verdict


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
            moved=float(self.verdict.moved.mean()),
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
    tried = [stock]
    best = _in_order(judge, tried, max_drop)
    if best.verdict.beyond(max_drop):
        best = _search(case, judge, tried, max_drop)
    finished, did = _apply(best.case, [repair for repair in repairs().values() if repair.always])
    steps = tuple(one.step(kept=one in best.way) for one in tried)
    further = _further(judge, best, did) if best.verdict.beyond(max_drop) else None
    return Choice(finished, best.did + did, steps, best.verdict, further)


def _further(judge: Judge, best: _Attempt, finishing: tuple[str, ...]) -> Further | None:
    """The best of what one more repair does, of those that not every runtime can run; `finishing`
    is what repairs that are always made did."""
    known = repairs().values()
    asked = (_attempt(judge, best, one) for one in known if one.on_request and one.heavier)
    found: _Attempt | None = None
    for attempt in asked:
        if attempt and attempt.verdict.better_than((found or best).verdict):
            found = attempt
    if found is None:
        return None
    always = [one for one in known if any(text.startswith(f"{one.name}:") for text in finishing)]
    made = sorted({*found.made, *always}, key=lambda one: one.order)
    return Further(tuple(one.name for one in made), found.verdict)


def _in_order(judge: Judge, tried: list[_Attempt], max_drop: float) -> _Attempt:
    """The best after every quick repair that helps; what was tried is added to `tried`."""
    best = tried[0]
    for repair in repairs().values():
        if best.verdict.within(max_drop):
            break
        if not (repair.always or repair.on_request or repair.slow or repair.heavier):
            attempt = _attempt(judge, best, repair)
            if attempt is not None:
                tried.append(attempt)
                best = attempt if attempt.verdict.better_than(best.verdict) else best
    return best


def _search(case: Case, judge: Judge, tried: list[_Attempt], max_drop: float) -> _Attempt:
    """The best of what was tried and of what the two best ways lead to."""
    followed: list[_Attempt] = []
    for attempt in tried:
        followed = _with(attempt, followed)
    ladder = _ladder(case, judge, tried[0].verdict)
    for number, repair in enumerate(ladder):
        case.progress(_why(followed[0], max_drop), number, len(ladder))
        for base in tuple(followed):
            if followed[0].verdict.within(max_drop):
                break
            if {repair, *base.made} in [set(one.made) for one in tried]:
                continue
            found = _attempt(judge, base, repair)
            if found is None:
                continue
            tried.append(found)
            if found.verdict.better_than(base.verdict):
                followed = _with(found, followed)
    case.progress(_why(followed[0], max_drop), len(ladder), len(ladder))
    return followed[0]


def _why(best: _Attempt, max_drop: float) -> str:
    return f"searching repairs: {best.verdict.lost:.1f} points lost, {max_drop:g} allowed"


def _with(attempt: _Attempt, followed: Sequence[_Attempt]) -> list[_Attempt]:
    """The best first; of those that fall behind only so many are followed."""
    worse = (attempt.verdict.better_than(one.verdict) for one in followed)
    place = next((place for place, found in enumerate(worse) if found), len(followed))
    return [*followed[:place], attempt, *followed[place:]][:_FOLLOWED]


def _attempt(judge: Judge, base: _Attempt, repair: Repair) -> _Attempt | None:
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
        repaired, did = _apply(base.way[0].case, made)
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


def _ladder(case: Case, judge: Judge, stock: Verdict) -> Sequence[Repair]:
    """The repairs in the order in which they are searched."""
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
