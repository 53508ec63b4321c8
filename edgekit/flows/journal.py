"""What a run has found so far, kept so that the next run goes on where this one stopped.

One file beside the result, written whole or not at all and gone once the result is written. It has
parts, one for each model and place; each is believed only if all that its numbers depend on is the
same: the models, the images and their order, how pixels become inputs, where it ran.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from types import TracebackType

import msgspec
import numpy as np

from edgekit import artifacts
from edgekit.errors import InputError
from edgekit.flows.pictures import Pictures
from edgekit.flows.verdicts import Verdicts

_SCHEMA = 1
_EVERY_S = 2.0
_MOST_SHARE = 0.05
"""How much of the time may go into writing."""
_MOST_BYTES = 1 << 30


class Part(msgspec.Struct, frozen=True):
    """Verdicts of the first images in the order of the run, as `Verdicts.packed`; of a device also
    on which of them it gave other bytes, and what is known of the first."""

    key: str
    verdicts: bytes
    differing: tuple[int, ...] = ()
    first_difference: str | None = None


class _File(msgspec.Struct, frozen=True):
    schema: int
    parts: dict[str, Part]


def key(*parts: object) -> str:
    """A name for everything that a part depends on."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()


def images_key(over: Pictures) -> str:
    """A name for images, their order and their preprocessing."""
    chosen = np.ascontiguousarray(over.chosen, "<i8").tobytes()
    preprocessing = msgspec.json.encode(over.preprocessing).decode()
    return key(over.dataset.fingerprint, hashlib.sha256(chosen).hexdigest(), preprocessing)


class Journal:
    """A context: what was put is on disk when the block ends by an error or Ctrl-C, and the file is
    removed when it ends well."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parts = _read(path)
        self._next = time.monotonic() + _EVERY_S

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._path.unlink(missing_ok=True)
        elif not issubclass(kind, InputError):  # nothing can be gone on with after bad input
            self._write()

    def found(self, name: str, wanted: str) -> Part | None:
        """What an earlier run left under that name, if it is of the same things."""
        part = self._parts.get(name)
        return part if part is not None and part.key == wanted else None

    def put(self, name: str, part: Part) -> None:
        """Keeps a part; on disk at once when the last time is long ago."""
        self._parts[name] = part
        now = time.monotonic()
        if now >= self._next:
            self._write()
            done = time.monotonic()
            self._next = done + max(_EVERY_S, (done - now) / _MOST_SHARE)

    def _write(self) -> None:
        if self._parts:
            data = msgspec.msgpack.encode(_File(_SCHEMA, self._parts))
            artifacts.write_bytes(self._path, data)


def _read(path: Path) -> dict[str, Part]:
    """The parts of a file; none when it is missing, damaged or of another kind."""
    try:
        found = msgspec.msgpack.decode(
            artifacts.read_bytes(path, most_bytes=_MOST_BYTES), type=_File
        )
        for part in found.parts.values():
            Verdicts.unpacked(part.verdicts)
    except (OSError, ValueError):  # msgspec's errors are ValueErrors
        return {}
    return dict(found.parts) if found.schema == _SCHEMA else {}
