"""An int8 model as kernel calls in this process, over many images on all cores."""

from __future__ import annotations

import ctypes
import math
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.errors import DataError
from edgekit.ir import Graph
from edgekit.ops import Scratch, TensorPointer, operators
from edgekit.runtimes.native import library
from edgekit.runtimes.native.forms import Array, Given, HostCall, host_call
from edgekit.runtimes.native.library import Functions, Signature
from edgekit.runtimes.native.memory import Layout, lay_out

Int8 = npt.NDArray[np.int8]


class _Call(ctypes.Structure):
    _fields_ = (
        ("kernel", ctypes.c_void_p),
        ("values", ctypes.c_void_p),
        ("arguments", ctypes.c_void_p),
    )


class _End(ctypes.Structure):
    _fields_ = (("place", ctypes.c_void_p), ("bytes", ctypes.c_uint64))


class NativeModel:
    """One int8 model, ready to run, from the graph that `edgekit.tflite` reads or one after passes.

    Its bytes are those of the generated C, which are TensorFlow Lite Micro's. `keep` keeps every
    value for `values`. Raises `MissingToolError` without a C compiler, `ToolError` when that fails.
    """

    def __init__(self, graph: Graph, *, threads: int | None = None, keep: bool = False) -> None:
        self._graph = graph
        self._input = graph.tensor(graph.inputs[0]).unbatched
        self._output = graph.tensor(graph.outputs[0]).unbatched
        calls = [
            host_call(call)
            for operation in graph.operations
            for call in operators()[operation.op].calls(graph, operation)
        ]
        self._threads = threads or os.cpu_count() or 1
        signatures = [_signature(call) for call in calls]
        functions = library.load(signatures)
        layout = lay_out(graph, keep=keep)
        self._copies = [
            _Copy(graph, calls, signatures, functions, layout) for _ in range(self._threads)
        ]

    def run(self, x: Int8) -> Int8:
        """The outputs `[n, ...]` int8 for the inputs `x [n, ...]` int8.

        Raises `DataError` when `x` is not what the model takes.
        """
        if x.dtype != np.int8 or x.shape[1:] != self._input:
            raise DataError(
                f"the model takes int8 of shape {self._input}, "
                f"not {x.dtype.name} of shape {x.shape[1:]}"
            )
        x = np.ascontiguousarray(x)
        outputs = np.empty((len(x), *self._output), np.int8)
        bounds = np.linspace(0, len(x), self._threads + 1).astype(int)

        def run(number: int) -> None:
            part = slice(bounds[number], bounds[number + 1])
            self._copies[number].run(x[part], outputs[part])

        with ThreadPoolExecutor(self._threads) as pool:
            list(pool.map(run, range(self._threads)))
        return outputs

    def values(self, x: Int8) -> list[Int8]:
        """What each operation of the graph makes of one input `x [1, ...]` int8, of several outputs
        the first, flat; needs `keep`. Raises as `run`."""
        self.run(np.repeat(x, self._threads, axis=0))
        return [
            self._copies[0].value(operation.outputs[0], operation.attributes)
            for operation in self._graph.operations
        ]


def _signature(call: HostCall) -> Signature:
    return Signature(call.function, call.header, tuple(call.parameters), len(call.arguments))


class _Copy:
    """The calls over memory of their own, for one thread."""

    def __init__(
        self,
        graph: Graph,
        calls: list[HostCall],
        signatures: list[Signature],
        functions: Functions,
        layout: Layout,
    ) -> None:
        self._blocks = [_aligned(size) for size in layout.block_bytes]
        self._scratch = _aligned(max([1, *(_scratch_bytes(call) for call in calls)]))
        self._graph, self._layout = graph, layout
        self._kept: list[Any] = []
        self._calls = (_Call * len(calls))()
        for made, call, signature in zip(self._calls, calls, signatures, strict=True):
            values = np.array(list(call.parameters.values()), np.int32)
            pointers = np.array([self._address(given) for given in call.arguments], np.uintp)
            self._kept += [values, pointers, call]
            made.kernel = functions.kernels[signature]
            made.values, made.arguments = values.ctypes.data, pointers.ctypes.data
        self._input = self._place(graph.inputs[0]), graph.tensor(graph.inputs[0]).bytes
        self._output = self._place(graph.outputs[0]), graph.tensor(graph.outputs[0]).bytes
        self._run = functions.run

    def run(self, x: Int8, outputs: Int8) -> None:
        """Fills `outputs [n, ...]` for `x [n, ...]`, both contiguous. Other threads may run."""
        self._run(
            self._calls,
            ctypes.c_uint64(len(self._calls)),
            _End(*self._input),
            _End(*self._output),
            ctypes.c_void_p(x.ctypes.data),
            ctypes.c_void_p(outputs.ctypes.data),
            ctypes.c_uint64(len(x)),
        )

    def value(self, tensor: int, attributes: Any) -> Int8:
        """A tensor's bytes as they lie now; other values may lie between its pixels."""
        block, offset = self._layout.places[tensor]
        start = self._blocks[block][offset:].view(np.int8)
        shape = self._graph.tensor(tensor).shape
        apart = getattr(attributes, "out_stride", 0) or shape[-1]
        pixels = math.prod(shape[:-1])
        rows = np.lib.stride_tricks.as_strided(start, (pixels, shape[-1]), (apart, 1))
        return rows.reshape(-1).copy()

    def _address(self, given: Given) -> int:
        if given is None:
            return 0
        if isinstance(given, TensorPointer):
            return self._place(given.tensor)
        if isinstance(given, Scratch):
            return self._scratch.ctypes.data
        return given.ctypes.data

    def _place(self, tensor: int) -> int:
        block, offset = self._layout.places[tensor]
        return self._blocks[block].ctypes.data + offset


def _scratch_bytes(call: HostCall) -> int:
    return sum(given.bytes for given in call.arguments if isinstance(given, Scratch))


def _aligned(size: int) -> Array:
    """Zeros at a multiple of 64 bytes, for vector loads and for kernels that load words."""
    room = np.zeros(size + 64, np.uint8)
    start = -room.ctypes.data % 64
    return room[start : start + size]
