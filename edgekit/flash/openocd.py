"""OpenOCD: writes, verifies and resets over any debug probe that it knows."""

from __future__ import annotations

import re
from pathlib import Path

from edgekit.errors import BoardError, InputError
from edgekit.flash import program
from edgekit.flash.job import Flashed, Job

INSTALL = "apt-get install openocd"
_VENDORS = {"stlink": "0483", "jlink": "1366", "cmsis-dap": "0d28"}
# OpenOCD reads its -c arguments as Tcl: nothing of the user's may be more than a word there.
_SERIAL = re.compile(r"[A-Za-z0-9_-]+")


def is_available() -> bool:
    """Whether the program is installed."""
    return program.find(["openocd"]) is not None


def flash_image(job: Job) -> Flashed:
    """See `edgekit.flash.flash`. The board's name for OpenOCD is its files: probe, then chip."""
    files = job.chip.get("openocd", "").split()
    if len(files) != 2:
        raise BoardError(f"{job.board.id}.toml does not say which files OpenOCD needs for it")
    if job.serial and not _SERIAL.fullmatch(job.serial):
        raise InputError(f"{job.serial!r} is no serial number")
    probe = Path(files[0]).stem

    def command(file: Path) -> list[str]:
        chosen = ["-c", f"adapter serial {job.serial}"] if job.serial else []
        done = f"program {{{file}}} 0x{job.address:08x} verify reset exit"
        return ["-f", files[0], *chosen, "-f", files[1], "-c", done]

    return program.write(
        job, "openocd", "openocd", ".bin", command, vendor=_VENDORS.get(probe, "0d28")
    )
