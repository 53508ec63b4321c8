"""A float or int8 `.tflite` looked into while it runs: the values inside it.

The converter keeps tensors' names, so what a float model and its int8 model compute is compared
name by name. Values are real numbers in float32 whatever the model's types.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from edgekit.frontends.float_model import Floats
from edgekit.quantize.running import Runner, in_parallel
from edgekit.tflite.editing import Editor


def activations(model: Editor) -> tuple[str, ...]:
    """The names of all that the model computes, as it is computed; the input comes first."""
    made = [tensor for op in model.ops() for tensor in op.outputs]
    return tuple(model.tensor_name(tensor) for tensor in (*model.inputs, *made))


def observe(
    model: bytes,
    images: Iterable[Floats],
    names: Sequence[str] | None = None,
    *,
    reference: bool = False,
    name: str = "the model",
) -> Iterator[dict[str, Floats]]:
    """For each image [h, w, c], the values [1, ...] of the tensors of these names, or of all.

    `reference` takes LiteRT's reference kernels, which are exact and slow; without it int8 sums
    may round differently by one. Only a few images are ahead of the reader at any time.

    Raises `ModelError` for bytes that are no .tflite or that LiteRT cannot run, `KeyError` for a
    name that is not there.
    """
    editor = Editor(model, name)
    wanted = activations(editor) if names is None else tuple(names)
    inside = tuple(one for one in wanted if editor.find(one) not in editor.inputs)
    editor.set_outputs([editor.find(one) for one in inside])
    runner = Runner(editor.bytes(), reference=reference)
    (entrance,) = editor.inputs

    def run(image: Floats) -> dict[str, Floats]:
        values = dict(zip(inside, runner([image[None]]), strict=True))
        if len(inside) < len(wanted):
            values[editor.tensor_name(entrance)] = image[None]
        return values

    yield from in_parallel(run, images)
