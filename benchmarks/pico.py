"""Cycles, RAM and flash of whole models on the emulated Pico: python benchmarks/pico.py.

Measures the embedded example, and every int8 .tflite given as an argument, with the compiler that
pip installs. Writes pico.json beside this file; docs/generate.py draws the README's table from it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import msgspec

from edgekit import example
from edgekit.artifacts import Benchmark, write_bytes
from edgekit.flows.bench import bench
from edgekit.flows.build import build
from edgekit.flows.flash import flash
from edgekit.flows.quantize import quantize

RESULTS = Path(__file__).with_name("pico.json")


def main(models: list[Path]) -> None:
    """Measures, prints a line per model, and keeps the records."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["XDG_STATE_HOME"] = folder  # leaves the user's own emulated board alone
        int8 = Path(folder, "digits.tflite")
        quantize(example.model_path(), example.data_path(), int8, preprocess=example.PREPROCESSING)
        found = {path.stem: measure(path) for path in (int8, *models)}
    write_bytes(RESULTS, msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")


def measure(model: Path) -> Benchmark:
    """One model, built with zig so that everybody gets the same figures."""
    built = Path("build", model.stem)
    build(model, "pico", built, compiler="zig")
    flash(built, "pico", emulate=True)
    found = bench(None, "pico", emulate=True, runs=3)
    assert found.cycles_per_inference is not None
    assert found.macs is not None
    per_mac = found.cycles_per_inference / found.macs
    print(f"{model.stem}: {found.cycles_per_inference:,} cycles, {per_mac:.2f} per MAC")
    return found


if __name__ == "__main__":
    main([Path(argument).resolve() for argument in sys.argv[1:]])
