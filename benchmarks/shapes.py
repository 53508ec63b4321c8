"""Awkward shapes beside smooth ones, layer by layer, on every core: python benchmarks/shapes.py.

A model holds many layers side by side: a pointwise convolution makes a layer's input channels, and
the mean of what it gives goes to the output, so that each is a step whose cost the board counts. A
shape's neighbour is the next rounder one; a shape is a cliff where a multiply-accumulate of it
costs more than twice as much. Writes shapes.json beside this file, from which docs/generate.py
draws a table, and exits with 1 when there is a cliff. --board measures only one, and keeps the
others.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from awkward_shapes import IMAGE, SHAPES, models  # noqa: E402
from shapes_results import RESULTS, Cost, Sweep, cliffs, load, save, times  # noqa: E402

from edgekit.artifacts import Benchmark, LayerProfile  # noqa: E402
from edgekit.flows.bench import bench  # noqa: E402
from edgekit.flows.build import build  # noqa: E402
from edgekit.flows.flash import flash  # noqa: E402

BOARDS = ("pico", "mps2-an385", "mps2-an386", "mps2-an500", "mps2-an505", "mps3-an547")
"""One for each core: Cortex-M7 and M33 run the kernels of the M4, but not the same instructions."""


def main(arguments: list[str]) -> int:
    """Measures, prints, keeps and judges."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--board", action="append", choices=BOARDS, help="only this one; repeat")
    asked = parser.parse_args(arguments).board or BOARDS
    kept = {sweep.board: sweep for sweep in load()} if RESULTS.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder  # leaves the user's own emulated boards alone
        for board in asked:
            kept[board] = _measure(board, Path(folder))
            _show(kept[board])
            save([kept[name] for name in BOARDS if name in kept])
    return int(any(cliffs(kept[board]) for board in asked))


def _measure(board: str, folder: Path) -> Sweep:
    found = [_bench(model, board, folder) for model in models()]
    return Sweep(
        board=board, core=found[0].core, compiler=found[0].compiler, flags=found[0].flags,
        unit="cycles" if found[0].instructions_per_inference is None else "instructions",
        costs=tuple(_costs({layer.name: layer for one in found for layer in one.layers})),
    )  # fmt: skip


def _bench(model: bytes, board: str, folder: Path) -> Benchmark:
    path, built = folder / "shapes.tflite", folder / "built"
    path.write_bytes(model)
    build(path, board, built)
    flash(built, board, emulate=True)
    cores = 1 if board == "pico" else None
    return bench(None, board, emulate=True, runs=1, cores=cores)


def _costs(layers: Mapping[str, LayerProfile]) -> Iterator[Cost]:
    for shape in SHAPES:
        layer = layers[shape.name]
        count = layer.instructions or layer.cycles
        assert count
        macs = layer.macs or shape.outputs
        yield Cost(shape=shape.name, neighbour=shape.neighbour, macs=macs, count=count)


def _show(sweep: Sweep) -> None:
    """Prints a line for each shape."""
    found, bad = times(sweep), cliffs(sweep)
    print(f"{sweep.core}, {sweep.compiler}: {sweep.unit} per multiply-accumulate, {IMAGE} images")
    for cost in sweep.costs:
        ratio = found.get(cost.shape)
        beside = f"{ratio:5.2f} times {cost.neighbour}" if ratio else ""
        mark = "  CLIFF" if cost.shape in bad else ""
        print(f"  {cost.shape:34} {cost.count / cost.macs:8.2f}  {beside}{mark}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
