"""Programs that write flash: found, run with a time limit, and their failures put in our words."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from edgekit.errors import DeviceError, FlashError, MissingToolError, NoDeviceError, ToolError
from edgekit.flash.job import Flashed, Job
from edgekit.process import run_tool

_SLOWEST_BYTES_PER_S = 5_000
"""A probe at a low clock, with erasing and verifying."""
_SHOWN_LINES = 6

UDEV = (
    'Let users reach it: echo \'SUBSYSTEM=="usb", ATTR{{idVendor}}=="{vendor}", MODE="0666"\''
    " | sudo tee /etc/udev/rules.d/99-edgekit-{vendor}.rules;"
    " sudo udevadm control --reload; then plug it in again."
)

# What the programs say when there is nothing to talk to, or no right to.
_NOTHING_THERE = (
    "no accessible", "no device found", "couldn't find any st-link", "unable to open cmsis-dap",
    "unable to find a matching", "no j-link", "failed to connect", "open failed", "not found",
    "could not open", "no st-link", "not in bootsel mode", "no accessible rp",
)  # fmt: skip
_NO_RIGHT = ("permission", "access denied", "libusb_error_access")
_WRONG_CHIP = ("wrong --chip", "unexpected idcode", "wrong device", "family id", "cannot identify")


def find(names: Sequence[str]) -> str | None:
    """The first of these programs that is installed."""
    return next((found for name in names if (found := shutil.which(name))), None)


def write(
    job: Job,
    method: str,
    program: str,
    suffix: str,
    command: Callable[[Path], Sequence[str]],
    *,
    vendor: str,
) -> Flashed:
    """Has a program write the image and read it back.

    `command` makes its arguments from a file with the image: a ``.uf2`` as it is on disk, a
    ``.bin`` in one piece. `vendor` is the USB vendor of the probe, for the udev rule.
    """
    with tempfile.TemporaryDirectory(prefix="edgekit-flash-") as folder:
        file = Path(folder, f"firmware{suffix}")
        file.write_bytes(job.file if suffix == ".uf2" else job.flat())
        job.progress(0, job.image_bytes)
        run(job, [program, *command(file)], vendor=vendor)
        job.progress(job.image_bytes, job.image_bytes)
    return Flashed(method, _place(job), job.image_bytes, "read back")


def run(job: Job, command: Sequence[str], *, vendor: str) -> str:
    """What a program prints.

    Raises `NoDeviceError` when it found no board or may not reach it, `FlashError` for another
    chip, a difference after writing, or anything else.
    """
    timeout_s = job.timeout_s + job.image_bytes / _SLOWEST_BYTES_PER_S
    try:
        return run_tool(command, timeout_s=timeout_s).decode(errors="replace")
    except MissingToolError:
        raise
    except ToolError as error:
        raise _explained(job, Path(command[0]).name, error, vendor) from None


def _explained(job: Job, name: str, error: ToolError, vendor: str) -> DeviceError:
    said = error.stderr.strip().splitlines()[-_SHOWN_LINES:]
    message = "\n  ".join([error.message.splitlines()[0], *said])
    words = error.stderr.lower()
    if any(word in words for word in _NO_RIGHT):
        return NoDeviceError(message, hint=UDEV.format(vendor=vendor))
    if any(word in words for word in _WRONG_CHIP):
        return FlashError(
            f"wrong chip, {name} says:\n  {message}",
            hint="`edgekit boards` lists the boards; name the right one with --board.",
        )
    if any(word in words for word in _NOTHING_THERE):
        return NoDeviceError(message, hint=f"Plug the {job.board.name} in. {_among(job)}".strip())
    return FlashError(message, hint="Unplug the board, plug it in, and flash again.")


def _among(job: Job) -> str:
    return f"None has the serial number {job.serial}?" if job.serial else ""


def _place(job: Job) -> str:
    return f"0x{job.address:08x}" + (f", serial number {job.serial}" if job.serial else "")
