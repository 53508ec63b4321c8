"""Frames survive what a line does to them, or are dropped whole."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.protocol import cobs, frames

PAYLOADS = st.binary(min_size=1, max_size=frames.MAX_PAYLOAD_BYTES)


def test_a_frame_is_the_payload_its_crc_and_a_zero() -> None:
    # 0xCBF43926 is CRC-32's published check value.
    assert frames.encode(b"123456789") == b"\x0e123456789\x26\x39\xf4\xcb\x00"


@given(payload=PAYLOADS)
def test_a_payload_comes_back(payload: bytes) -> None:
    assert frames.Decoder().feed(frames.encode(payload)) == [payload]


@pytest.mark.parametrize("byte", [0, 7])
def test_the_largest_payload_comes_back(byte: int) -> None:
    payload = bytes([byte]) * frames.MAX_PAYLOAD_BYTES
    assert frames.Decoder().feed(frames.encode(payload)) == [payload]


@given(payloads=st.lists(PAYLOADS, max_size=5), data=st.data())
def test_frames_come_back_however_the_bytes_are_split(
    payloads: list[bytes], data: st.DataObject
) -> None:
    line = b"".join(map(frames.encode, payloads))
    decoder = frames.Decoder()
    found = []
    while line:
        size = data.draw(st.integers(1, len(line)))
        found += decoder.feed(line[:size])
        line = line[size:]
    assert found == payloads


@pytest.mark.parametrize("size", [1, 2, 13, 250, 254, 260, frames.MAX_PAYLOAD_BYTES])
def test_no_single_bit_error_gets_through(size: int) -> None:
    payload = bytes((7 * i * i) % 251 for i in range(size))
    frame = frames.encode(payload)
    for bit in range(8 * len(frame)):
        damaged = bytearray(frame)
        damaged[bit // 8] ^= 1 << bit % 8
        assert frames.Decoder().feed(bytes(damaged) + frames.END) == []


@given(payload=PAYLOADS, data=st.data())
def test_no_burst_within_the_payload_gets_through(payload: bytes, data: st.DataObject) -> None:
    whole = payload + zlib.crc32(payload).to_bytes(4, "little")
    burst = data.draw(st.integers(1, 2**32 - 1))
    at = data.draw(st.integers(0, len(whole) - 4))
    damaged = bytearray(whole)
    damaged[at : at + 4] = (int.from_bytes(damaged[at : at + 4], "little") ^ burst).to_bytes(
        4, "little"
    )
    assert frames.Decoder().feed(cobs.encode(bytes(damaged)) + frames.END) == []


@given(payload=PAYLOADS, garbage=st.binary(max_size=2000))
def test_a_frame_after_garbage_and_a_zero_is_found(payload: bytes, garbage: bytes) -> None:
    line = garbage + frames.END + frames.encode(payload)
    assert frames.Decoder().feed(line)[-1] == payload


@given(payload=PAYLOADS, cut=st.integers(0, 600))
def test_a_half_frame_costs_only_itself(payload: bytes, cut: int) -> None:
    frame = frames.encode(payload)
    half = frame[: min(cut, len(frame) - 2)]
    assert frames.Decoder().feed(half + frames.END + frame) == [payload]


def test_memory_stays_bounded_on_a_line_without_zeros() -> None:
    decoder = frames.Decoder()
    for _ in range(100):
        assert decoder.feed(b"\x55" * 10_000) == []
    assert len(decoder._held) <= 2 * frames.MAX_PAYLOAD_BYTES
    assert decoder.feed(frames.END + frames.encode(b"after")) == [b"after"]


def test_a_frame_that_is_too_long_is_dropped() -> None:
    payload = b"x" * (frames.MAX_PAYLOAD_BYTES + 1)
    frame = cobs.encode(payload + zlib.crc32(payload).to_bytes(4, "little")) + frames.END
    assert frames.Decoder().feed(frame) == []


def test_a_frame_of_nothing_but_its_crc_is_dropped() -> None:
    assert frames.Decoder().feed(cobs.encode(bytes(4)) + frames.END) == []
