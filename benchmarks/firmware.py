"""How large firmware is without a model: python benchmarks/firmware.py.

Every board that edgekit builds for, with gcc and with zig where they are installed: all that is in
flash and in RAM (stack apart) but the model's own, which is 1200 bytes of arena and some lines of
C. Writes firmware.json beside this file; docs/generate.py draws the table in docs/boards.md.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import msgspec

from edgekit import boards
from edgekit.artifacts import Record, write_bytes
from edgekit.build import firmware
from edgekit.build.toolchain import Compiler
from edgekit.errors import MissingToolError

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support import tiny_model

RESULTS = Path(__file__).with_name("firmware.json")
COMPILERS: tuple[Compiler, ...] = ("gcc", "zig")


class Size(Record, frozen=True):
    """One board's firmware by one compiler; `ram_bytes` without the arena and the stack."""

    board: str
    compiler: str
    flash_bytes: int
    ram_bytes: int


def main() -> None:
    """Builds for every board."""
    names = [name for name in boards.identifiers() if boards.load(name).template]
    sizes = tuple(
        size for name in names for compiler in COMPILERS if (size := _size(name, compiler))
    )
    write_bytes(RESULTS, msgspec.json.format(msgspec.json.encode(sizes), indent=1) + b"\n")
    for size in sizes:
        print(size)


def _size(name: str, compiler: Compiler) -> Size | None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        compiled = tiny_model.write(folder / "c")
        try:
            made = firmware.build(
                compiled, folder / "c", boards.load(name), folder / "out", compiler=compiler
            )
        except MissingToolError:
            return None
    ram_bytes = made.ram_bytes - tiny_model.INPUT_BYTES
    return Size(
        board=name, compiler=made.compiler, flash_bytes=made.flash_bytes, ram_bytes=ram_bytes
    )


if __name__ == "__main__":
    main()
