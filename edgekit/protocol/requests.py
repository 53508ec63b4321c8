"""What the host asks (docs/protocol.md, "Messages")."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import ClassVar

from edgekit.protocol.message import Message, MessageType

MAX_DATA_BYTES = 480
"""What one WRITE_INPUT carries, and one reply to READ_OUTPUT."""
MAX_WRITES_UNDER_WAY = 4
"""How many WRITE_INPUTs may wait for their replies."""


class InferFlags(IntFlag):
    """What to measure during a run, or, for timing only, that any input will do."""

    NONE = 0
    PROFILE = 1
    CHECKSUM = 2
    STALE = 4


class ResetKind(IntEnum):
    """What a board does when it is reset."""

    RESTART = 0
    BOOTLOADER = 1


@dataclass(frozen=True, slots=True)
class HelloRequest(Message):
    """Asks who is there, in a version of the protocol."""

    TYPE: ClassVar = MessageType.HELLO
    LAYOUT: ClassVar = struct.Struct("<H")

    version: int


@dataclass(frozen=True, slots=True)
class WriteRequest(Message):
    """Puts at most 480 bytes into the input buffer, and ends the last run."""

    TYPE: ClassVar = MessageType.WRITE_INPUT
    LAYOUT: ClassVar = struct.Struct("<I")
    MAX_TAIL_BYTES: ClassVar = MAX_DATA_BYTES

    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class InferRequest(Message):
    """Runs the model once; `run` names the run, `input_crc` the input that it is meant for."""

    TYPE: ClassVar = MessageType.INFER
    LAYOUT: ClassVar = struct.Struct("<IIB")

    run: int
    input_crc: int
    flags: int


@dataclass(frozen=True, slots=True)
class OutputRequest(Message):
    """Asks for at most 480 bytes of a run's output."""

    TYPE: ClassVar = MessageType.READ_OUTPUT
    LAYOUT: ClassVar = struct.Struct("<IIH")

    run: int
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class StepsRequest(Message):
    """Asks for what was measured of a run's steps, from step `first` on."""

    TYPE: ClassVar = MessageType.READ_STEPS
    LAYOUT: ClassVar = struct.Struct("<IH")

    run: int
    first: int


@dataclass(frozen=True, slots=True)
class MemoryRequest(Message):
    """Asks how much RAM is in use."""

    TYPE: ClassVar = MessageType.MEMORY
    LAYOUT: ClassVar = struct.Struct("<")


@dataclass(frozen=True, slots=True)
class ResetRequest(Message):
    """Resets the board once it has answered; `kind` is a `ResetKind`."""

    TYPE: ClassVar = MessageType.RESET
    LAYOUT: ClassVar = struct.Struct("<B")

    kind: int


@dataclass(frozen=True, slots=True)
class HealthRequest(Message):
    """Asks how the machine is: a computer that may get too hot; microcontrollers do not know."""

    TYPE: ClassVar = MessageType.HEALTH
    LAYOUT: ClassVar = struct.Struct("<")


@dataclass(frozen=True, slots=True)
class CrashRequest(Message):
    """Asks why the board started, and where it was when it went down before."""

    TYPE: ClassVar = MessageType.CRASH
    LAYOUT: ClassVar = struct.Struct("<")


@dataclass(frozen=True, slots=True)
class ThreadsRequest(Message):
    """Has the model run on so many threads from now on; ends the last run."""

    TYPE: ClassVar = MessageType.THREADS
    LAYOUT: ClassVar = struct.Struct("<B")

    count: int
