"""The "firmware" of a Linux board: agent, protocol and model in one file that Python runs."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from edgekit import artifacts, paths
from edgekit.agent import package
from edgekit.agent.package import Cargo
from edgekit.artifacts import Firmware
from edgekit.boards import Board

FILE = "firmware.pyz"
_PACKAGES = ("agent", "protocol")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # no clock in a build: the same model gives the same file
_MAIN = """\
import sys

if sys.version_info < (3, 10):
    sys.exit("edgekit: Python 3.10 or later is needed, this is " + sys.version.split()[0])

from pathlib import Path

from edgekit.agent.program import main

sys.exit(main(Path(sys.argv[0]), sys.argv[1:]))
"""


def build(model: bytes, name: str, board: Board, out: Path) -> Firmware:
    """Writes ``firmware.pyz`` and ``firmware.json`` into `out`.

    Nothing is compiled: the board runs the .tflite itself, through LiteRT and XNNPACK.
    """
    sha256 = artifacts.sha256(model)
    cargo = Cargo(board.id, board.core.id, board.flash.machine or "", name, sha256)
    image = pack(cargo, model)
    artifacts.write_bytes(out / FILE, image)
    ram = board.memory.ram
    made = Firmware(
        board=board.id,
        runtime="litert",
        model_name=name,
        model_sha256=sha256,
        compiler="none",
        flags=(),
        elf=FILE,
        uf2=None,
        bin=FILE,
        image_sha256=artifacts.sha256(image),
        flash_bytes=len(image),
        flash_available_bytes=board.memory.flash.size_bytes,
        ram_bytes=0,  # known only to the interpreter over there: `bench` asks it
        ram_available_bytes=ram.available_bytes,
        stack_reserved_bytes=0,
        sections=(),
    )
    artifacts.save(made, out / "firmware.json")
    return made


def pack(cargo: Cargo, model: bytes) -> bytes:
    """The file: a zip that Python runs."""
    files = {"__main__.py": _MAIN.encode(), package.CARGO: cargo.json(), package.MODEL: model}
    folder = paths.package_folder()
    files["edgekit/__init__.py"] = (folder / "__init__.py").read_bytes()
    for name in _PACKAGES:
        for source in sorted((folder / name).glob("*.py")):
            files[f"edgekit/{name}/{source.name}"] = source.read_bytes()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, data in files.items():
            archive.writestr(zipfile.ZipInfo(place, _LONG_AGO), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()
