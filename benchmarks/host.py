"""How fast int8 runs on this machine: python benchmarks/host.py MODEL.tflite ...

Compares the loop that everybody writes first, one image at a time through LiteRT's reference
kernels, with what `edgekit validate` does. Beside them LiteRT with XNNPACK, which rounds some sums
otherwise, on one to four threads. Other work on the machine disturbs: each figure is the best of
several short runs. Writes host.json beside this file, from which docs/generate.py draws a table;
models that are not named keep their figures, if they are of the same machine and versions.
"""

from __future__ import annotations

import importlib.metadata
import math
import os
import platform
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from edgekit.artifacts import sha256, write_bytes
from edgekit.process import host_compiler, run_tool
from edgekit.runtimes.int8_scores import open_int8
from edgekit.runtimes.litert import Interpreter
from edgekit.runtimes.reference import ReferenceModel

RESULTS = Path(__file__).with_name("host.json")
ROUNDS = 25
THREADS = (1, 2, 4)


def main(models: list[Path]) -> None:
    """Measures, prints a line per model, and keeps the figures."""
    found: dict[str, Any] = {
        "cpu": cpu(),
        "cores": os.cpu_count(),
        "compiler": run_tool([*host_compiler(), "--version"], timeout_s=30).decode().split("\n")[0],
        "litert": importlib.metadata.version("ai-edge-litert"),
        "python": platform.python_version(),
    }
    found["models"] = _known(found) | {path.stem: measure(path) for path in models}
    write_bytes(RESULTS, msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")


def _known(here: dict[str, Any]) -> dict[str, Any]:
    """The figures that were kept, where they were measured on just this."""
    kept = msgspec.json.decode(RESULTS.read_bytes()) if RESULTS.exists() else {}
    models: dict[str, Any] = kept.pop("models", {})
    return models if kept == here else {}


def measure(path: Path) -> dict[str, Any]:
    """Images per second of one model, four ways, the last on each number of threads."""
    data = path.read_bytes()
    loop = Interpreter(data, threads=1)
    x = np.random.default_rng(0).integers(-128, 128, (32, *loop.input_shape), np.int8)
    model = open_int8(data, x)
    assert model.kernels == "native", model.why
    rates = best(
        {
            "one_image_at_a_time_per_s": (loop.run, x[:2]),
            "reference_on_all_cores_per_s": (ReferenceModel(data).run, x[:4]),
            "validate_per_s": (model.run, x),
            **{
                str(threads): (Interpreter(data, reference=False, threads=threads).run, x[:8])
                for threads in THREADS
            },
        }
    )
    found: dict[str, Any] = {"model_sha256": sha256(data)}
    found["xnnpack_per_s"] = {str(threads): rates.pop(str(threads)) for threads in THREADS}
    found |= rates
    found["times"] = round(found["validate_per_s"] / found["one_image_at_a_time_per_s"], 1)
    print(path.stem, found, flush=True)
    return found


def best(ways: dict[str, tuple[Callable[[Any], Any], Any]]) -> dict[str, float]:
    """Of each way the most images per second of several rounds, in which each has its turn."""
    seconds: dict[str, float] = dict.fromkeys(ways, math.inf)
    for _ in range(ROUNDS):
        for name, (run, x) in ways.items():
            started = time.perf_counter()
            run(x)
            seconds[name] = min(seconds[name], time.perf_counter() - started)
    return {name: round(len(x) / seconds[name], 1) for name, (_, x) in ways.items()}


def cpu() -> str:
    """The processor's name, as Linux has it."""
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return found[1] if found else platform.processor()


if __name__ == "__main__":
    main([Path(argument).resolve() for argument in sys.argv[1:]])
