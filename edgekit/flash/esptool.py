"""Espressif's esptool, run as a program: writes what ESP-IDF built (`idf.py merge-bin`)."""

from __future__ import annotations

from pathlib import Path

from edgekit.errors import NoDeviceError
from edgekit.flash import program
from edgekit.flash.job import Flashed, Job

INSTALL = "pip install esptool"
_NAMES = ("esptool", "esptool.py")
_VENDOR = "303a"


def is_available() -> bool:
    """Whether the program is installed, under either of its names."""
    return program.find(_NAMES) is not None


def flash_image(job: Job) -> Flashed:
    """See `edgekit.flash.flash`; esptool refuses another chip, and compares hashes at the end."""
    if job.port is None:
        raise NoDeviceError(
            f"which serial port is the {job.board.name} on?", hint="Say it with --port."
        )
    port = job.port
    # The image is numbered from where the processor sees flash; esptool counts from its start.
    offset = job.address - job.board.memory.flash.base

    def command(file: Path) -> list[str]:
        chip = job.chip.get("esptool", "auto")
        return ["--chip", chip, "--port", port, "write_flash", f"0x{offset:x}", str(file)]

    found = program.find(_NAMES) or _NAMES[0]
    return program.write(job, "esptool", found, ".bin", command, vendor=_VENDOR)
