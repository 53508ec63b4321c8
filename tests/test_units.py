"""Sizes, times and counts as text."""

from __future__ import annotations

import pytest

from edgekit.errors import InputError
from edgekit.units import format_bytes, format_count, format_duration, format_grouped, parse_size


@pytest.mark.parametrize(
    ("text", "size"), [("264 KiB", 270_336), ("2MiB", 2 << 20), ("17", 17), ("0 B", 0)]
)
def test_sizes_are_read_with_their_unit(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "2 MB", "-1", "1.5 KiB", "KiB"])
def test_other_text_is_no_size(text: str) -> None:
    with pytest.raises(InputError, match="is not a size"):
        parse_size(text)


def test_bytes_are_exact_and_have_a_rounder_unit_beside() -> None:
    assert format_bytes(9_999) == "9 999 B"
    assert format_bytes(27_648) == "27 648 B (27.0 KiB)"
    assert format_bytes(2 << 20) == "2 097 152 B (2.0 MiB)"


def test_counts_have_three_figures() -> None:
    assert [format_count(n) for n in (512, 18_432, 7_489_664, 569e6, 1.25e9)] == [
        "512", "18.4 k", "7.49 M", "569 M", "1.25 G"
    ]  # fmt: skip


def test_all_digits_stand_in_groups_of_three() -> None:
    assert [format_grouped(n) for n in (512, 7_489_664, 1536.5)] == ["512", "7 489 664", "1 536"]


def test_durations_have_the_unit_that_people_use() -> None:
    spans = (8.1e-4, 0.0942, 3.41, 125)
    assert [format_duration(s) for s in spans] == ["810 µs", "94.2 ms", "3.41 s", "2 min 5 s"]
