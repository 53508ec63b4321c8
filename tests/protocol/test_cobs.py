"""COBS against the paper's examples, and as an encoding in general."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.protocol import cobs

_NONZERO = bytes(range(1, 255))


@pytest.mark.parametrize(
    ("data", "encoded"),
    [
        (b"", b"\x01"),
        (b"\0", b"\x01\x01"),
        (b"\0\0", b"\x01\x01\x01"),
        (b"\x11\x22\0\x33", b"\x03\x11\x22\x02\x33"),
        (b"\x11\0\0\0", b"\x02\x11\x01\x01\x01"),
        (_NONZERO, b"\xff" + _NONZERO),
        (b"\0" + _NONZERO, b"\x01\xff" + _NONZERO),
        (_NONZERO + b"\xff", b"\xff" + _NONZERO + b"\x02\xff"),
        (_NONZERO + b"\0", b"\xff" + _NONZERO + b"\x01\x01"),
    ],
)
def test_known_encodings(data: bytes, encoded: bytes) -> None:
    assert cobs.encode(data) == encoded
    assert cobs.decode(encoded) == data


def test_a_full_last_group_may_be_followed_by_an_empty_one() -> None:
    assert cobs.decode(b"\xff" + _NONZERO + b"\x01") == _NONZERO


@given(data=st.binary(max_size=1200) | st.integers(0, 1200).map(lambda size: b"\x07" * size))
def test_any_bytes_come_back_without_a_zero_between_and_within_the_overhead(data: bytes) -> None:
    encoded = cobs.encode(data)
    assert 0 not in encoded
    assert len(encoded) <= len(data) + cobs.overhead(len(data))
    assert cobs.decode(encoded) == data


@pytest.mark.parametrize("damaged", [b"", b"\x03\x11", b"\x02\0", b"\x02\x11\xff"])
def test_what_is_no_encoding_is_none(damaged: bytes) -> None:
    assert cobs.decode(damaged) is None


@given(junk=st.binary(max_size=600))
def test_no_bytes_make_the_decoder_fail(junk: bytes) -> None:
    decoded = cobs.decode(junk)
    assert decoded is None or len(decoded) < len(junk)
