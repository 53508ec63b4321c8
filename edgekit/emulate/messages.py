"""What an engine's process and its parent say to each other: one JSON object per line."""

from __future__ import annotations

import sys

import msgspec

STATISTICS_REQUEST = b"statistics"


class Message(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="event"):
    """A line that a child writes to its standard output."""


class Ready(Message, frozen=True):
    """The board runs. `port` is what pyserial opens; `counter` is native or python."""

    port: str
    counter: str


class NoFirmware(Message, frozen=True):
    """There is nothing to start in flash."""

    problem: str


class Failed(Message, frozen=True):
    """The engine cannot be started as asked."""

    problem: str
    hint: str


class Bootloader(Message, frozen=True):
    """The board went into its bootloader and waits for a new image, or came out of it."""

    waiting: bool


class Crash(Message, frozen=True):
    """The firmware can go nowhere. `registers` by name."""

    reason: str
    registers: dict[str, int]


class Statistics(Message, frozen=True):
    """What the board has done since it was started.

    `idle_cycles` and `idle_s` are the part in which it waited for the host; `faults` are those
    that the firmware handled; `notes` say what is not emulated or would fail on a real board.
    What an engine does not know is null.
    """

    cycles: int | None
    instructions: int | None
    idle_cycles: int | None
    wall_s: float
    idle_s: float | None
    clock_hz: int
    counter: str
    resets: int
    faults: tuple[str, ...]
    notes: tuple[str, ...]


AnyMessage = Ready | NoFirmware | Failed | Bootloader | Crash | Statistics


_DECODER: msgspec.json.Decoder[AnyMessage] = msgspec.json.Decoder(AnyMessage)


def send(message: AnyMessage) -> None:
    """Writes a message to standard output."""
    sys.stdout.buffer.write(msgspec.json.encode(message) + b"\n")
    sys.stdout.buffer.flush()


def parse(line: bytes) -> AnyMessage | None:
    """A line from a child; None when it is none of ours."""
    try:
        return _DECODER.decode(line)
    except msgspec.MsgspecError:
        return None
