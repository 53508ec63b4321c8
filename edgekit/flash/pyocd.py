"""pyOCD: any CMSIS-DAP, ST-LINK or J-Link probe over SWD, through its Python API."""

from __future__ import annotations

import importlib.util
import io
from typing import Any

from edgekit.errors import (
    BoardError,
    DeviceError,
    FlashError,
    MissingToolError,
    NoDeviceError,
)
from edgekit.flash.job import Flashed, Job
from edgekit.flash.program import UDEV

INSTALL = "pip install 'edgekit[pyocd]'"
_FREQUENCY_HZ = 4_000_000
_READ_BYTES = 16_384


def is_available() -> bool:
    """Whether the package is installed; it is not imported."""
    return importlib.util.find_spec("pyocd") is not None


def flash_image(job: Job) -> Flashed:
    """See `edgekit.flash.flash`. The chip says what it is before, and is read back after."""
    if not is_available():
        raise MissingToolError("pyocd is not installed", hint=INSTALL)
    from pyocd.core.exceptions import Error

    target = job.chip.get("pyocd")
    if target is None:
        raise BoardError(f"{job.board.id}.toml does not say what pyOCD calls its chip")
    try:
        probe = _choose(job)
        with _session(probe, target) as session:
            _check_chip(job, session.target)
            _program(job, session)
            _verify(job, session.target)
            session.target.reset()
    except Error as error:
        raise _explained(job, target, error) from None
    place = f"0x{job.address:08x} by {probe.description}, serial number {probe.unique_id}"
    return Flashed("pyocd", place, job.image_bytes, "read back")


def _choose(job: Job) -> Any:
    """The one probe, or the one that was named."""
    from pyocd.core.helpers import ConnectHelper

    found = ConnectHelper.get_all_connected_probes(blocking=False, unique_id=job.serial)
    if len(found) == 1:
        return found[0]
    if found:
        listed = "".join(f"\n  {probe.unique_id}  {probe.description}" for probe in found)
        raise NoDeviceError(
            f"several debug probes are plugged in:{listed}", hint="Say which one with --serial."
        )
    which = f" with the serial number {job.serial}" if job.serial else ""
    raise NoDeviceError(
        f"no debug probe{which} for the {job.board.name}",
        hint="Plug it in. " + UDEV.format(vendor="0d28"),
    )


def _session(probe: Any, target: str) -> Any:
    from pyocd.core.session import Session

    options = {
        "target_override": target,
        "frequency": _FREQUENCY_HZ,
        "hide_programming_progress": True,
        "no_config": True,  # what lies in the user's folder is for other projects
    }
    return Session(probe, options=options)


def _check_chip(job: Job, target: Any) -> None:
    identity = job.board.flash.identity
    if identity is None:
        return
    found = target.read32(identity.address) & identity.mask
    if found != identity.value:
        raise FlashError(
            f"wrong chip: at 0x{identity.address:08x} it has 0x{found:x},"
            f" {job.board.id}'s has 0x{identity.value:x}",
            hint="`edgekit boards` lists the boards; name the right one with --board.",
        )


def _program(job: Job, session: Any) -> None:
    from pyocd.flash.file_programmer import FileProgrammer

    def report(fraction: float) -> None:
        job.progress(round(fraction * job.image_bytes), job.image_bytes)

    # Sectors that hold nothing of the image stay as they are.
    programmer = FileProgrammer(session, progress=report, chip_erase="sector")
    programmer.program(io.BytesIO(job.flat()), file_format="bin", base_address=job.address)


def _verify(job: Job, target: Any) -> None:
    image = job.flat()
    for start in range(0, len(image), _READ_BYTES):
        wanted = image[start : start + _READ_BYTES]
        found = bytes(target.read_memory_block8(job.address + start, len(wanted)))
        if found != wanted:
            at = next(
                n for n, pair in enumerate(zip(found, wanted, strict=True)) if len({*pair}) > 1
            )
            raise FlashError(
                f"the flash reads back differently from 0x{job.address + start + at:08x} on",
                hint="Flash again; if it happens again, check the wires and the supply.",
            )


def _explained(job: Job, target: str, error: Exception) -> DeviceError:
    words = str(error).lower()
    if "target type" in words or "not recognized" in words:
        return FlashError(
            f"pyOCD does not know {target}: {error}", hint=f"pyocd pack install {target}"
        )
    if "access" in words or "permission" in words:
        return NoDeviceError(f"pyOCD: {error}", hint=UDEV.format(vendor="0d28"))
    return FlashError(
        f"pyOCD: {error}",
        hint=f"Check the wires between probe and {job.board.name}, and that it has power.",
    )
