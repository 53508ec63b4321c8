"""Whole models on the emulated Pico or Pico 2: python benchmarks/pico.py [--board pico2] MODEL...

Measures cycles (on the Pico 2 instructions), RAM and flash of the embedded example, and of every
int8 .tflite given as an argument, with the compiler that pip installs, on both cores and on one.
Writes pico.json or pico2.json beside this file; docs/generate.py draws the README's tables from
them.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import msgspec

from edgekit import example
from edgekit.artifacts import Benchmark, write_bytes
from edgekit.flows.bench import bench
from edgekit.flows.build import build
from edgekit.flows.flash import flash
from edgekit.flows.quantize import quantize

HERE = Path(__file__).parent


class Measured(msgspec.Struct, frozen=True):
    """One model on both cores, and on one alone."""

    both: Benchmark
    one: Benchmark


def main(board: str, models: list[Path]) -> None:
    """Measures, prints a line per model, and keeps the records."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["XDG_STATE_HOME"] = folder  # leaves the user's own emulated board alone
        int8 = Path(folder, "digits.tflite")
        quantize(example.model_path(), example.data_path(), int8, preprocess=example.PREPROCESSING)
        found = {path.stem: measure(path, board) for path in (int8, *models)}
    text = msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"
    write_bytes(HERE / f"{board}.json", text)


def measure(model: Path, board: str) -> Measured:
    """One model, built with zig so that everybody gets the same figures."""
    built = Path("build", model.stem)
    build(model, board, built, compiler="zig")
    flash(built, board, emulate=True)
    found = Measured(*(bench(None, board, emulate=True, runs=3, cores=cores) for cores in (2, 1)))
    both, one = count(found.both), count(found.one)
    assert found.one.macs is not None
    print(
        f"{model.stem}: {one:,} on one core, {one / found.one.macs:.2f} per MAC;"
        f" {both:,} on both, {one / both:.2f} times as fast"
    )
    return found


def count(found: Benchmark) -> int:
    """Cycles, or instructions where the board counts those."""
    counted = found.cycles_per_inference or found.instructions_per_inference
    assert counted is not None
    return counted


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--board", choices=("pico", "pico2"), default="pico")
    parser.add_argument("models", nargs="*", type=Path)
    arguments = parser.parse_args()
    main(arguments.board, [path.resolve() for path in arguments.models])
