"""Reads `boards/<id>.toml` and `cores.toml`; every mistake is named with its file and key."""

from __future__ import annotations

import difflib
import sys
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec

from edgekit.artifacts import Record
from edgekit.boards.schema import Board, BoardFile, Core
from edgekit.errors import BoardError
from edgekit.paths import boards_folder

if sys.version_info >= (3, 11):
    import tomllib
else:  # the same parser, under its older name
    import tomli as tomllib

_CORES_FILE = Path(__file__).with_name("cores.toml")
_AnyRecord = TypeVar("_AnyRecord", bound=Record)


def identifiers() -> tuple[str, ...]:
    """The ids of all boards, sorted."""
    return tuple(sorted(path.stem for path in boards_folder().glob("*.toml")))


@cache
def load(board: str) -> Board:
    """The board of that id.

    Raises `BoardError` when there is none (offering the nearest id) or its file is wrong.
    """
    if board not in identifiers():
        raise BoardError(f"there is no board {board!r}", hint=_suggestion(board))
    return load_file(boards_folder() / f"{board}.toml")


def load_file(path: Path) -> Board:
    """The board that a file describes; its id is the file's name.

    Raises `BoardError` naming file, key and nearest match for all that is wrong at once.
    """
    file = _convert(_parse(path), BoardFile, path.name)
    known = cores()
    core = known.get(file.cpu.core)
    if core is None:
        raise BoardError(
            f"{path.name}: cpu.core {file.cpu.core!r} is not in cores.toml"
            + _did_you_mean(file.cpu.core, known)
        )
    return Board(
        id=path.stem,
        name=file.name,
        source=file.source,
        template=file.template,
        cpu=file.cpu,
        core=core,
        memory=file.memory,
        flash=file.flash,
        link=file.link,
        emulator=file.emulator,
        registers=file.registers,
    )


@cache
def cores() -> dict[str, Core]:
    """Every core of `cores.toml` by its id."""
    return {
        name: _convert({"id": name} | table, Core, f"{_CORES_FILE.name}: {name}")
        for name, table in _parse(_CORES_FILE).items()
    }


def _suggestion(board: str) -> str:
    nearest = difflib.get_close_matches(board.lower(), identifiers(), n=1, cutoff=0.5)
    offer = f"Did you mean {nearest[0]!r}? " if nearest else ""
    return f"{offer}Boards: {', '.join(identifiers())}. `edgekit boards` describes them."


def _parse(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BoardError(f"cannot read {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BoardError(f"{path.name} is not valid TOML: {error}") from None
    return found


def _convert(raw: dict[str, Any], kind: type[_AnyRecord], where: str) -> _AnyRecord:
    unknown = _unknown_keys(raw, kind, "")
    if unknown:
        raise BoardError("\n".join(f"{where}: {problem}" for problem in unknown))
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise BoardError(f"{where}: {error}") from None


def _unknown_keys(raw: dict[str, Any], kind: type[Record], prefix: str) -> list[str]:
    hints = get_type_hints(kind)
    known = [name for name in kind.__struct_fields__ if name in hints]
    problems: list[str] = []
    for key, value in raw.items():
        if key not in known:
            problems.append(f"there is no key {prefix + key!r}" + _did_you_mean(key, known))
        elif isinstance(value, dict) and (table := _record_in(hints[key])):
            problems += _unknown_keys(value, table, f"{prefix}{key}.")
    return problems


def _record_in(hint: Any) -> type[Record] | None:
    """The record that a table is read as: `hint` itself, or the one in `hint | None`."""
    choices = [kind for kind in (hint, *get_args(hint)) if isinstance(kind, type)]
    return next((kind for kind in choices if issubclass(kind, Record)), None)


def _did_you_mean(name: str, known: Any) -> str:
    nearest = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {nearest[0]!r}?" if nearest else f"; known: {', '.join(known)}"
