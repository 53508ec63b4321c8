"""What `--ram 40k` costs on every core: python benchmarks/budgets.py MODEL.tflite ...

Each int8 model is built for each emulated board as it is and with the budget, and both are run, one
after the other. Writes budgets.json beside this file, from which docs/generate.py draws a table;
exits with 1 where a model does not fit into the budget.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import msgspec

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from budget_results import RESULTS, Budget, Plan  # noqa: E402
from measure import BOARDS  # noqa: E402

from edgekit.artifacts import Benchmark, write_bytes  # noqa: E402
from edgekit.flows.bench import bench  # noqa: E402
from edgekit.flows.build import build  # noqa: E402
from edgekit.flows.flash import flash  # noqa: E402

LIMIT = 40 * 1024


def main(models: list[Path]) -> int:
    """Measures, prints a line per model and board, and keeps the records."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["XDG_STATE_HOME"] = folder  # leaves the user's own emulated boards alone
        found = [_measure(model, board) for model in models for board in (*BOARDS, "pico2")]
    lines = [msgspec.json.encode(one) for one in found]
    write_bytes(RESULTS, b"[\n" + b",\n".join(lines) + b"\n]\n")
    return int(any(one.limited.ram_bytes > LIMIT for one in found))


def _measure(model: Path, board: str) -> Budget:
    free, limited = (_run(model, board, limit) for limit in (None, LIMIT))
    found = Budget(
        model=model.stem, board=board, core=free.core, compiler=free.compiler,
        model_sha256=free.model_sha256,
        unit="cycles" if free.cycles_per_inference else "instructions",
        limit=LIMIT, free=_plan(free), limited=_plan(limited),
    )  # fmt: skip
    print(
        f"{found.model} on {board}: {found.free.ram_bytes:,} B -> {found.limited.ram_bytes:,} B,"
        f" {found.cost:+.1%} {found.unit}",
        flush=True,
    )
    return found


def _run(model: Path, board: str, limit: int | None) -> Benchmark:
    build(model, board, Path("built"), ram_bytes=limit)
    flash(Path("built"), board, emulate=True)
    return bench(None, board, emulate=True, runs=1)


def _plan(found: Benchmark) -> Plan:
    count = found.cycles_per_inference or found.instructions_per_inference
    assert count is not None
    return Plan(ram_bytes=found.ram_bytes.static, count=count)


if __name__ == "__main__":
    sys.exit(main([Path(argument).resolve() for argument in sys.argv[1:]]))
