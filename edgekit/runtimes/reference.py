"""LiteRT's reference kernels over many images on all cores: right by definition, and slow."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.runtimes.litert import Interpreter


class ReferenceModel:
    """One model, an interpreter for each thread. Raises as `Interpreter`."""

    def __init__(self, model: bytes, *, threads: int | None = None) -> None:
        self._threads = threads or os.cpu_count() or 1
        self._free: SimpleQueue[Interpreter] = SimpleQueue()
        for _ in range(self._threads):
            self._free.put(Interpreter(model, threads=1))

    def run(self, x: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The outputs `[n, ...]` for the inputs `x [n, ...]`; raises as `Interpreter.run`."""
        parts = np.array_split(x, max(1, min(self._threads, len(x))))
        with ThreadPoolExecutor(self._threads) as pool:
            return np.concatenate(list(pool.map(self._run_part, parts)))

    def _run_part(self, x: npt.NDArray[Any]) -> npt.NDArray[Any]:
        with self._interpreter() as interpreter:
            return interpreter.run(x)

    @contextmanager
    def _interpreter(self) -> Iterator[Interpreter]:
        taken = self._free.get()
        try:
            yield taken
        finally:
            self._free.put(taken)
