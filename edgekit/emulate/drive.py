"""The folder that stands for a bootloader's USB drive: shown while the board waits for an image."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from edgekit import artifacts
from edgekit.boards import Board, uf2
from edgekit.errors import InputError

INFO_FILE = "INFO_UF2.TXT"
_INFO = "UF2 Bootloader {version}\r\nModel: Raspberry Pi {chip}\r\nBoard-ID: {board_id}\r\n"
# As the boot ROMs say it, of the chip and not of the board that it is on.
_SAID = {"RPI-RP2": ("v3.0", "RP2"), "RP2350": ("v1.0", "RP2350")}
_MOST_BYTES = 64 << 20


class DriveFolder:
    """A folder that holds INFO_UF2.TXT while it is shown, and is empty while it is not."""

    def __init__(self, path: Path, board: Board) -> None:
        assert board.flash.drive is not None
        self.path = path
        version, chip = _SAID[board.flash.drive]
        self._info = _INFO.format(version=version, chip=chip, board_id=board.flash.drive)
        self._family = board.flash.family
        self.is_shown = False
        self.hide()

    def show(self) -> None:
        """The board went into its bootloader."""
        if not self.is_shown:
            artifacts.write_text(self.path / INFO_FILE, self._info)
            self.is_shown = True

    def hide(self) -> None:
        """The board came out of it: all that was copied there is gone."""
        self.path.mkdir(parents=True, exist_ok=True)
        for found in self.path.iterdir():
            with contextlib.suppress(OSError):
                found.unlink()
        self.is_shown = False

    def remove(self) -> None:
        """The board was unplugged."""
        shutil.rmtree(self.path, ignore_errors=True)

    def whole_image(self) -> Path | None:
        """A UF2 file for this chip, all blocks of which have arrived; others are not heeded, as by
        the real bootloader."""
        if not self.is_shown:
            return None
        return next((path for path in sorted(self.path.iterdir()) if self._is_whole(path)), None)

    def _is_whole(self, path: Path) -> bool:
        try:
            found = uf2.decode(artifacts.read_bytes(path, most_bytes=_MOST_BYTES))
        except (OSError, InputError):  # still being copied, or no UF2 file at all
            return False
        return found.family == self._family
