"""UF2 drives: what a bootloader shows to the computer that it is plugged into."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil

from edgekit.flash import usb

INFO_FILE = "INFO_UF2.TXT"
_MAX_INFO_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Drive:
    """A mounted UF2 drive. `device` is the block device behind it, where that is known."""

    path: Path
    model: str
    board_id: str
    device: Path | None = None

    @property
    def serial_number(self) -> str:
        """The board's own, "" where the system does not tell."""
        return usb.serial_number(self.device)

    def is_there(self) -> bool:
        """Whether the bootloader still shows it.

        A mount may outlive its device for a while, and then reads old files or fails.
        """
        try:
            behind = self.device is None or self.device.exists()
            return behind and (self.path / INFO_FILE).is_file()
        except OSError:
            return False

    def __str__(self) -> str:
        number = f", serial number {self.serial_number}" if self.serial_number else ""
        return f"{self.path} ({self.model}, {self.board_id}{number})"


def find() -> tuple[Drive, ...]:
    """Every UF2 drive that is mounted, in the order of their paths."""
    found = []
    for partition in psutil.disk_partitions():
        device = Path(partition.device)
        drive = read(Path(partition.mountpoint), device if device.is_absolute() else None)
        if drive is not None:
            found.append(drive)
    return tuple(sorted(found, key=lambda drive: drive.path))


def read(path: Path, device: Path | None = None) -> Drive | None:
    """The drive at `path`; None when there is no UF2 drive."""
    try:
        with (path / INFO_FILE).open("rb") as stream:
            text = stream.read(_MAX_INFO_BYTES).decode("ascii", "replace")
    except OSError:
        return None
    fields = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
    return Drive(
        path, fields.get("Model", "?").strip(), fields.get("Board-ID", "?").strip(), device
    )
