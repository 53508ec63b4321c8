"""A float or int8 `.tflite` looked into while it runs: its layers, and the values inside it.

The converter keeps tensors' names, so what a float model and its int8 model compute is compared
name by name. Values are real numbers in float32 whatever the model's types.
"""

from __future__ import annotations

import os
import queue
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from edgekit.errors import ModelError
from edgekit.frontends.float_model import Floats
from edgekit.ir import Quantization
from edgekit.tensorflow_loader import quiet
from edgekit.tflite.editing import ABSENT, Editor

Item = TypeVar("Item")
Result = TypeVar("Result")

_OPERANDS = {  # where an op has its input, weights and bias, and which axis counts channels
    "CONV_2D": (0, 1, 2, 0),
    "DEPTHWISE_CONV_2D": (0, 1, 2, 3),
    "FULLY_CONNECTED": (0, 1, 2, 0),
    "TRANSPOSE_CONV": (2, 1, 3, 0),
}


@dataclass(frozen=True, slots=True)
class WeightedLayer:
    """An op with constant weights; `name` is its output's, `bias` is `ABSENT` where it has none.

    `input`, `weights`, `bias` and `output` are tensors' numbers in the model that was asked,
    `axis` is that of the weights' output channels.
    """

    index: int
    op: str
    name: str
    input: int
    weights: int
    bias: int
    output: int
    axis: int


def weighted_layers(model: Editor) -> tuple[WeightedLayer, ...]:
    """Every convolution and fully connected layer with constant weights, as they run."""
    found = []
    for op in model.ops():
        if op.op not in _OPERANDS:
            continue
        entrance, weights, bias, axis = _OPERANDS[op.op]
        if model.constant(op.inputs[weights]) is None:
            continue
        found.append(
            WeightedLayer(
                op.index,
                op.op,
                model.tensor_name(op.outputs[0]),
                op.inputs[entrance],
                op.inputs[weights],
                op.inputs[bias] if bias < len(op.inputs) else ABSENT,
                op.outputs[0],
                axis,
            )
        )
    return tuple(found)


def float_layers(model: Editor) -> tuple[tuple[str, ...], int]:
    """Of an int8 model's convolutions and fully connected layers those that compute in float32,
    by their outputs' names, and how many such layers there are in all."""
    layers = [op for op in model.ops() if op.op in _OPERANDS]
    left = (op for op in layers if model.dtype(op.inputs[_OPERANDS[op.op][0]]) == np.float32)
    return tuple(model.tensor_name(op.outputs[0]) for op in left), len(layers)


def real_constant(model: Editor, tensor: int) -> Floats | None:
    """A constant's real values, dequantized where it is quantized; None for what is computed."""
    values = model.constant(tensor)
    if values is None:
        return None
    return dequantized(values, model.quantization(tensor))


def dequantized(values: npt.NDArray[Any], quantization: Quantization | None) -> Floats:
    """scale * (q - zero point), per tensor or per channel; floats as they are. float32."""
    if quantization is None or values.dtype.kind == "f":
        return values.astype(np.float32, copy=False)
    shape = [1] * values.ndim
    if quantization.per_channel:
        shape[quantization.axis] = -1
    scale = np.array(quantization.scales, np.float32).reshape(shape if values.ndim else ())
    zero = np.array(quantization.zero_points, np.int32).reshape(shape if values.ndim else ())
    if values.dtype.itemsize > 2:  # a float32 does not hold all of int32
        return np.asarray((values.astype(np.int64) - zero) * scale, np.float32)
    real = values.astype(np.float32)
    real -= zero
    real *= scale
    return real


def quantized(values: Floats, quantization: Quantization, dtype: npt.DTypeLike) -> Any:
    """Real values in a per-tensor quantization, rounded half away from zero as QUANTIZE does."""
    steps = values / np.float32(quantization.scale)
    rounded = np.trunc(steps + np.copysign(np.float32(0.5), steps)) + quantization.zero_point
    limits = np.iinfo(np.dtype(dtype))
    return np.clip(rounded, limits.min, limits.max).astype(dtype)


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


def scorer(model: bytes, name: str) -> Callable[[Iterable[Floats]], Floats]:
    """Gives the scores [n, classes] of a `.tflite` for images [h, w, c] float32.

    Raises `ModelError` for bytes that LiteRT cannot run.
    """
    runner = Runner(model, name=name)

    def scores(images: Iterable[Floats]) -> Floats:
        found = in_parallel(lambda image: runner([image[None]])[0].ravel(), images)
        return np.stack(list(found))

    return scores


class Runner:
    """A `.tflite` that several threads may run at once, by default one per core.

    Real values go in and come out. Make it in the main thread. Raises `ModelError` for bytes that
    LiteRT cannot run.
    """

    def __init__(
        self,
        model: bytes,
        *,
        reference: bool = False,
        threads: int | None = None,
        name: str = "the model",
    ) -> None:
        count = threads or _workers()
        with quiet():  # which is not for several threads: all interpreters are made here
            made = [_interpreter(model, name, reference=reference) for _ in range(count)]
        self._inputs = [_Slot.of(details) for details in made[0].get_input_details()]
        self._outputs = [_Slot.of(details) for details in made[0].get_output_details()]
        self._idle: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for interpreter in made:
            self._idle.put(interpreter)

    def __call__(self, inputs: Sequence[Floats]) -> list[Floats]:
        """The outputs' real values for the inputs', each [1, ...]."""
        given = [slot.stored(values) for values, slot in zip(inputs, self._inputs, strict=True)]
        return [
            dequantized(values, slot.quantization)
            for values, slot in zip(self.raw(given), self._outputs, strict=True)
        ]

    def raw(self, inputs: Sequence[npt.NDArray[Any]]) -> list[npt.NDArray[Any]]:
        """The outputs for the inputs, each [1, ...], both in the model's own types."""
        found: list[npt.NDArray[Any]] = []
        self.show(inputs, lambda _, values: found.append(values.copy()))
        return found

    def show(
        self,
        inputs: Sequence[npt.NDArray[Any]],
        each: Callable[[int, npt.NDArray[Any]], None],
    ) -> None:
        """Calls `each` with the place and values [1, ...] of each output; it must not keep them."""
        interpreter = self._idle.get()
        try:
            for slot, values in zip(self._inputs, inputs, strict=True):
                interpreter.set_tensor(slot.tensor, values)
            interpreter.invoke()
            for place, slot in enumerate(self._outputs):
                each(place, interpreter.tensor(slot.tensor)())
        finally:
            self._idle.put(interpreter)


@dataclass(frozen=True, slots=True)
class _Slot:
    """An input or output of a model that runs."""

    tensor: int
    dtype: npt.DTypeLike
    quantization: Quantization | None

    @classmethod
    def of(cls, details: dict[str, Any]) -> _Slot:
        """The slot that LiteRT describes so."""
        found = details["quantization_parameters"]
        scales, zeros = tuple(found["scales"].tolist()), tuple(found["zero_points"].tolist())
        known = Quantization(scales, zeros, found["quantized_dimension"]) if scales else None
        return cls(details["index"], details["dtype"], known)

    def stored(self, values: Floats) -> npt.NDArray[Any]:
        """Real values in the model's own type."""
        if self.quantization is None:
            return values
        return np.asarray(quantized(values, self.quantization, self.dtype))


def _interpreter(data: bytes, name: str, *, reference: bool) -> Any:
    """The model, ready to run; XNNPACK refuses a few that the kernels without it take."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    said = ""
    for kernels in (OpResolverType.BUILTIN_REF,) if reference else (OpResolverType.AUTO, plain):
        try:
            made = Interpreter(
                model_content=data, num_threads=1, experimental_op_resolver_type=kernels
            )
            made.allocate_tensors()
            return made
        except (ValueError, RuntimeError) as error:
            said = str(error).strip()
    raise ModelError(f"LiteRT cannot run {name}: {said[:300]}")


def _workers() -> int:
    return os.cpu_count() or 1


def in_parallel(call: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """What `call` gives for each item, in order, worked out on all cores a few items ahead."""
    workers = _workers()
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for item in items:
            waiting.append(pool.submit(call, item))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
