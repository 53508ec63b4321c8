"""st-flash of the stlink tools: STM32 boards over their ST-LINK."""

from __future__ import annotations

from pathlib import Path

from edgekit.errors import FlashError
from edgekit.flash import program
from edgekit.flash.job import Flashed, Job

INSTALL = "apt-get install stlink-tools"
_VENDOR = "0483"


def is_available() -> bool:
    """Whether both programs are installed."""
    return all(program.find([name]) for name in ("st-flash", "st-info"))


def flash_image(job: Job) -> Flashed:
    """See `edgekit.flash.flash`. The board's name for it is the chip's id, as st-info prints it."""
    chosen = ["--serial", job.serial] if job.serial else []
    _check_chip(job, chosen)

    def command(file: Path) -> list[str]:
        # It verifies what it wrote by itself.
        return [*chosen, "--reset", "write", str(file), f"0x{job.address:08x}"]

    return program.write(job, "st_flash", "st-flash", ".bin", command, vendor=_VENDOR)


def _check_chip(job: Job, chosen: list[str]) -> None:
    """st-flash writes to whatever is there: the chip is asked first."""
    wanted = job.chip.get("st_flash")
    found = program.run(job, ["st-info", *chosen, "--chipid"], vendor=_VENDOR).strip().lower()
    if wanted is not None and found != wanted.lower():
        raise FlashError(
            f"wrong chip: the ST-LINK's has the id {found or 'none'}, {job.board.id}'s is {wanted}",
            hint="`edgekit boards` lists the boards; name the right one with --board.",
        )
