"""CMSIS-NN beside edgekit, layer by layer: python benchmarks/cmsis_nn.py SOURCE.

SOURCE is a checkout of https://github.com/ARM-software/CMSIS-NN, of which nothing is in this
repository. Runs every layer of awkward_shapes.py, and the models of odd_models.py, through
CMSIS-NN's functions as TensorFlow Lite Micro calls them, without what that does itself, and through
edgekit's steps. Both run on the same emulated boards and are counted in the same way; what
CMSIS-NN gives must be TFLM's bytes. Writes cmsis_nn.json beside this file, from which
docs/generate.py draws a table.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import awkward_shapes  # noqa: E402
import counted  # noqa: E402
import odd_models  # noqa: E402
from cmsis_nn_layers import Layer, layers  # noqa: E402
from cmsis_nn_programs import CmsisNn, Library  # noqa: E402
from cmsis_nn_results import BUILDS, Comparison, Count, load, save  # noqa: E402
from counted_steps import steps  # noqa: E402

from edgekit.build.toolchain import find  # noqa: E402
from edgekit.errors import EdgekitError  # noqa: E402

_ORDER = {shape.name: number for number, shape in enumerate(awkward_shapes.SHAPES)}


@dataclass(frozen=True)
class _Model:
    """A .tflite file, and its layers that CMSIS-NN has functions for."""

    data: bytes
    layers: tuple[Layer, ...]


def main(arguments: list[str]) -> int:
    """Measures, prints and keeps."""
    asked = _parse(arguments)
    kept = load()
    try:
        library = Library.of(asked.source)
        models = {name: _Model(data, layers(data)) for name, data in _files().items()}
        for build in BUILDS:
            if asked.core in (None, build[0]) and asked.compiler in (None, build[1]):
                kept[build] = _compare(build, library, asked.version, models)
                _show(kept[build])
                save(kept)
    except EdgekitError as error:
        print(f"error: {error.message}", file=sys.stderr)
        return 1
    return 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("source", type=Path, help="a checkout of CMSIS-NN")
    parser.add_argument("--version", default="", help="of CMSIS-NN: what to call it")
    parser.add_argument("--core", choices=counted.MACHINES, help="only this one")
    parser.add_argument("--compiler", choices=("gcc", "zig"), help="of CMSIS-NN: only this one")
    return parser.parse_args(arguments)


def _files() -> dict[str, bytes]:
    """All models, first those that hold the shapes."""
    shapes = {f"shapes_{number}": data for number, data in enumerate(awkward_shapes.models())}
    return shapes | {name: make() for name, make in odd_models.MODELS.items()}


def _compare(
    build: tuple[str, str], library: Library, version: str, models: Mapping[str, _Model]
) -> Comparison:
    core, compiler = build
    board = counted.board_of(core)
    own = find(board.core)
    with tempfile.TemporaryDirectory() as folder:
        theirs = CmsisNn(library, board, compiler, Path(folder))
        taken = {name: list(theirs.counts(model.layers)) for name, model in models.items()}
    ours = {name: steps(model.data, board) for name, model in models.items()}
    totals = [
        _total(name, models[name].layers, taken[name], ours[name]) for name in odd_models.MODELS
    ]
    each = {shape: count for found in ours.values() for shape, count in found if shape in _ORDER}
    beside = [
        Count(name=layer.name, macs=layer.macs, cmsis_nn=count, edgekit=each[layer.name])
        for name in models
        for layer, count in zip(models[name].layers, taken[name], strict=True)
        if layer.name in _ORDER
    ]
    return Comparison(
        core=core, machine=counted.MACHINES[core], version=version, sources_sha256=library.sha256,
        compiler=theirs.compiler, flags=theirs.flags,
        edgekit_compiler=own.version, edgekit_flags=(*own.flags, own.kernels),
        layers=tuple(sorted(beside, key=lambda one: _ORDER[one.name])), models=tuple(totals),
    )  # fmt: skip


def _total(
    name: str, of: Sequence[Layer], cmsis_nn: Sequence[int], edgekit: Sequence[tuple[str, int]]
) -> Count:
    macs, taken = sum(layer.macs for layer in of), sum(count for _, count in edgekit)
    return Count(name=name, macs=macs, cmsis_nn=sum(cmsis_nn), edgekit=taken)


def _show(found: Comparison) -> None:
    """Prints a line for each layer and model."""
    print(f"{found.core}: CMSIS-NN by {found.compiler}, edgekit by {found.edgekit_compiler}")
    for row in found.rows:
        mark = f"  below {found.goal:g}" if row in found.short_of_goal else ""
        print(
            f"  {row.name:50} {row.cmsis_nn / row.macs:7.2f} {row.edgekit / row.macs:7.2f} per MAC,"
            f" {row.times:5.2f} times fewer{mark}",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
