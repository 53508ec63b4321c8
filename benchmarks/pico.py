"""Cycles, RAM and flash of whole models on the emulated Pico: python benchmarks/pico.py.

Measures the embedded example, and every int8 .tflite given as an argument, with the compiler that
pip installs, on both cores and on one. Writes pico.json beside this file; docs/generate.py draws
the README's table from it.
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


class Measured(msgspec.Struct, frozen=True):
    """One model on both cores, and on one alone."""

    both: Benchmark
    one: Benchmark


def main(models: list[Path]) -> None:
    """Measures, prints a line per model, and keeps the records."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["XDG_STATE_HOME"] = folder  # leaves the user's own emulated board alone
        int8 = Path(folder, "digits.tflite")
        quantize(example.model_path(), example.data_path(), int8, preprocess=example.PREPROCESSING)
        found = {path.stem: measure(path) for path in (int8, *models)}
    write_bytes(RESULTS, msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")


def measure(model: Path) -> Measured:
    """One model, built with zig so that everybody gets the same figures."""
    built = Path("build", model.stem)
    build(model, "pico", built, compiler="zig")
    flash(built, "pico", emulate=True)
    found = Measured(*(bench(None, "pico", emulate=True, runs=3, cores=cores) for cores in (2, 1)))
    both, one = found.both.cycles_per_inference, found.one.cycles_per_inference
    assert both is not None
    assert one is not None
    assert found.one.macs is not None
    print(
        f"{model.stem}: {one:,} cycles on one core, {one / found.one.macs:.2f} per MAC;"
        f" {both:,} on both, {one / both:.2f} times as fast"
    )
    return found


if __name__ == "__main__":
    main([Path(argument).resolve() for argument in sys.argv[1:]])
