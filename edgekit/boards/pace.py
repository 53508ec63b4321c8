"""How slow a board may be at the very most: what timeouts on both sides of the line go by."""

from __future__ import annotations

_WORST_CYCLES_PER_MAC = 64
"""Twice what unoptimised C takes on a Cortex-M0+."""


def longest_s(macs: int, clock_hz: int) -> float:
    """Seconds that so many multiply-accumulates may take, in plain C on the slowest core."""
    return macs * _WORST_CYCLES_PER_MAC / clock_hz
