"""The drag-and-drop bootloader: copies an image onto its drive and waits for the restart."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

from edgekit.errors import DeviceError, FlashError, InputError, LinkTimeoutError, NoDeviceError
from edgekit.flash import drives
from edgekit.flash.drives import Drive
from edgekit.flash.job import Flashed, Job
from edgekit.link import open_link
from edgekit.link.client import Client, ResetKind
from edgekit.link.ports import usb_ports

_POLL_S = 0.1
_TOUCH_BAUD = 1200
"""Firmware with a serial port over USB, ours and most others', takes this for the wish to flash."""
_BOOTLOADER_TIMEOUT_S = 10.0
_DEBUG_PROBE = "2e8a:000c"
_CHUNK_BYTES = 64 * 512
_BY_LABEL = Path("/dev/disk/by-label")


def flash_image(job: Job) -> Flashed:
    """See `edgekit.flash.flash`."""
    away = _enter_bootloader(job) if job.drive is None and not _matching(job) else ""
    drive = _choose(job, away)
    _copy(job, drive)
    if not _wait_until(lambda: not drive.is_there(), job.timeout_s):
        raise FlashError(
            f"the board did not restart: {drive.path} is still there after {job.timeout_s:.0f} s",
            hint="Unplug the board, hold BOOTSEL, plug it in, and flash again.",
        )
    if job.port is None:
        return Flashed("uf2", str(drive.path), job.image_bytes, "restarted")
    _wait_for_answer(job, job.port)
    return Flashed("uf2", str(drive.path), job.image_bytes, "answered")


def _matching(job: Job) -> list[Drive]:
    return [drive for drive in drives.find() if _is_for(drive, job)]


def _is_for(drive: Drive, job: Job) -> bool:
    named = job.serial in (None, drive.serial_number)
    return named and job.board.flash.drive in (None, drive.board_id)


def _enter_bootloader(job: Job) -> str:
    """Leads what runs on the board there; gives what is wrong with a port that was named.

    That is no error yet, nor is silence: the board may be there already, or be blank.
    """
    port = job.port or _usb_port(job)
    if port is None:
        return ""
    try:
        if job.port is None or not _asked(job, port):
            open_link(port, baud=_TOUCH_BAUD).close()
    except NoDeviceError as error:
        return "" if job.port is None else f"{error.message}; "
    _wait_until(lambda: bool(_matching(job)), min(job.timeout_s, _BOOTLOADER_TIMEOUT_S))
    return ""


def _usb_port(job: Job) -> str | None:
    """The USB serial port of the only such board, whatever firmware it runs."""
    known = [usb_id for usb_id in job.board.link.usb if usb_id != _DEBUG_PROBE]
    found = [
        port.port
        for port in usb_ports()
        if port.usb_id in known and job.serial in (None, port.serial_number)
    ]
    return found[0] if len(found) == 1 else None


def _asked(job: Job, port: str) -> bool:
    """Asks our own firmware; whether it has heard."""
    with Client(open_link(port, baud=job.board.link.baud), board=job.board.id) as client:
        try:
            client.reset(ResetKind.BOOTLOADER)
        except LinkTimeoutError:
            return False
        except NoDeviceError:  # a port on USB may go before it has brought the answer
            return True
    return True


def _choose(job: Job, away: str) -> Drive:
    """The drive to copy to; `away` begins the message when there is none."""
    if job.drive is not None:
        return _named(job, job.drive)
    fitting = _matching(job)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise NoDeviceError(
            "several boards are waiting:" + _list(fitting),
            hint="Say which one with --serial NUMBER or --drive PATH.",
        )
    raise _none(job, away)


def _named(job: Job, path: Path) -> Drive:
    drive = drives.read(path)
    if drive is None:
        raise InputError(
            f"{path} is not a UF2 drive: it has no {drives.INFO_FILE}",
            hint=_bootsel(job),
        )
    if not _is_for(drive, job):
        raise FlashError(
            f"wrong chip: the drive {drive} is not the {job.board.flash.drive} of {job.board.id}",
            hint="`edgekit boards` lists the boards; name the right one with --board.",
        )
    return drive


def _none(job: Job, away: str) -> NoDeviceError:
    others = drives.find()
    label = job.board.flash.drive
    if others:
        return NoDeviceError(
            f"{away}no {label} drive for {job.board.id}, only of other chips:" + _list(others),
            hint=_bootsel(job),
        )
    if label and (_BY_LABEL / label).exists():
        return NoDeviceError(
            f"{away}the {label} drive is plugged in and not mounted",
            hint=f"Mount it: udisksctl mount -b {_BY_LABEL / label}",
        )
    return NoDeviceError(f"{away}no {label or 'UF2'} drive for {job.board.id}", hint=_bootsel(job))


def _bootsel(job: Job) -> str:
    return f"Hold BOOTSEL while plugging in the {job.board.name}, or use --emulate."


def _list(found: list[Drive] | tuple[Drive, ...]) -> str:
    return "".join(f"\n  {drive}" for drive in found)


def _copy(job: Job, drive: Drive) -> None:
    """Writes straight to the drive: it is no file system that a rename would mean anything to."""
    total = len(job.file)
    done = 0
    try:
        with (drive.path / "firmware.uf2").open("wb", buffering=0) as stream:
            while done < total:
                done += stream.write(job.file[done : done + _CHUNK_BYTES])
                os.fsync(stream.fileno())  # so that progress is what the board has
                job.progress(done, total)
    except OSError as error:
        # The board restarts on the last block, before the file is closed.
        if done < total or drive.is_there():
            raise _not_written(drive, done, total, error) from None


def _not_written(drive: Drive, done: int, total: int, error: OSError) -> FlashError:
    if error.errno == errno.ENOSPC:
        why = "the drive is full"
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        why = "no permission to write there"
    else:
        why = error.strerror or str(error)
    return FlashError(
        f"writing to {drive.path} stopped after {done} of {total} B: {why}",
        hint="Unplug the board, hold BOOTSEL, plug it in, and flash again.",
    )


def _wait_for_answer(job: Job, port: str) -> None:
    """The port may take a while to come back, and the firmware to answer on it."""
    deadline = time.monotonic() + job.timeout_s
    while True:
        try:
            with Client(open_link(port, baud=job.board.link.baud), board=job.board.id) as client:
                client.hello(timeout_s=min(2.0, job.timeout_s))
            return
        except DeviceError as error:
            if time.monotonic() >= deadline:
                raise FlashError(
                    f"the image was written, and then the board was not heard of: {error.message}",
                    hint=error.hint,
                ) from None
        time.sleep(_POLL_S)


def _wait_until(holds: Callable[[], bool], timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while not holds():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_S)
    return True
