"""Instructions, RAM and flash of models on every emulated board: python benchmarks/measure.py.

Measures the models of odd_models.py, and every int8 .tflite given as an argument, with each
compiler that is installed. Prints a line for each, beside what other runtimes need (peers.toml),
and keeps them in results.json, from which docs/generate.py draws the tables. Exits with 1 when
anything costs 2 % more than what was kept before. --short measures odd_models.py only, keeps
nothing, and fails when nothing could be compared: that is what CI runs.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import structs

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import counted  # noqa: E402
import odd_models  # noqa: E402
import peers  # noqa: E402
import results  # noqa: E402
from counted_steps import steps  # noqa: E402

from edgekit import boards, emulate  # noqa: E402
from edgekit.build.toolchain import Compiler  # noqa: E402
from edgekit.errors import MissingToolError  # noqa: E402
from edgekit.flows.bench import bench  # noqa: E402
from edgekit.flows.build import build  # noqa: E402
from edgekit.flows.flash import flash  # noqa: E402

BOARDS = ("pico", "mps2-an385", "mps2-an386", "mps2-an500", "mps2-an505", "mps3-an547")
"""One for each core."""
COMPILERS: tuple[Compiler, ...] = ("gcc", "zig")
_CYCLES = "cortex-m0plus"
"""Its emulated board counts cycles, so that its instructions are counted on another."""


def main(arguments: list[str]) -> int:
    """Measures, prints, keeps and judges."""
    asked = _parse(arguments)
    before = results.load()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder  # leaves the user's own emulated boards alone
        models = (*_odd(Path(folder)), *(() if asked.short else asked.models))
        found = list(_measured(models, asked.board or BOARDS, Path(folder)))
    if not asked.short:
        results.save((before | {one.key: one for one in found}).values())
    worse, compared = _judged(before, found)
    return int(worse > 0 or (asked.short and compared == 0))


def _judged(
    before: Mapping[results.Key, results.Result], found: list[results.Result]
) -> tuple[int, int]:
    """How many cost more than they did, and how many were compared, said in words as well."""
    pairs = results.compared(before, found)
    worse = results.regressions(pairs)
    others = len(found) - len(pairs)
    unknown = f", {others} of another compiler or model" if others else ""
    print("\n".join(["", *worse]))
    print(f"{len(worse)} cost more than they did, of {len(pairs)} that were compared{unknown}")
    return len(worse), len(pairs)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("models", nargs="*", type=lambda text: Path(text).resolve())
    parser.add_argument("--board", action="append", choices=BOARDS, help="only this one; repeat")
    parser.add_argument("--short", action="store_true", help="what CI runs")
    return parser.parse_args(arguments)


def _odd(folder: Path) -> tuple[Path, ...]:
    paths = {name: folder / f"{name}.tflite" for name in odd_models.MODELS}
    for name, path in paths.items():
        path.write_bytes(odd_models.MODELS[name]())
    return tuple(paths.values())


def _measured(
    models: tuple[Path, ...],
    board_ids: tuple[str, ...],
    folder: Path,
) -> Iterator[results.Result]:
    for board_id in board_ids:
        if not emulate.engine_of(boards.load(board_id)).is_installed():
            print(f"{board_id}: its emulator is not installed")
            continue
        for model in models:
            for compiler in COMPILERS:
                try:
                    found = _measure(model, board_id, compiler, folder / "built")
                except MissingToolError as error:
                    print(f"{board_id}: {error.message}")
                    continue
                yield _said(found)
                if found.core == _CYCLES and found.is_own:
                    yield _said(_counted(model, found))


def _measure(model: Path, board_id: str, compiler: Compiler, out: Path) -> results.Result:
    build(model, board_id, out, compiler=compiler)
    flash(out, board_id, emulate=True)
    return results.result(model.stem, bench(None, board_id, emulate=True, runs=1))


def _counted(model: Path, found: results.Result) -> results.Result:
    """The same measurement in instructions, on QEMU's Cortex-M3; those between steps left out."""
    board = counted.board_of(_CYCLES)
    counts = [count for _, count in steps(model.read_bytes(), board)]
    layers = [
        structs.replace(layer, count=count)
        for layer, count in zip(found.layers, counts, strict=True)
    ]
    return structs.replace(
        found, board=board.id, unit="instructions", count=sum(counts), layers=tuple(layers)
    )


def _said(found: results.Result) -> results.Result:
    print(_line(found), flush=True)
    return found


def _line(found: results.Result) -> str:
    text = (
        f"{found.core:14} {found.model:14} {found.compiler:24} {found.count:>12,} {found.unit},"
        f" {found.count / found.macs:.2f} per MAC, RAM {found.ram_bytes:,}, flash"
        f" {found.flash_bytes:,}"
    )
    peer = peers.best(found.core, found.model) if found.unit == "instructions" else None
    return text + (
        f"; {peer.name} {peer.count:,}: {peer.count / found.count:.2f} x" if peer else ""
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
