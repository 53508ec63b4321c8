"""Messages to payloads and back: ``type u8, sequence u8, body`` (docs/protocol.md)."""

from __future__ import annotations

from edgekit.protocol import replies, requests
from edgekit.protocol.hello import Hello
from edgekit.protocol.message import MalformedError, Message, MessageType

VERSION = 1
"""The version of the protocol that this edgekit speaks."""

_HEAD_BYTES = 2
_REPLY = 0x80

_REQUESTS: dict[int, type[Message]] = {
    kind.TYPE: kind
    for kind in (
        requests.HelloRequest,
        requests.WriteRequest,
        requests.InferRequest,
        requests.OutputRequest,
        requests.StepsRequest,
        requests.MemoryRequest,
        requests.ResetRequest,
        requests.HealthRequest,
        requests.ThreadsRequest,
        requests.CrashRequest,
    )
}
_REPLIES: dict[int, type[Message]] = {
    kind.TYPE | _REPLY: kind
    for kind in (
        Hello,
        replies.Written,
        replies.Inferred,
        replies.Output,
        replies.Steps,
        replies.Memory,
        replies.ResetDone,
        replies.Health,
        replies.ThreadsUsed,
        replies.Crash,
        replies.Refused,
    )
}


class UnknownTypeError(MalformedError):
    """A payload of a type that this version does not have."""


def encode_request(message: Message, sequence: int) -> bytes:
    """A request's payload; `sequence` is 0 to 255."""
    return bytes((message.TYPE, sequence)) + message.body()


def encode_reply(message: Message, sequence: int) -> bytes:
    """A reply's payload; `sequence` is the request's."""
    return bytes((message.TYPE | _REPLY, sequence)) + message.body()


def sequence_of(payload: bytes) -> int | None:
    """The sequence number of a payload, when it is long enough to have one."""
    return payload[1] if len(payload) >= _HEAD_BYTES else None


def parse_request(payload: bytes) -> Message:
    """What the host asks. Raises `MalformedError`."""
    return _parse(payload, _REQUESTS)


def parse_reply(payload: bytes) -> Message:
    """What a board answers. Raises `MalformedError`."""
    return _parse(payload, _REPLIES)


def _parse(payload: bytes, kinds: dict[int, type[Message]]) -> Message:
    if len(payload) < _HEAD_BYTES:
        raise MalformedError(f"a payload of {len(payload)} B")
    if payload[0] not in kinds:
        raise UnknownTypeError(f"type 0x{payload[0]:02x}")
    return kinds[payload[0]].parse(payload[_HEAD_BYTES:])


__all__ = [
    "VERSION",
    "Hello",
    "MalformedError",
    "Message",
    "MessageType",
    "UnknownTypeError",
    "encode_reply",
    "encode_request",
    "parse_reply",
    "parse_request",
    "replies",
    "requests",
    "sequence_of",
]
