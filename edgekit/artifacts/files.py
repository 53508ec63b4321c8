"""Files: read within limits, written whole or not at all; artifacts as JSON."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import TypeVar

import msgspec

from edgekit.artifacts.records import SCHEMA, Artifact
from edgekit.errors import InputError
from edgekit.units import format_bytes

AnyArtifact = TypeVar("AnyArtifact", bound=Artifact)


def sha256(data: bytes) -> str:
    """The SHA-256 of some bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def read_bytes(path: Path, *, most_bytes: int) -> bytes:
    """A file's contents.

    Raises `OSError` as `Path.read_bytes`, and for what is no file (a pipe would make us wait for
    ever) or larger than `most_bytes`.
    """
    found = path.stat()
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        raise OSError(errno.EINVAL, "it is not a file")
    if found.st_size > most_bytes:
        size, most = format_bytes(found.st_size), format_bytes(most_bytes)
        raise OSError(errno.EFBIG, f"it has {size}, at most {most} are read")
    return path.read_bytes()


def write_bytes(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all: beside it first, then a rename.

    Raises `InputError` when the place cannot be written, is no file, or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _require_file(path)
        _replace(path.resolve(), data)  # a link goes on leading to its file
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {_why(error)}",
            hint="Choose another place with -o, or make room.",
        ) from None


def _require_file(path: Path) -> None:
    """A rename would put a file where /dev/null, a pipe or a folder is."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is not a file")


def _replace(path: Path, data: bytes) -> None:
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(beside).chmod(0o644)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def require_apart(output: Path, *inputs: Path | None) -> None:
    """Raises `InputError` when a result would be written over what it is made from."""
    for path in inputs:
        if path is not None and output.resolve() == path.resolve():
            raise InputError(
                f"{output} is an input, and would be written over",
                hint="Choose another place with -o.",
            )


def _why(error: OSError) -> str:
    if isinstance(error, FileExistsError | NotADirectoryError):
        return "a part of that path is a file, not a folder"
    return error.strerror or str(error)


def require_writable(folder: Path) -> None:
    """Makes a folder if need be, and raises `InputError` unless files can be written into it.

    For the start of what takes long: its end is a bad time to find that out.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(
            f"{folder} is a file, wanted a folder", hint="Choose another place with -o."
        )
    probe = folder / ".edgekit"
    write_bytes(probe, bytes(4096))
    probe.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """`write_bytes` for text, as UTF-8."""
    write_bytes(path, text.encode())


def save(artifact: Artifact, path: Path) -> None:
    """Writes an artifact as indented JSON."""
    write_bytes(path, msgspec.json.format(msgspec.json.encode(artifact), indent=2) + b"\n")


def load(kind: type[AnyArtifact], path: Path) -> AnyArtifact:
    """Reads an artifact back.

    Raises `InputError`, naming file and key, when it is missing, malformed or of another schema.
    """
    try:
        found = msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    except msgspec.MsgspecError as error:
        raise InputError(
            f"{path} is not a valid {kind.__name__} file: {error}",
            hint="It may come from another version of edgekit; make it again.",
        ) from None
    if found.schema != SCHEMA:
        raise InputError(f"{path} has schema {found.schema}, this edgekit reads {SCHEMA}")
    return found
