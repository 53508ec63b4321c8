"""RAM against time on the emulated Pico: python benchmarks/frontier.py MODEL….

Measures each int8 .tflite that is given at several sizes of RAM, and writes frontier.json beside
this file; docs/generate.py draws docs/memory.md from it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import msgspec

from edgekit.artifacts import write_bytes
from edgekit.flows.frontier import frontier

RESULTS = Path(__file__).with_name("frontier.json")


def main(models: list[Path]) -> None:
    """Measures, prints a line per point, and keeps the records."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["XDG_STATE_HOME"] = folder  # leaves the user's own emulated board alone
        found = {path.stem: frontier(path, "pico", compiler="zig") for path in models}
    for name, measured in found.items():
        for point in measured.points:
            print(f"{name}: {point.ram_bytes:,} B, {point.cycles:,} cycles")
    write_bytes(RESULTS, msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")


if __name__ == "__main__":
    main([Path(argument).resolve() for argument in sys.argv[1:]])
