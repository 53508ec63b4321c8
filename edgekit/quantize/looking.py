"""One pass of a float model over the calibration images that sees all that quantizing asks for.

Seen here and not by TensorFlow's calibrator, which takes several times as long and misjudges what
goes into an op that works in place: it looks at the inputs again after the op has run, when an
ADD's input already holds the sum. In a residual network that widens ranges by half and more.

Every ReLU6 is taken apart for it: what goes in says how much it clips, and what comes out as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from edgekit.frontends.float_model import Floats
from edgekit.quantize.input_fit import Predict
from edgekit.quantize.relu6 import CLIP, ClipTally, layer_name
from edgekit.quantize.running import Runner, in_parallel
from edgekit.quantize.spread import Spread
from edgekit.quantize.tallying import Part, Tally, ends_of, part_of
from edgekit.tflite.editing import Editor
from edgekit.tflite.unfusing import unfuse_relu6

_LOOKS_KEPT = 3  # a sample takes some 100 MB for 100 images of a MobileNetV2


@dataclass(frozen=True, slots=True)
class Look:
    """How each float32 value of a model spreads, by tensor name, and what each ReLU6 is given.

    `answers` are the model's scores [classes] to what it was shown, by `fingerprint`.
    """

    spreads: Mapping[str, Spread]
    clips: tuple[ClipTally, ...] = ()
    answers: Mapping[bytes, Floats] = field(default_factory=dict)

    def answering(self, others: Predict) -> Predict:
        """The model's scores [n, classes] for images, by `others` for those not shown before.

        What `others` say is remembered: an image is asked about once.
        """
        known = dict(self.answers)

        def predict(images: Floats) -> Floats:
            marks = [fingerprint(image) for image in images]
            fresh = {
                mark: image for mark, image in zip(marks, images, strict=True) if mark not in known
            }
            if fresh:
                known.update(zip(fresh, others(np.stack(list(fresh.values()))), strict=True))
            return np.stack([known[mark] for mark in marks])

        return predict


def fingerprint(image: Floats) -> bytes:
    """What tells one image from all others."""
    return hashlib.sha1(np.ascontiguousarray(image).tobytes(), usedforsecurity=False).digest()


def look(
    model: bytes,
    images: Iterable[Floats],
    seen: Callable[[], None] = lambda: None,
    *,
    name: str = "the model",
) -> Look:
    """Looks at a float `.tflite`; `seen` is called after each image [h, w, c] float32.

    Raises `ModelError` for bytes that are no .tflite.
    """
    unfused, clamps = unfuse_relu6(model, name)
    editor, opened = Editor(model, name), Editor(unfused, name)
    before = {clamp.name: opened.tensor_name(clamp.before) for clamp in clamps}
    made = _float_values(editor)
    tallies = {before.get(tensor, tensor): Tally() for tensor in made}
    answers: dict[bytes, Floats] = {}
    end = editor.tensor_name(editor.outputs[0])
    for mark, parts in _looked(opened, images, tuple(tallies), set(before.values())):
        for tensor, part in parts.items():
            tallies[tensor].add(part)
        if end in parts:
            answers[mark] = parts[end].rows.ravel()
        seen()
    found = {tensor: tally.spread() for tensor, tally in tallies.items()}
    clips = tuple(
        ClipTally(layer_name(tensor), tallies[given].values, tallies[given].above, found[given])
        for tensor, given in before.items()
        if not _is_gate(editor, tensor)
    )
    after = {tensor: found[given].clipped(0.0, CLIP) for tensor, given in before.items()}
    return Look({tensor: after.get(tensor) or found[tensor] for tensor in made}, clips, answers)


def _looked(
    model: Editor, images: Iterable[Floats], names: Sequence[str], clipped: Set[str]
) -> Iterator[tuple[bytes, dict[str, Part]]]:
    """Of each image its fingerprint and what is seen of these tensors, still warm in the cache."""
    entrance = model.tensor_name(model.inputs[0])
    inside = [name for name in names if name != entrance]
    joined = _joined(model)
    model.set_outputs([model.find(name) for name in inside])
    runner = Runner(model.bytes())

    def seen(numbered: tuple[int, Floats]) -> tuple[bytes, dict[str, Part]]:
        number, image = numbered
        places = np.random.default_rng(number)
        parts = {entrance: part_of(image[None], places, entrance in clipped)}

        def digest(place: int, values: Floats) -> None:
            name = inside[place]
            ends = ends_of([parts.get(source) for source in joined.get(name, ())])
            parts[name] = part_of(values, places, name in clipped, ends)

        runner.show([image[None]], digest)
        return fingerprint(image), parts

    return in_parallel(seen, enumerate(images))


def spreads(
    model: bytes, images: Iterable[Floats], *, name: str = "the model"
) -> Mapping[str, Spread]:
    """The spread of every float32 value of a float `.tflite`, by name; see `look`."""
    return look(model, images, lambda: None, name=name).spreads


class Looks:
    """What was seen of models over the same images; asked for a model twice, it looks once.

    `seen` gets the number of images seen so far, from 0. `images` can be gone through repeatedly.
    """

    def __init__(self, images: Iterable[Floats], seen: Callable[[int], None], *, name: str) -> None:
        self._images, self._seen, self._name = images, seen, name
        self._known: dict[bytes, Look] = {}

    def __call__(self, model: bytes) -> Look:
        """What is seen of a float `.tflite`."""
        if model not in self._known:
            self._seen(0)
            numbers = count(1)
            found = look(model, self._images, lambda: self._seen(next(numbers)), name=self._name)
            self.know(model, found)
        return self._known[model]

    def know(self, model: bytes, found: Look) -> None:
        """Takes what would be seen of a model from one who knows without looking."""
        self._known[model] = found
        while len(self._known) > _LOOKS_KEPT:
            self._known.pop(next(iter(self._known)))


def _float_values(model: Editor) -> list[str]:
    """The input and all that ops compute, where it is float32."""
    made = [*model.inputs, *(tensor for op in model.ops() for tensor in op.outputs)]
    return [model.tensor_name(tensor) for tensor in made if model.dtype(tensor) == np.float32]


def _is_gate(model: Editor, tensor: str) -> bool:
    """Whether a RELU6 is the inside of a hard sigmoid, relu6(x + 3) / 6.

    There, clipping is the very purpose; MobileNetV3 has dozens and no ReLU6.
    """
    number = model.find(tensor)
    readers = [op for op in model.ops() if number in op.inputs]
    return bool(readers) and all(
        op.op == "MUL" and any(_is_sixth(model, other) for other in op.inputs) for op in readers
    )


def _is_sixth(model: Editor, tensor: int) -> bool:
    value = model.constant(tensor)
    return value is not None and value.size == 1 and abs(6 * float(value.item()) - 1) < 1e-3


def _joined(model: Editor) -> dict[str, list[str]]:
    """For each tensor that holds others' channels side by side the names of these."""
    return {
        model.tensor_name(op.outputs[0]): [model.tensor_name(tensor) for tensor in op.inputs]
        for op in model.ops()
        if op.op == "CONCATENATION" and op.options.axis in (-1, len(model.shape(op.outputs[0])) - 1)
    }
