"""RESETS: peripherals are held in reset until the firmware lets them go."""

from __future__ import annotations

from typing import ClassVar

from edgekit.emulate.unicorn.peripherals.peripheral import Peripheral

_RESET, _DONE = 0x0, 0x8


class Resets(Peripheral):
    """RP2040 datasheet 2.14. A peripheral let go is ready at once."""

    name = "RESETS"
    base = 0x4000_C000
    everything: ClassVar = 0x01FF_FFFF
    # The boot ROM has taken out of reset what it reads flash with: IO_QSPI and PADS_QSPI.
    registers: ClassVar = {_RESET: everything & ~(1 << 6 | 1 << 9), 0x4: 0, _DONE: 0}

    def load(self, offset: int) -> int:
        """RESET_DONE is the reverse of RESET."""
        return ~self.values[_RESET] & self.everything if offset == _DONE else super().load(offset)

    def is_held(self, bit: int) -> bool:
        """Whether the peripheral of that bit is in reset."""
        return bool(self.values[_RESET] >> bit & 1)
