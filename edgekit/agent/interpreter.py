"""The model in whatever LiteRT interpreter the machine has, through XNNPACK where that takes it."""

from __future__ import annotations

import importlib
import importlib.metadata
import time
from typing import Any

from edgekit.protocol.hello import TensorInfo

# (module of the interpreter, package to ask for its version), the better one first.
_CHOICES = (
    ("ai_edge_litert.interpreter", "ai-edge-litert"),
    ("tflite_runtime.interpreter", "tflite-runtime"),
)


class NoInterpreterError(Exception):
    """There is no package on this machine that runs .tflite files."""


class RefusedModelError(Exception):
    """The interpreter does not take the model."""


class Interpreter:
    """A .tflite model with one int8 input and one int8 output, batch 1, ready to run.

    Raises `NoInterpreterError` where there is none, `RefusedModelError` with its reason.
    """

    def __init__(self, model: bytes, threads: int) -> None:
        import numpy

        self.name, self._module = _find()
        self._model, self._numpy = model, numpy
        self.has_xnnpack = True
        self.use_threads(threads)

    def use_threads(self, threads: int) -> None:
        """Makes the interpreter anew, for so many threads."""
        self.threads = threads
        try:
            self._interpreter = self._made()
        except (RuntimeError, ValueError):  # XNNPACK takes a node and then refuses to prepare it
            self.has_xnnpack = False
            self._interpreter = self._made_without_xnnpack()
        (self._input,) = self._interpreter.get_input_details()
        (self._output,) = self._interpreter.get_output_details()

    def _made_without_xnnpack(self) -> Any:
        try:
            return self._made()
        except (RuntimeError, ValueError) as error:
            raise RefusedModelError(str(error)) from None

    def _made(self) -> Any:
        options = {}
        if not self.has_xnnpack:
            plain = self._module.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
            options["experimental_op_resolver_type"] = plain
        made = self._module.Interpreter(
            model_content=self._model, num_threads=self.threads, **options
        )
        made.allocate_tensors()
        return made

    @property
    def input(self) -> TensorInfo:
        """What the model takes."""
        return _info(self._input)

    @property
    def output(self) -> TensorInfo:
        """What the model gives."""
        return _info(self._output)

    def run(self, x: bytes) -> tuple[bytes, int]:
        """Output bytes, and the nanoseconds that nothing but the inference took."""
        dtype, shape = self._input["dtype"], self._input["shape"]
        given = self._numpy.frombuffer(x, dtype).reshape(shape)
        self._interpreter.set_tensor(self._input["index"], given)
        start = time.perf_counter_ns()
        self._interpreter.invoke()
        took_ns = time.perf_counter_ns() - start
        return self._interpreter.get_tensor(self._output["index"]).tobytes(), took_ns


def _find() -> tuple[str, Any]:
    """Package and version, and the module with its interpreter."""
    failures = []
    for module, package in _CHOICES:
        try:
            found = importlib.import_module(module)
            return f"{package} {importlib.metadata.version(package)}", found
        except Exception as error:  # tflite-runtime beside NumPy 2 fails with its own errors
            failures.append(f"{package}: {error}")
    raise NoInterpreterError("; ".join(failures))


def _info(details: dict[str, Any]) -> TensorInfo:
    shape = tuple(int(extent) for extent in details["shape"][1:])
    size = 1
    for extent in shape:
        size *= extent
    scale, zero_point = details["quantization"]
    itemsize = details["dtype"]().itemsize
    return TensorInfo(size * itemsize, shape, float(scale), int(zero_point))
