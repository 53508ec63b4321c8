"""What a repair is given, what it gives back, and what is known of it beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from edgekit.frontends.float_model import Floats
from edgekit.quantize.looking import Look, Looks, spreads
from edgekit.quantize.spread import Spread

_WEIGHTS, _LAST = 40, 60

Progress = Callable[[str, int, int], None]
"""Called as (what is being done, how much of it is done, of how much)."""


class Images(Protocol):
    """Preprocessed images that can be gone through again and again; an array [n, h, w, c] is one.

    Iterating gives images [h, w, c] float32.
    """

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Floats]: ...


def silent(stage: str, done: int, total: int) -> None:
    """Progress for those who do not ask for it."""


@dataclass(frozen=True, slots=True)
class Case:
    """A model under repair.

    `reference` is the float `.tflite` that was given: what is right. `float_model` computes the
    same, perhaps spread differently over its layers, and `int8` is it in int8; all three call their
    tensors the same. `images` calibrate. `quantize` makes an int8 `.tflite` of a float one, by
    stock quantization with these images; `seen`, where it is given, saves looking at a model twice.
    """

    name: str
    reference: bytes
    float_model: bytes
    int8: bytes
    images: Images
    quantize: Callable[[bytes], bytes]
    progress: Progress = silent
    seen: Looks | None = None

    def spreads(self) -> Mapping[str, Spread]:
        """How the values of `float_model` spread over the images, by tensor name."""
        if self.seen is not None:
            return self.seen(self.float_model).spreads
        return spreads(self.float_model, self.images, name=self.name)

    def know(self, model: bytes, found: Mapping[str, Spread]) -> None:
        """Notes how the values of another float model spread, so that nobody looks again."""
        if self.seen is not None:
            self.seen.know(model, Look(found))


@dataclass(frozen=True, slots=True)
class Repaired:
    """A model after a repair; `did` says in words what was changed, nothing when nothing was."""

    float_model: bytes
    int8: bytes
    did: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Repair:
    """One way to lose less, found by its module; `apply` takes no account of other repairs.

    `name` is what the user calls it, `summary` one line on what it does. Repairs run by rising
    `order`: those of the float model below 20, of activations below 40, of weights below 60, those
    that must come last from 60.

    `slow` ones take minutes, the others a fraction of calibration. `heavier` ones make the model
    larger or slower. `covers` names repairs that have nothing left to do after this one. Those
    that are made `always` when the user leaves the choice to edgekit make a result right, not
    better; those that come only `on_request` make what not every runtime has.
    """

    name: str
    summary: str
    order: int
    apply: Callable[[Case], Repaired]
    slow: bool = False
    heavier: bool = False
    covers: tuple[str, ...] = ()
    always: bool = False
    on_request: bool = False

    @property
    def of_weights(self) -> bool:
        """Whether it goes for the loss that rounded weights cause."""
        return _WEIGHTS <= self.order < _LAST

    def __call__(self, case: Case) -> tuple[Case, tuple[str, ...]]:
        """The case after the repair, and what was done."""
        made = self.apply(case)
        return replace(case, float_model=made.float_model, int8=made.int8), made.did


def unchanged(case: Case) -> Repaired:
    """What a repair gives that found nothing to do."""
    return Repaired(case.float_model, case.int8, ())
