"""Raspberry Pi's picotool: writes a UF2 file over USB to a board in its bootloader."""

from __future__ import annotations

from pathlib import Path

from edgekit.flash import program
from edgekit.flash.job import Flashed, Job

INSTALL = "https://github.com/raspberrypi/picotool/releases"
_VENDOR = "2e8a"


def is_available() -> bool:
    """Whether the program is installed."""
    return program.find(["picotool"]) is not None


def flash_image(job: Job) -> Flashed:
    """See `edgekit.flash.flash`; picotool refuses another chip's family by itself."""

    def command(file: Path) -> list[str]:
        chosen = ["--ser", job.serial] if job.serial else []
        return ["load", "--verify", "--execute", str(file), *chosen]

    return program.write(job, "picotool", "picotool", ".uf2", command, vendor=_VENDOR)
