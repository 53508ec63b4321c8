"""What a board says on its line: text as it is, frames in words."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from edgekit import boards
from edgekit.flows.emulators import port_of
from edgekit.link import Link, open_link
from edgekit.protocol import frames, messages
from edgekit.protocol.messages import MalformedError, Message
from edgekit.protocol.replies import Refused

_POLL_S = 0.2
_END = b"\0"
_TEXT = frozenset(range(0x20, 0x7F)) | {0x09, 0x0A, 0x0D}
_SHOWN_BYTES = 16
_LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that the board said, `seconds` after the monitor began."""

    seconds: float
    kind: Literal["text", "frame", "noise"]
    text: str


class Transcript:
    """Takes bytes apart: a line of text ends in a line feed, a frame in 0x00."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[tuple[Literal["text", "frame", "noise"], str]]:
        """What these bytes complete."""
        found = []
        for byte in data:
            self._held.append(byte)
            ends_text = byte == 0x0A and _TEXT.issuperset(self._held)
            if byte == 0 or ends_text:
                piece = bytes(self._held)
                self._held.clear()
                if piece != _END:
                    found.append(_describe(piece))
        return found


def watch(
    board_id: str,
    *,
    port: str | None = None,
    send: tuple[str, ...] = (),
    seconds: float | None = None,
) -> Iterator[Line]:
    """What the board says, as it comes, until `seconds` are over.

    `send` are text commands, each sent with the `%` that ends it. Raises as `open_link`.
    """
    board = boards.load(board_id)
    port = port or port_of(board, f"start an emulated one: edgekit emulator start {board_id}")
    with open_link(port, baud=board.link.baud) as link:
        for command in send:
            link.write(f"{command}%".encode())
        yield from _listen(link, seconds)


def _listen(link: Link, seconds: float | None) -> Iterator[Line]:
    transcript = Transcript()
    started = time.monotonic()
    while seconds is None or time.monotonic() - started < seconds:
        for kind, text in transcript.feed(link.read(_POLL_S)):
            yield Line(time.monotonic() - started, kind, text)


def _describe(piece: bytes) -> tuple[Literal["text", "frame", "noise"], str]:
    payloads = frames.Decoder().feed(piece)
    if payloads:
        return "frame", describe_payload(payloads[0])
    if _TEXT.issuperset(piece.rstrip(_END)):
        return "text", piece.rstrip(_END).decode("ascii").rstrip("\r\n")
    shown = piece[:_SHOWN_BYTES].hex(" ")
    return "noise", f"{len(piece)} B: {shown}{' …' if len(piece) > _SHOWN_BYTES else ''}"


def describe_payload(payload: bytes) -> str:
    """A message in words: its name, its number, and its fields; a refusal may tell of a crash."""
    try:
        message: Message = messages.parse_reply(payload)
    except MalformedError:
        try:
            message = messages.parse_request(payload)
        except MalformedError as error:
            return f"a frame that is no message ({error})"
    if isinstance(message, Refused):
        message = message.crash() or message
    fields = ", ".join(
        f"{field.name}={_short(getattr(message, field.name))}"
        for field in dataclasses.fields(message)  # type: ignore[arg-type]
        if getattr(message, field.name) != b""
    )
    return f"{type(message).__name__} #{payload[1]} {fields}".rstrip()


def _short(value: object) -> str:
    text = f"{len(value)} B" if isinstance(value, bytes) else str(value)
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"
