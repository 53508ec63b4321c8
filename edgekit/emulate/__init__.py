"""Emulated boards, one engine per package; each runs as a process of its own."""

from edgekit.emulate.image import flash_image
from edgekit.emulate.messages import Statistics
from edgekit.emulate.running import RunningBoard, start

__all__ = ["NOTES", "RunningBoard", "Statistics", "flash_image", "start"]

NOTES = (
    "Cycles are those of the Cortex-M0+ with zero wait states; misses of the flash cache (XIP),"
    " which a real RP2040 has on top, are not modelled.",
)
"""What every report of emulated cycles must say."""
