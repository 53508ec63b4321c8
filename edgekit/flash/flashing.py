"""Checks an image against its board, and hands it to the board's method."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import cast

from edgekit import artifacts
from edgekit.boards import Board, uf2
from edgekit.errors import (
    BoardError,
    DoesNotFitError,
    FlashError,
    InputError,
    MissingToolError,
)
from edgekit.flash import files
from edgekit.flash.job import Flashed, Job, Progress
from edgekit.units import format_bytes

Method = Callable[[Job], Flashed]

DEFAULT_TIMEOUT_S = 30.0
"""How long a board may take to show its drive, to restart, and to answer again; each."""

_PACKAGE = "edgekit.flash"
_MOST_FILE_BYTES = 64 << 20


def flash(
    firmware: Path,
    board: Board,
    *,
    emulate: bool = False,
    port: str | None = None,
    drive: Path | None = None,
    serial: str | None = None,
    method: str | None = None,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    progress: Progress | None = None,
) -> Flashed:
    """Puts a UF2 file onto a board, or with `emulate` into the emulated board's flash; a board
    without a UF2 family takes the plain image, firmware.bin.

    With `port`, a board that runs our firmware is sent to its bootloader first, and must answer
    there afterwards. `drive` names the bootloader's drive when several are plugged in, `serial` the
    board or its debug probe. Without a `method`, the board's first one that is installed here.

    Raises `InputError` when the file is missing, damaged or of another kind, `DoesNotFitError` when
    it writes outside the board's flash, `NoDeviceError` when no board is waiting, and `FlashError`
    when the image is for another chip or was not written.
    """
    file = _read(firmware)
    image = files.decoded(firmware, file, board)
    _check_chip(image, board)
    _check_fits(image, board)
    job = Job(file, image, board, port, drive, timeout_s, progress or _silent, serial)
    return _method("emulator" if emulate else method or _installed(board), board)(job)


def methods() -> tuple[str, ...]:
    """The methods there are: every module here that has `flash_image`."""
    package = importlib.import_module(_PACKAGE)
    names = sorted(found.name for found in pkgutil.iter_modules(package.__path__))
    return tuple(name for name in names if _flash_image(name) is not None)


def _installed(board: Board) -> str:
    """The first of the board's methods whose program is here.

    Raises `MissingToolError` with how to get each when none is.
    """
    choices = (board.flash.method, *board.flash.others)
    modules = {
        name: importlib.import_module(f"{_PACKAGE}.{name}") for name in choices if name in methods()
    }
    for name in choices:
        if name not in modules or getattr(modules[name], "is_available", _always)():
            return name
    raise MissingToolError(
        f"none of what can flash the {board.name} is installed: {', '.join(choices)}",
        hint=" or ".join(str(module.INSTALL) for module in modules.values()),
    )


def _always() -> bool:
    return True


def _method(name: str, board: Board) -> Method:
    if name not in methods():
        raise BoardError(
            f"{board.id} is flashed by {name!r}, which this edgekit cannot do",
            hint=f"It can do {', '.join(methods())}. Flash with its maker's own program.",
        )
    return cast(Method, _flash_image(name))


def _flash_image(name: str) -> Method | None:
    return getattr(importlib.import_module(f"{_PACKAGE}.{name}"), "flash_image", None)


def _silent(done: int, total: int) -> None:
    """Nobody wants to hear."""


def _read(firmware: Path) -> bytes:
    try:
        return artifacts.read_bytes(firmware, most_bytes=_MOST_FILE_BYTES)
    except OSError as error:
        raise InputError(
            f"cannot read {firmware}: {error.strerror}",
            hint="Build it first: `edgekit build MODEL --board ID`.",
        ) from None


def _check_chip(image: uf2.Uf2, board: Board) -> None:
    if image.family is not None and image.family != board.flash.family:
        wanted = "none" if board.flash.family is None else f"0x{board.flash.family:08x}"
        raise FlashError(
            f"the firmware is for chip family 0x{image.family:08x}, {board.id} takes {wanted}",
            hint=f"Build it for this board: `edgekit build MODEL --board {board.id}`.",
        )


def _check_fits(image: uf2.Uf2, board: Board) -> None:
    room = board.memory.flash
    start = image.blocks[0][0]
    last, data = image.blocks[-1]
    end = last + len(data)
    if start < room.base or end > room.base + room.size_bytes:
        raise DoesNotFitError(
            f"the firmware writes 0x{start:08x} to 0x{end:08x}, {board.id} has"
            f" {format_bytes(room.size_bytes)} of flash at 0x{room.base:08x}"
        )
