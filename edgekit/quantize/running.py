"""A float or int8 `.tflite` that runs, on all cores; real numbers in float32 go in and come out."""

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
from edgekit.quantize.real_values import dequantized, quantized
from edgekit.tensorflow_loader import quiet

Item = TypeVar("Item")
Result = TypeVar("Result")


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
