"""Writes an image into an emulated board's flash, as a bootloader would: whole sectors."""

from __future__ import annotations

from pathlib import Path

from edgekit import artifacts
from edgekit.errors import FlashError, InputError
from edgekit.flash.job import Flashed, Job
from edgekit.paths import emulated_flash_image

_SECTOR_BYTES = 4096
_ERASED = b"\xff"


def flash_image(job: Job) -> Flashed:
    """See `edgekit.flash.flash`; what lies in other sectors stays."""
    try:
        place = emulated_flash_image(job.board.id)
        flash = _present(place, job.board.memory.flash.size_bytes)
        _program(flash, job)
        artifacts.write_bytes(place, bytes(flash))
        found = place.read_bytes()
    except (InputError, OSError) as error:
        raise FlashError(
            f"cannot write the emulated flash: {error}", hint="Make room on that disk."
        ) from None
    if found != flash:
        raise FlashError(f"the emulated flash in {place} reads back differently")
    return Flashed("emulator", str(place), job.image_bytes, "read back")


def _present(place: Path, size_bytes: int) -> bytearray:
    """What the flash holds now: all erased when it was never written, or is of another size."""
    found = place.read_bytes() if place.is_file() else b""
    return bytearray(found if len(found) == size_bytes else _ERASED * size_bytes)


def _program(flash: bytearray, job: Job) -> None:
    base = job.board.memory.flash.base
    for sector in sorted(_sectors(job, base)):
        start = sector * _SECTOR_BYTES
        end = min(start + _SECTOR_BYTES, len(flash))
        flash[start:end] = _ERASED * (end - start)
    done = 0
    for address, data in job.image.blocks:
        flash[address - base : address - base + len(data)] = data
        done += len(data)
        job.progress(done, job.image_bytes)


def _sectors(job: Job, base: int) -> set[int]:
    """The sectors that the image touches; a block need not end where a sector does."""
    touched: set[int] = set()
    for address, data in job.image.blocks:
        first = (address - base) // _SECTOR_BYTES
        touched.update(range(first, (address - base + len(data) - 1) // _SECTOR_BYTES + 1))
    return touched
