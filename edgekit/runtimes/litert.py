"""LiteRT (TensorFlow Lite) on the host: the second opinion, and how fast a desktop runs it."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.errors import DataError, MissingToolError, ModelError

_MODULES = ("ai_edge_litert.interpreter", "tflite_runtime.interpreter")


def _module() -> ModuleType:
    """LiteRT's Python module; the older `tflite_runtime` where only that is installed."""
    for name in _MODULES:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise MissingToolError(
        "neither ai-edge-litert nor tflite-runtime is installed",
        hint="pip install ai-edge-litert",
    )


class Interpreter:
    """One model, loaded.

    `reference` takes the plain reference kernels (BUILTIN_REF), which agree with TensorFlow Lite
    Micro but for rare cases of FULLY_CONNECTED; without it the XNNPACK delegate, which is faster,
    uses `threads` and rounds some sums differently by one. Raises `ModelError` for bytes that
    are not a model, `MissingToolError` when no runtime is installed.
    """

    def __init__(
        self,
        model: bytes,
        *,
        reference: bool = True,
        threads: int | None = None,
        keep_tensors: bool = False,
    ) -> None:
        module = _module()
        kernels = module.OpResolverType
        try:
            self._interpreter = module.Interpreter(
                model_content=model,
                num_threads=threads,
                experimental_op_resolver_type=(kernels.BUILTIN_REF if reference else kernels.AUTO),
                experimental_preserve_all_tensors=keep_tensors,
            )
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"LiteRT refuses the model: {error}") from None
        (self._input,) = self._interpreter.get_input_details()[:1]
        (self._output,) = self._interpreter.get_output_details()[:1]

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The input's shape without the batch."""
        return tuple(int(extent) for extent in self._input["shape"][1:])

    @property
    def classes(self) -> int:
        """How many values the output has."""
        return int(np.prod(self._output["shape"][1:]))

    @property
    def input_quantization(self) -> tuple[float, int]:
        """The input's scale and zero point; scale 0 for a float input."""
        scale, zero_point = self._input["quantization"]
        return float(scale), int(zero_point)

    @property
    def tensor_numbers(self) -> dict[str, int]:
        """The tensors' numbers in the file, by name; of several of one name the last."""
        return {
            details["name"]: int(details["index"])
            for details in self._interpreter.get_tensor_details()
        }

    def zeros(self) -> npt.NDArray[Any]:
        """One input `[1, ...]` of the model's own type."""
        return np.zeros((1, *self.input_shape), self._input["dtype"])

    def tensors(self, x: npt.NDArray[Any]) -> dict[str, npt.NDArray[Any]]:
        """Every value inside the model for one input `x [1, ...]`, by tensor name.

        Needs `keep_tensors`: without it memory is shared, and most values are overwritten.
        """
        self.run(x)
        return {
            details["name"]: self._interpreter.get_tensor(details["index"])
            for details in self._interpreter.get_tensor_details()
            if np.prod(details["shape"])
        }

    def run(self, x: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The outputs `[n, ...]` for the inputs `x [n, ...]`, of the model's own types.

        Raises `DataError` when `x` is not what the model takes.
        """
        wanted = np.dtype(self._input["dtype"])
        if x.shape[1:] != self.input_shape or x.dtype != wanted:
            raise DataError(
                f"the model takes {wanted.name} of shape {self.input_shape}, "
                f"not {x.dtype.name} of shape {x.shape[1:]}"
            )
        shape = tuple(self._output["shape"])
        shape = shape[1:] if shape[:1] == (1,) else shape
        outputs = np.empty((len(x), *shape), self._output["dtype"])
        for index, one in enumerate(x):
            self._interpreter.set_tensor(self._input["index"], one[np.newaxis])
            self._interpreter.invoke()
            outputs[index] = self._interpreter.get_tensor(self._output["index"]).reshape(shape)
        return outputs
