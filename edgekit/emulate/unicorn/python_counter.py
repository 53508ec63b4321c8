"""Counts cycles in Python: works everywhere, some ten times slower than the native counter."""

from __future__ import annotations

import ctypes
from typing import Any

from edgekit.emulate.unicorn.counter import NEVER, Host
from edgekit.emulate.unicorn.engine import BLOCK_HOOK, hook_blocks
from edgekit.emulate.unicorn.memory import Memory

_Known = tuple[int, int, int, int, "bytes | None"]
"""Bytes, cycles, instructions and fallthrough of a block; its code when that is in RAM."""


class PythonCounter:
    """See `counter.Counter`. Blocks in RAM are measured again when their bytes have changed."""

    kind = "python"

    def __init__(self, host: Host, memory: Memory) -> None:
        self.cycles = 0
        self.instructions = 0
        self.service_at = NEVER
        self.current = 0
        self.entered = 0
        self._fallthrough = 0
        self._host = host
        self._ram = memory.ram
        self._ram_base = memory.ram_base
        self._known: dict[int, _Known] = {}
        self._callback = BLOCK_HOOK(self._enter_block)

    def add(self, cycles: int) -> None:
        """Counts cycles that no block accounts for; takes them back when negative."""
        self.cycles += cycles

    def attach(self, engine: Any) -> None:
        """Hooks itself into a Unicorn engine."""
        hook_blocks(engine, ctypes.cast(self._callback, ctypes.c_void_p), None)

    def forget(self) -> None:
        """Measures every block anew."""
        self._known.clear()

    def interrupt(self) -> None:
        """Control went elsewhere by no branch: the last block's branch was not taken."""
        self._fallthrough = 0

    def _enter_block(self, _engine: int, address: int, size: int, _user: int) -> None:
        known = self._known.get(address)
        if known is None or known[0] != size or (known[4] is not None and self._changed(address)):
            known = self._measure(address, size)
            if known is None:
                return
        _, cycles, instructions, fallthrough, _ = known
        if self._fallthrough and self._fallthrough != address:
            cycles += 1
        self.current = address
        self.entered += 1
        self.cycles += cycles
        self.instructions += instructions
        self._fallthrough = fallthrough
        if self.cycles >= self.service_at:
            self._host.service()

    def _changed(self, address: int) -> bool:
        size, *_, code = self._known[address]
        at = address - self._ram_base
        return bytes(self._ram[at : at + size]) != code

    def _measure(self, address: int, size: int) -> _Known | None:
        block = self._host.measure(address, size)
        if block is None:
            return None
        at = address - self._ram_base
        code = bytes(self._ram[at : at + size]) if 0 <= at < len(self._ram) else None
        known = (size, block.cycles, block.instructions, block.fallthrough, code)
        self._known[address] = known
        return known
