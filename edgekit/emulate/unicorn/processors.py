"""The processors that are emulated: what Unicorn calls them, and what their instructions cost."""

from __future__ import annotations

from dataclasses import dataclass

from edgekit.emulate.unicorn import engine as uc
from edgekit.emulate.unicorn import thumb, thumb2
from edgekit.emulate.unicorn.blocks import Decode


@dataclass(frozen=True, slots=True)
class Processor:
    """A kind of core. `decode` gives each instruction's cost; `entry_cycles` is that of an
    exception, up to its handler's first instruction."""

    architecture: str
    model: int
    decode: Decode
    entry_cycles: int


CORTEX_M0PLUS = Processor("ARMv6-M", uc.CORTEX_M0, thumb.decode, entry_cycles=15)
"""Cycles: Cortex-M0+ TRM 3.3 and 3.7, zero wait states."""
CORTEX_M33 = Processor("ARMv8-M", uc.CORTEX_M33, thumb2.decode, entry_cycles=0)
"""Instructions: see `thumb2`."""
