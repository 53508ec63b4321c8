"""What a firmware file is, and whether it is what its board takes."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from pathlib import Path

from edgekit.boards import Board, uf2
from edgekit.errors import InputError

_THUMB = 1
"""The lowest bit of an address of code, on all cores with a Cortex-M's vectors."""
_KINDS: dict[str, Callable[[bytes], object]] = {
    "empty": lambda file: not file,
    "a UF2 file": uf2.is_uf2,
    "an ELF file": lambda file: file.startswith(b"\x7fELF"),
    "an Intel HEX file": lambda file: re.match(rb":[0-9A-Fa-f]{10}", file),
    "a Motorola S-record file": lambda file: re.match(rb"S[0-9][0-9A-Fa-f]{8}", file),
    "a model": lambda file: file[4:8] == b"TFL3",
}
"""By their first bytes; the format of a plain image has none."""


def decoded(firmware: Path, file: bytes, board: Board) -> uf2.Uf2:
    """What a UF2 file says; for a board that has no UF2 family, the file as it lies in flash.

    Raises `InputError` for a file of another kind than the board takes, and for a damaged one.
    """
    if board.flash.family is None:
        return _plain(firmware, file, board)
    if not uf2.is_uf2(file):
        problem = f"is {_kind(file) or 'no UF2 file'}, {board.id} takes a UF2 file"
        raise _refused(firmware, problem, "firmware.uf2", board)
    try:
        return uf2.decode(file)
    except InputError as error:
        raise InputError(f"{firmware}: {error.message}", hint=error.hint) from None


def _plain(firmware: Path, file: bytes, board: Board) -> uf2.Uf2:
    flash = board.memory.flash
    if board.runs_linux:  # whose flasher opens what is packed
        return uf2.Uf2(None, ((flash.base, file),))
    what = _kind(file)
    if what:
        problem = f"is {what}, {board.id} takes a plain image"
        raise _refused(firmware, problem, "firmware.bin", board)
    if board.cpu.core.startswith("cortex-m") and not _starts(file, flash.base, flash.size_bytes):
        problem = (
            f"is no image for {board.id}: its second word is not where a program starts between"
            f" 0x{flash.base:08x} and 0x{flash.base + flash.size_bytes:08x}"
        )
        raise _refused(firmware, problem, "firmware.bin", board)
    return uf2.Uf2(None, ((flash.base, file),))


def _kind(file: bytes) -> str | None:
    return next((name for name, matches in _KINDS.items() if matches(file)), None)


def _starts(file: bytes, base: int, size_bytes: int) -> bool:
    """Whether a Cortex-M finds code by the image's vectors: a stack, then the reset handler."""
    if len(file) < struct.calcsize("<2I"):
        return False
    _, handler = struct.unpack_from("<2I", file)
    return bool(handler & _THUMB) and base <= handler < base + size_bytes


def _refused(firmware: Path, problem: str, wanted: str, board: Board) -> InputError:
    """With a hint that names the right file, if it lies beside the wrong one."""
    beside = firmware.parent / wanted
    if board.template is None:
        hint = "Give the .bin that the tools of the board's maker wrote."
    elif beside.is_file() and beside != firmware:
        hint = f"Give {beside}."
    else:
        hint = f"Give the {wanted} that `edgekit build MODEL --board {board.id}` writes."
    return InputError(f"{firmware} {problem}", hint=hint)
