"""What the TFLM worker process is asked and what it answers, as length-prefixed MessagePack."""

from __future__ import annotations

import struct
from typing import IO

import msgspec

_LENGTH = struct.Struct("<I")


class Values(msgspec.Struct, frozen=True):
    """What one of a model's inputs is to be, for each run: `count` arrays, one after the other."""

    data: bytes
    dtype: str
    count: int


class Run(msgspec.Struct, frozen=True, tag=True):
    """Run a model `count` times; `arena_bytes` None takes an arena that is surely enough."""

    model: bytes
    inputs: tuple[Values, ...]
    arena_bytes: int | None


class Look(msgspec.Struct, frozen=True, tag=True):
    """Run a model once, keeping every value inside it, and give those of these tensors, by their
    numbers in the file."""

    model: bytes
    inputs: tuple[Values, ...]
    tensors: tuple[int, ...]


class Measure(msgspec.Struct, frozen=True, tag=True):
    """Find the smallest arena that a model runs in."""

    model: bytes


class Outputs(msgspec.Struct, frozen=True, tag=True):
    """All outputs, one after the other; `shape` is one output's, without a batch of 1."""

    data: bytes
    shape: tuple[int, ...]
    dtype: str


class Tensors(msgspec.Struct, frozen=True, tag=True):
    """The values of tensors, by their numbers in the file."""

    values: dict[int, bytes]


class Arena(msgspec.Struct, frozen=True, tag=True):
    """The size of the smallest arena."""

    bytes: int


class Failure(msgspec.Struct, frozen=True, tag=True):
    """TFLM refused the model; `message` is what it printed."""

    message: str


class Mismatch(msgspec.Struct, frozen=True, tag=True):
    """One of the inputs is not what the model takes there."""

    index: int
    shape: tuple[int, ...]
    dtype: str


Request = Run | Look | Measure
Reply = Outputs | Tensors | Arena | Failure | Mismatch


def send(stream: IO[bytes], message: Request | Reply) -> None:
    """Writes one message."""
    body = msgspec.msgpack.encode(message)
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """One message's bytes; None when the other side has gone."""
    header = stream.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(header)
    body = stream.read(length)
    return body if len(body) == length else None
