"""Which of the measured plans are worth a place beside the default."""

from __future__ import annotations

import pytest

from edgekit.artifacts import Frontier, FrontierPoint, front


def _points(*found: tuple[int, int]) -> list[FrontierPoint]:
    """Each by (bytes of RAM, instructions)."""
    return [
        FrontierPoint(
            ram_bytes=ram_bytes, arena_bytes=ram_bytes, flash_bytes=1, rolled_layers=number,
            kernel_calls=0, moved_bytes=0, cycles=None, instructions=count, latency_us=None,
        )
        for number, (ram_bytes, count) in enumerate(found)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        ([(60, 10), (50, 11), (40, 12)], [0, 1, 2]),
        ([(60, 10), (50, 12), (52, 13), (40, 14)], [0, 1, 3]),  # larger and slower
        ([(60, 10), (50, 12), (40, 12)], [0, 2]),  # as slow, and larger
        ([(60, 10), (50, 12), (50, 11)], [0, 2]),  # as large, and slower
        ([(60, 10), (50, 11), (50, 11)], [0, 1, 2]),  # the same twice: neither beats the other
        ([(60, 10), (50, 9), (40, 12)], [0, 1, 2]),  # the default stays, beaten
        ([(60, 10), (62, 11), (40, 12)], [0, 2]),  # beaten by the default
    ],
)
def test_only_the_default_may_be_beaten(found: list[tuple[int, int]], kept: list[int]) -> None:
    assert [point.rolled_layers for point in front(_points(*found))] == kept


@pytest.mark.parametrize(("count", "beaten"), [(9, True), (10, True), (11, False)])
def test_a_default_that_is_beaten_is_known(count: int, beaten: bool) -> None:
    points = tuple(_points((60, 10), (50, count)))
    made = Frontier(board="x", source="emulator", compiler="x", model_sha256="0", points=points)
    assert made.default_is_beaten is beaten
