"""What all messages have in common: a type number, and a body of fixed little-endian fields."""

from __future__ import annotations

import struct
from dataclasses import fields
from enum import IntEnum
from typing import ClassVar, TypeVar

AnyMessage = TypeVar("AnyMessage", bound="Message")


class MessageType(IntEnum):
    """The first byte of a request; its reply has bit 7 set as well."""

    HELLO = 0x01
    WRITE_INPUT = 0x02
    INFER = 0x03
    READ_OUTPUT = 0x04
    READ_STEPS = 0x05
    MEMORY = 0x06
    RESET = 0x07
    HEALTH = 0x08
    THREADS = 0x09
    CRASH = 0x0A
    ERROR = 0x7F


class MalformedError(ValueError):
    """A payload is no message, or a message's body has the wrong length or contents."""


class Message:
    """A frozen record that packs to a body and parses from one, its length checked to the byte.

    A record with `MAX_TAIL_BYTES` above 0 ends in one `bytes` field of up to that many bytes.
    """

    __slots__ = ()

    TYPE: ClassVar[MessageType]
    LAYOUT: ClassVar[struct.Struct]
    MAX_TAIL_BYTES: ClassVar[int] = 0

    def body(self) -> bytes:
        """The body as it goes into a payload."""
        values = [getattr(self, field.name) for field in fields(self)]  # type: ignore[arg-type]
        tail = values.pop() if self.MAX_TAIL_BYTES else b""
        return self.LAYOUT.pack(*values) + bytes(tail)

    @classmethod
    def parse(cls: type[AnyMessage], body: bytes) -> AnyMessage:
        """The record that a body holds.

        Raises `MalformedError` when the body is too short or too long.
        """
        tail = body[cls.LAYOUT.size :]
        if len(body) < cls.LAYOUT.size or len(tail) > cls.MAX_TAIL_BYTES:
            raise MalformedError(f"{cls.__name__} with a body of {len(body)} B")
        values: tuple[object, ...] = cls.LAYOUT.unpack_from(body)
        if cls.MAX_TAIL_BYTES:
            values = (*values, tail)
        return cls(*values)
