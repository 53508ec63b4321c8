"""The serial number of the USB device behind a block device: Linux tells it in /sys."""

from __future__ import annotations

from pathlib import Path

_SYS_BLOCK = Path("/sys/class/block")


def serial_number(device: Path | None, sys_block: Path = _SYS_BLOCK) -> str:
    """What the USB device calls itself, "" where that is not known.

    ``/sys/class/block/sda1`` leads into the tree of devices, in which the USB device, some folders
    above the disk, has a file `serial`.
    """
    if device is None:
        return ""
    place = (sys_block / device.name).resolve()
    for folder in place.parents:
        try:
            return (folder / "serial").read_text(encoding="ascii", errors="replace").strip()
        except OSError:
            continue
    return ""
