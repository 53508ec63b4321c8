"""What a board answers (docs/protocol.md, "Messages"). Times are CPU cycles, sizes bytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from edgekit.protocol.message import MalformedError, Message, MessageType
from edgekit.protocol.requests import MAX_DATA_BYTES

MAX_STEPS = 40
"""What one reply to READ_STEPS carries."""


class ErrorCode(IntEnum):
    """Why a board refused a request."""

    UNKNOWN_TYPE = 1
    WRONG_LENGTH = 2
    OUT_OF_RANGE = 3
    INPUT_CRC_DIFFERS = 4
    NO_SUCH_RUN = 5
    VERSION_NOT_SPOKEN = 6
    INFERENCE_FAILED = 7
    FAULT = 8
    WATCHDOG = 9


class Cause(IntEnum):
    """Why a board started."""

    POWER = 0
    REQUEST = 1
    FAULT = 2
    WATCHDOG = 3


@dataclass(frozen=True, slots=True)
class Written(Message):
    """Says what was written to the input."""

    TYPE: ClassVar = MessageType.WRITE_INPUT
    LAYOUT: ClassVar = struct.Struct("<IH")

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Inferred(Message):
    """Says that a run is done; `boot` is HELLO's, unless the board has been reset since."""

    TYPE: ClassVar = MessageType.INFER
    LAYOUT: ClassVar = struct.Struct("<IIQI")

    run: int
    boot: int
    cycles: int
    output_crc: int


@dataclass(frozen=True, slots=True)
class Output(Message):
    """A part of a run's output."""

    TYPE: ClassVar = MessageType.READ_OUTPUT
    LAYOUT: ClassVar = struct.Struct("<II")
    MAX_TAIL_BYTES: ClassVar = MAX_DATA_BYTES

    run: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Steps(Message):
    """What was measured of consecutive steps, packed: see `measured`."""

    TYPE: ClassVar = MessageType.READ_STEPS
    LAYOUT: ClassVar = struct.Struct("<IH")
    STEP: ClassVar = struct.Struct("<II")
    MAX_TAIL_BYTES: ClassVar = MAX_STEPS * STEP.size

    run: int
    first: int
    packed: bytes

    def __post_init__(self) -> None:
        if len(self.packed) % self.STEP.size:
            raise MalformedError(f"{len(self.packed)} B are no whole number of steps")

    def measured(self) -> tuple[tuple[int, int], ...]:
        """(cycles, CRC-32 of the output) of each step; what was not asked for is 0."""
        return tuple((cycles, crc) for cycles, crc in self.STEP.iter_unpack(self.packed))


@dataclass(frozen=True, slots=True)
class Memory(Message):
    """RAM: data + bss, the stack as reserved, the stack's high-water mark, and the arena."""

    TYPE: ClassVar = MessageType.MEMORY
    LAYOUT: ClassVar = struct.Struct("<4I")

    static_bytes: int
    stack_bytes: int
    stack_used_bytes: int
    arena_bytes: int


@dataclass(frozen=True, slots=True)
class ResetDone(Message):
    """Says that the board is about to reset."""

    TYPE: ClassVar = MessageType.RESET
    LAYOUT: ClassVar = struct.Struct("<")


@dataclass(frozen=True, slots=True)
class Health(Message):
    """How a machine is; what it cannot tell is `UNKNOWN_TEMPERATURE`, `UNKNOWN_THROTTLING` or 0.

    `temperature` is in thousandths of a degree Celsius, `clock_hz` the processor's clock right now.
    `throttled` is what a Raspberry Pi's firmware says: bit 0 under-voltage, 1 clock capped, 2
    throttled, 3 soft temperature limit; bits 16 to 19 the same since the machine started.
    """

    TYPE: ClassVar = MessageType.HEALTH
    LAYOUT: ClassVar = struct.Struct("<iIIB")
    UNKNOWN_TEMPERATURE: ClassVar = -(2**31)
    UNKNOWN_THROTTLING: ClassVar = 2**32 - 1

    temperature: int
    throttled: int
    clock_hz: int
    threads: int


@dataclass(frozen=True, slots=True)
class ThreadsUsed(Message):
    """Says on how many threads the model runs from now on."""

    TYPE: ClassVar = MessageType.THREADS
    LAYOUT: ClassVar = struct.Struct("<B")

    count: int


@dataclass(frozen=True, slots=True)
class Crash(Message):
    """Why the board started; after a fault or a watchdog's bite, where it was then.

    `cause` is a `Cause`. `step` is the model's step that ran, or `NO_STEP`; `pc` and `lr` are the
    processor's registers, 0 where nobody saw them; `status` is the core's fault status (CFSR).
    """

    TYPE: ClassVar = MessageType.CRASH
    LAYOUT: ClassVar = struct.Struct("<B4I")
    NO_STEP: ClassVar = 2**32 - 1

    cause: int
    step: int
    pc: int
    lr: int
    status: int


@dataclass(frozen=True, slots=True)
class Refused(Message):
    """Refuses a request; `code` is an `ErrorCode`, or one that this version does not know.

    After a crash `where` holds what follows the cause in a `Crash`; else it is empty.
    """

    TYPE: ClassVar = MessageType.ERROR
    LAYOUT: ClassVar = struct.Struct("<BI")
    WHERE: ClassVar = struct.Struct("<4I")
    MAX_TAIL_BYTES: ClassVar = WHERE.size

    code: int
    detail: int
    where: bytes = b""

    def crash(self) -> Crash | None:
        """What became of the request, when it brought the board down."""
        causes: dict[int, Cause] = {
            ErrorCode.FAULT: Cause.FAULT,
            ErrorCode.WATCHDOG: Cause.WATCHDOG,
        }
        cause = causes.get(self.code)
        if cause is None or len(self.where) != self.WHERE.size:
            return None
        return Crash(cause, *self.WHERE.unpack(self.where))
