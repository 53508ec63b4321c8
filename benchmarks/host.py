"""How fast int8 runs on this machine, same bytes: python benchmarks/host.py MODEL.tflite ...

Compares the loop that everybody writes first, one image at a time through LiteRT's reference
kernels, with what `edgekit validate` does. Other work on the machine disturbs: each figure is the
best of several short runs. Writes host.json beside this file.
"""

from __future__ import annotations

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
ROUNDS = 7


def main(models: list[Path]) -> None:
    """Measures, prints a line per model, and keeps the figures."""
    found = {
        "cpu": cpu(),
        "cores": os.cpu_count(),
        "compiler": run_tool([*host_compiler(), "--version"], timeout_s=30).decode().split("\n")[0],
        "python": platform.python_version(),
        "models": {path.stem: measure(path) for path in models},
    }
    write_bytes(RESULTS, msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")


def measure(path: Path) -> dict[str, Any]:
    """Images per second of one model, three ways."""
    data = path.read_bytes()
    loop = Interpreter(data, threads=1)
    x = np.random.default_rng(0).integers(-128, 128, (32, *loop.input_shape), np.int8)
    model = open_int8(data, x)
    assert model.kernels == "native", model.why
    found = {
        "model_sha256": sha256(data),
        "one_image_at_a_time_per_s": best(loop.run, x[:2]),
        "reference_on_all_cores_per_s": best(ReferenceModel(data).run, x[:4]),
        "validate_per_s": best(model.run, x),
    }
    found["times"] = round(found["validate_per_s"] / found["one_image_at_a_time_per_s"], 1)
    print(path.stem, found)
    return found


def best(run: Callable[[Any], Any], x: Any) -> float:
    """The most images per second of several rounds."""
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        run(x)
        seconds.append(time.perf_counter() - started)
    return round(len(x) / min(seconds), 1)


def cpu() -> str:
    """The processor's name, as Linux has it."""
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return found[1] if found else platform.processor()


if __name__ == "__main__":
    main([Path(argument).resolve() for argument in sys.argv[1:]])
