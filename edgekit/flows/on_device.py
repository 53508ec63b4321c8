"""What a device answers to images, byte for byte against the host."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgekit.artifacts import Step
from edgekit.flows.evaluation import Int8, Pictures
from edgekit.flows.progress import Progress
from edgekit.link.client import Client
from edgekit.runtimes import litert, tflm

BUDGET_S = 45.0
"""How long a device is asked when nobody says how many images it should see."""
_LEAST = 10

Ask = Callable[[Int8], Int8]
"""From inputs [n, h, w, c] to outputs [n, classes]."""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """A device's scores [m, classes] for the images at `places` among those evaluated.

    `differing` are those of `places` where they are not the host's; of the first of them,
    `first_difference` says image, value and, where known, layer.
    """

    places: npt.NDArray[np.int64]
    scores: Int8
    differing: tuple[int, ...]
    first_difference: str | None


def ask_client(client: Client) -> Ask:
    """Asks a board, one image after the other."""

    def ask(inputs: Int8) -> Int8:
        outputs = [np.frombuffer(client.infer(x.tobytes()).output, np.int8) for x in inputs]
        return np.stack(outputs)

    return ask


def ask_all(
    ask: Ask,
    over: Pictures,
    quantization: tuple[float, int],
    *,
    samples: int | None,
    progress: Progress,
    stage: str,
    budget_s: float = BUDGET_S,
) -> tuple[npt.NDArray[np.int64], Int8]:
    """The places that were asked, and the answers to them.

    Without `samples`, all images; but once `budget_s` is over, no more than were asked by then
    (at least ten). The order is shuffled, always the same way, so that any part is a fair sample.
    """
    order = np.random.default_rng(0).permutation(len(over))[:samples]
    answers: list[Int8] = []
    started = time.monotonic()
    for done, place in enumerate(order):
        late = samples is None and time.monotonic() - started > budget_s
        if late and done >= _LEAST:
            break
        progress(stage, done, len(order))
        answers.append(ask(over.int8_inputs(place, place + 1, quantization)))
    progress(stage, len(answers), len(answers))
    return order[: len(answers)], np.concatenate(answers)


def compare(
    model: bytes,
    over: Pictures,
    quantization: tuple[float, int],
    places: npt.NDArray[np.int64],
    scores: Int8,
    host: Int8,
    checksums: Callable[[Int8], Sequence[int]] | None = None,
    steps: Sequence[Step] = (),
) -> Answers:
    """Holds a device's scores against the host's [images, classes], all bytes.

    Where LiteRT's reference kernels and TFLM differ (rare cases of FULLY_CONNECTED), TFLM decides.
    `checksums` runs an image again for the CRC-32 of each step, to name the first wrong layer.
    """
    wrong = [at for at in range(len(places)) if (scores[at] != host[places[at]]).any()]
    expected = {at: host[places[at]] for at in wrong}
    if wrong and tflm.available():
        inputs = np.concatenate(
            [over.int8_inputs(places[at], places[at] + 1, quantization) for at in wrong]
        )
        expected = dict(zip(wrong, tflm.run(model, inputs).reshape(len(wrong), -1), strict=True))
        wrong = [at for at in wrong if (scores[at] != expected[at]).any()]
    first = None
    if wrong:
        at = wrong[0]
        x = over.int8_inputs(places[at], places[at] + 1, quantization)
        first = _value(int(over.chosen[places[at]]), scores[at], expected[at])
        if checksums is not None:
            first += _layer(model, x, checksums(x), steps)
    return Answers(places, scores, tuple(int(places[at]) for at in wrong), first)


def _value(image: int, found: Int8, expected: Int8) -> str:
    index = int(np.flatnonzero(found != expected)[0])
    return f"image {image}: output {index} is {found[index]}, {expected[index]} on the host"


def _layer(model: bytes, x: Int8, found: Sequence[int], steps: Sequence[Step]) -> str:
    """The first step whose output's CRC-32 is not that of the host's tensor of the same name."""
    tensors = litert.Interpreter(model, keep_tensors=True).tensors(x)
    for step, crc in zip(steps, found, strict=False):
        tensor = tensors.get(step.name)
        if tensor is not None and zlib.crc32(tensor.tobytes()) != crc:
            return f"; the first layer that differs is step {step.index}, {step.op} ({step.name})"
    return ""
