"""Every message packs to the bytes of docs/protocol.md, and only whole ones parse."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.protocol import frames, messages
from edgekit.protocol.hello import TensorInfo
from edgekit.protocol.messages import Hello, MalformedError, Message, replies, requests

HELLO = Hello(
    version=1,
    boot=0xDEADBEEF,
    clock_hz=125_000_000,
    board="pico",
    core="cortex-m0plus",
    compiler="clang 20.1.2 -O2",
    runtime="edgekit",
    model="person",
    model_sha256="3f" * 32,
    input=TensorInfo(27648, (96, 96, 3), 0.5, -128),
    output=TensorInfo(2, (2,), 0.00390625, 127),
    step_count=30,
    arena_bytes=55296,
)
REQUESTS: list[tuple[Message, str]] = [
    (requests.HelloRequest(1), "01 05 0100"),
    (requests.WriteRequest(480, b"\x80\x7f"), "02 05 e0010000 807f"),
    (requests.InferRequest(7, 0x01020304, 3), "03 05 07000000 04030201 03"),
    (requests.OutputRequest(7, 480, 20), "04 05 07000000 e0010000 1400"),
    (requests.StepsRequest(7, 40), "05 05 07000000 2800"),
    (requests.MemoryRequest(), "06 05"),
    (requests.ResetRequest(requests.ResetKind.BOOTLOADER), "07 05 01"),
    (requests.CrashRequest(), "0a 05"),
]
REPLIES: list[tuple[Message, str]] = [
    (replies.Written(480, 2), "82 05 e0010000 0200"),
    (
        replies.Inferred(7, 0xDEADBEEF, 2**33, 0x01020304),
        "83 05 07000000 efbeadde 0000000002000000 04030201",
    ),
    (replies.Output(7, 480, b"\x01"), "84 05 07000000 e0010000 01"),
    (
        replies.Steps(7, 40, struct.pack("<4I", 1, 2, 3, 4)),
        "85 05 07000000 2800 01000000 02000000 03000000 04000000",
    ),
    (replies.Memory(1, 2, 3, 4), "86 05 01000000 02000000 03000000 04000000"),
    (replies.ResetDone(), "87 05"),
    (
        replies.Crash(replies.Cause.WATCHDOG, 3, 0x10000ABC, 0x10000DEF, 0x8200),
        "8a 05 03 03000000 bc0a0010 ef0d0010 00820000",
    ),
    (replies.Refused(replies.ErrorCode.INPUT_CRC_DIFFERS, 9), "ff 05 04 09000000"),
    (
        replies.Refused(replies.ErrorCode.FAULT, 0x1234, struct.pack("<4I", 3, 0x1234, 5, 6)),
        "ff 05 08 34120000 03000000 34120000 05000000 06000000",
    ),
]


@pytest.mark.parametrize(("message", "payload"), REQUESTS)
def test_a_request_has_the_bytes_of_the_page(message: Message, payload: str) -> None:
    assert messages.encode_request(message, 5) == bytes.fromhex(payload)
    assert messages.parse_request(bytes.fromhex(payload)) == message


@pytest.mark.parametrize(("message", "payload"), REPLIES)
def test_a_reply_has_the_bytes_of_the_page(message: Message, payload: str) -> None:
    assert messages.encode_reply(message, 5) == bytes.fromhex(payload)
    assert messages.parse_reply(bytes.fromhex(payload)) == message


def test_hello_has_the_layout_of_the_page() -> None:
    payload = messages.encode_reply(HELLO, 9)
    assert payload[:2] == b"\x81\x09"
    fields = struct.unpack("<HII24s16s32s8s32s32s I4Ifi I4Ifi HI", payload[2:])
    assert fields == (
        1, 0xDEADBEEF, 125_000_000,
        b"pico".ljust(24, b"\0"), b"cortex-m0plus".ljust(16, b"\0"),
        b"clang 20.1.2 -O2".ljust(32, b"\0"), b"edgekit\0", b"person".ljust(32, b"\0"),
        b"\x3f" * 32,
        27648, 96, 96, 3, 0, 0.5, -128,
        2, 2, 0, 0, 0, 0.00390625, 127,
        30, 55296,
    )  # fmt: skip
    assert messages.parse_reply(payload) == HELLO


_EXACT = [
    (message, parse, encode)
    for pairs, parse, encode in (
        (REQUESTS, messages.parse_request, messages.encode_request),
        ([*REPLIES, (HELLO, "")], messages.parse_reply, messages.encode_reply),
    )
    for message, _ in pairs
]


@pytest.mark.parametrize(("message", "parse", "encode"), _EXACT)
def test_a_body_that_is_too_short_or_too_long_is_refused(message, parse, encode) -> None:
    payload = encode(message, 0)
    fixed = 2 + message.LAYOUT.size
    for size in range(fixed):
        with pytest.raises(MalformedError):
            parse(payload[:size])
    with pytest.raises(MalformedError):
        parse(payload[:fixed] + bytes(message.MAX_TAIL_BYTES + 1))


def test_half_a_step_is_refused() -> None:
    with pytest.raises(MalformedError, match="12 B"):
        messages.parse_reply(messages.encode_reply(replies.Steps(1, 0, bytes(16)), 0)[:-4])


def test_steps_are_told_apart() -> None:
    assert replies.Steps(1, 0, struct.pack("<4I", 1, 2, 3, 4)).measured() == ((1, 2), (3, 4))


def test_the_fullest_messages_fit_a_frame() -> None:
    write = requests.WriteRequest(0, bytes(requests.MAX_DATA_BYTES))
    output = replies.Output(0, 0, bytes(requests.MAX_DATA_BYTES))
    steps = replies.Steps(0, 0, bytes(8 * replies.MAX_STEPS))
    payloads = [messages.encode_request(write, 0)]
    payloads += [messages.encode_reply(reply, 0) for reply in (output, steps, HELLO)]
    assert max(map(len, payloads)) <= frames.MAX_PAYLOAD_BYTES


def test_text_that_is_not_ascii_is_refused() -> None:
    payload = bytearray(messages.encode_reply(HELLO, 0))
    payload[12] = 0xE9
    with pytest.raises(MalformedError, match="not ASCII"):
        messages.parse_reply(bytes(payload))


def test_long_text_is_cut_to_what_fits() -> None:
    long = Hello(**{name: getattr(HELLO, name) for name in HELLO.__slots__} | {"board": "b" * 30})
    parsed = messages.parse_reply(messages.encode_reply(long, 0))
    assert isinstance(parsed, Hello)
    assert parsed.board == "b" * 24


def test_a_refusal_tells_of_a_crash_only_when_all_of_it_came() -> None:
    where = struct.pack("<4I", replies.Crash.NO_STEP, 1, 2, 3)
    crash = replies.Crash(replies.Cause.WATCHDOG, replies.Crash.NO_STEP, 1, 2, 3)
    assert replies.Refused(replies.ErrorCode.WATCHDOG, 1, where).crash() == crash
    assert replies.Refused(replies.ErrorCode.WATCHDOG, 1, where[:-1]).crash() is None
    assert replies.Refused(replies.ErrorCode.OUT_OF_RANGE, 1, where).crash() is None


@given(payload=st.binary(max_size=300))
def test_no_payload_makes_a_parser_fail(payload: bytes) -> None:
    for parse in (messages.parse_request, messages.parse_reply):
        try:
            message = parse(payload)
        except MalformedError:
            continue
        assert isinstance(message, Message)
