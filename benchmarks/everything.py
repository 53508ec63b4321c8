"""All that runs on emulated boards and this machine, measured anew, and the pages drawn from it.

    python benchmarks/everything.py MODEL.tflite ... [--cmsis-nn SOURCE]

The models are int8; README and docs have those of MLPerf Tiny. Runs one script after the other,
each of which can also be run alone, then docs/generate.py, and says at the end how each ended:
exits with 1 where one found a regression, a cliff or a missed goal. With a checkout of CMSIS-NN it
is measured, too. All took 12 minutes on two cores.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


def main(arguments: list[str]) -> int:
    """Runs every script; 1 when one of them failed."""
    asked = _parse(arguments)
    ended = [_run(command) for command in _commands(asked.models, asked.cmsis_nn)]
    print("\n" + "\n".join(line for line, _ in ended))
    return int(any(status for _, status in ended))


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("models", nargs="+", type=lambda text: Path(text).resolve(strict=True))
    parser.add_argument("--cmsis-nn", type=Path, metavar="SOURCE", help="a checkout of CMSIS-NN")
    return parser.parse_args(arguments)


def _commands(models: list[Path], cmsis_nn: Path | None) -> list[list[str]]:
    given = list(map(str, models))
    scripts = [
        ["measure.py", *given],
        ["pico.py", *given],
        ["pico.py", "--board", "pico2", *given],
        ["budgets.py", *given],
        ["frontier.py", *given],
        ["shapes.py"],
        ["host.py", *given],
        *([["cmsis_nn.py", str(cmsis_nn.resolve())]] if cmsis_nn else []),
    ]
    return [
        *([str(HERE / name), *rest] for name, *rest in scripts),
        [str(ROOT / "docs/generate.py")],
    ]


def _run(command: list[str]) -> tuple[str, int]:
    """How a script ended, in words, and its exit code."""
    name = " ".join(Path(part).name for part in command)
    print(f"--- {name}", flush=True)
    started = time.monotonic()
    status = subprocess.run([sys.executable, *command], cwd=ROOT).returncode
    outcome = "done" if status == 0 else f"FAILED ({status})"
    return f"{outcome:11} {time.monotonic() - started:6.0f} s  {name}", status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
