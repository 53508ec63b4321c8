"""DWT: the processor's own counter."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from edgekit.emulate.unicorn.peripherals.peripheral import Peripheral, zeros

_CTRL, _CYCCNT = 0x00, 0x04
_ENABLE = 1
_WORD = 0xFFFF_FFFF


class Dwt(Peripheral):
    """CYCCNT of DDI 0553 D1.2.64, which here goes on with what the emulator counts: one for each
    instruction. `is_traced` is TRCENA of DEMCR; `looked` is called when the count is read."""

    name = "DWT"
    base = 0xE000_1000
    has_aliases = False
    registers: ClassVar = {**zeros(_CYCCNT, 0xFB0), _CTRL: 0x4000_0000}

    def __init__(
        self, now: Callable[[], int], is_traced: Callable[[], bool], looked: Callable[[], None]
    ) -> None:
        super().__init__()
        self._now, self._is_traced, self._looked = now, is_traced, looked
        self._count, self._since = 0, 0

    def load(self, offset: int) -> int:
        """CYCCNT is that of this moment."""
        if offset != _CYCCNT:
            return super().load(offset)
        self._looked()
        return self._current()

    def store(self, offset: int, value: int) -> None:
        """CYCCNT goes on from what is written; CTRL starts and stops it."""
        self._count = value if offset == _CYCCNT else self._current()
        self._since = self._now()
        super().store(offset, value)

    def _current(self) -> int:
        runs = self.values[_CTRL] & _ENABLE and self._is_traced()
        return (self._count + (self._now() - self._since if runs else 0)) & _WORD
