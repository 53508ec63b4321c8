"""HELLO's reply: who is there, what it runs, and what the model takes and gives."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar

from edgekit.protocol.message import MalformedError, Message, MessageType

_TENSOR = struct.Struct("<I4Ifi")
_TEXTS = (24, 16, 32, 8, 32)  # board, core, compiler, runtime, model


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """A model's input or output, int8; real = scale * (q - zero_point).

    `shape` is without the batch, and without the zeros that fill it up on the line.
    """

    bytes: int
    shape: tuple[int, ...]
    scale: float
    zero_point: int


@dataclass(frozen=True, slots=True)
class Hello(Message):
    """What a board says of itself; `boot` differs after every reset, `model_sha256` is hex."""

    TYPE: ClassVar = MessageType.HELLO
    LAYOUT: ClassVar = struct.Struct(
        "<HII" + "".join(f"{size}s" for size in _TEXTS) + f"32s{_TENSOR.size}s{_TENSOR.size}sHI"
    )

    version: int
    boot: int
    clock_hz: int
    board: str
    core: str
    compiler: str
    runtime: str
    model: str
    model_sha256: str
    input: TensorInfo
    output: TensorInfo
    step_count: int
    arena_bytes: int

    def body(self) -> bytes:
        """Texts are cut to what fits and filled up with NULs."""
        texts = (self.board, self.core, self.compiler, self.runtime, self.model)
        return self.LAYOUT.pack(
            self.version,
            self.boot,
            self.clock_hz,
            *(text.encode("ascii", "replace") for text in texts),
            bytes.fromhex(self.model_sha256),
            _pack_tensor(self.input),
            _pack_tensor(self.output),
            self.step_count,
            self.arena_bytes,
        )

    @classmethod
    def parse(cls, body: bytes) -> Hello:
        """Raises `MalformedError` for a wrong length, or a text that is not ASCII."""
        if len(body) != cls.LAYOUT.size:
            raise MalformedError(f"Hello with a body of {len(body)} B")
        version, boot, clock_hz, *rest = cls.LAYOUT.unpack(body)
        board, core, compiler, runtime, model = map(_parse_text, rest[:5])
        return cls(
            version=version,
            boot=boot,
            clock_hz=clock_hz,
            board=board,
            core=core,
            compiler=compiler,
            runtime=runtime,
            model=model,
            model_sha256=rest[5].hex(),
            input=_parse_tensor(rest[6]),
            output=_parse_tensor(rest[7]),
            step_count=rest[8],
            arena_bytes=rest[9],
        )


def _parse_text(field: bytes) -> str:
    try:
        return field.rstrip(b"\0").decode("ascii")
    except UnicodeDecodeError:
        raise MalformedError(f"not ASCII: {field!r}") from None


def _pack_tensor(tensor: TensorInfo) -> bytes:
    shape = (*tensor.shape, 0, 0, 0, 0)[:4]
    return _TENSOR.pack(tensor.bytes, *shape, tensor.scale, tensor.zero_point)


def _parse_tensor(packed: bytes) -> TensorInfo:
    size, *shape, scale, zero_point = _TENSOR.unpack(packed)
    while shape and shape[-1] == 0:
        shape.pop()
    return TensorInfo(size, tuple(shape), scale, zero_point)
