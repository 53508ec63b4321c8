"""Counts cycles in C: `hook.c`, compiled on first use by the machine's own compiler."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

from edgekit.artifacts import sha256
from edgekit.emulate.unicorn.counter import NEVER, Host
from edgekit.emulate.unicorn.engine import hook_blocks
from edgekit.emulate.unicorn.memory import Area, Memory
from edgekit.errors import InputError, ToolError
from edgekit.paths import cache_folder
from edgekit.process import host_compiler, run_tool

_SOURCE = Path(__file__).with_name("hook.c")
_FLAGS = ("-O2", "-std=c11", "-shared", "-fPIC")
_ZIG_CACHES = ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR")
_BUILD_TIMEOUT_S = 120.0


class _Block(ctypes.Structure):
    _fields_ = (
        ("bytes", ctypes.c_uint32),
        ("cycles", ctypes.c_uint32),
        ("instructions", ctypes.c_uint32),
        ("fallthrough", ctypes.c_uint32),
    )


class _Region(ctypes.Structure):
    _fields_ = (
        ("blocks", ctypes.POINTER(_Block)),
        ("mask", ctypes.c_uint32),
        ("unused", ctypes.c_uint32),
        ("memory", ctypes.c_void_p),
        ("seen", ctypes.c_void_p),
    )


_MEASURE = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32)
_SERVICE = ctypes.CFUNCTYPE(None)


class _State(ctypes.Structure):
    _fields_ = (
        ("cycles", ctypes.c_uint64),
        ("instructions", ctypes.c_uint64),
        ("entered", ctypes.c_uint64),
        ("service_at", ctypes.c_uint64),
        ("fallthrough", ctypes.c_uint32),
        ("current", ctypes.c_uint32),
        ("measure", _MEASURE),
        ("service", _SERVICE),
        ("regions", _Region * 16),
    )


def build() -> Path:
    """The compiled hook; compiles it unless the cache has it already.

    Raises `MissingToolError` without a compiler, `ToolError` when the compiler fails.
    """
    compiler = host_compiler()
    key = sha256(_SOURCE.read_bytes() + repr((_FLAGS, sys.platform, platform.machine())).encode())
    target = cache_folder() / f"emulator-hook-{key[:16]}.so"
    if not target.exists():
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            built = Path(folder) / "hook.so"
            run_tool(
                [*compiler, *_FLAGS, str(_SOURCE), "-o", str(built)],
                timeout_s=_BUILD_TIMEOUT_S,
                env={**os.environ, **dict.fromkeys(_ZIG_CACHES, str(cache_folder() / "zig"))},
            )
            built.replace(target)  # whole or not at all: others may be building it too
    return target


class NativeCounter:
    """See `counter.Counter`. The numbers live in a struct that the C function changes."""

    kind = "native"

    def __init__(self, host: Host, memory: Memory) -> None:
        try:
            self._library = ctypes.CDLL(str(build()))
        except (OSError, InputError) as error:
            raise ToolError(f"the native cycle counter does not load: {error}") from None
        self._host = host
        self._measured: list[_Block] = []
        self._keep: list[Any] = []
        self._state = _State(
            service_at=NEVER, measure=_MEASURE(self._measure), service=_SERVICE(host.service)
        )
        for area in (memory.rom_area, memory.flash_area, memory.ram_area):
            self._add_region(area, is_ram=area is memory.ram_area)

    @property
    def cycles(self) -> int:
        """Cycles so far."""
        return int(self._state.cycles)

    @property
    def instructions(self) -> int:
        """Instructions so far."""
        return int(self._state.instructions)

    @property
    def service_at(self) -> int:
        """Cycles at which the host is called."""
        return int(self._state.service_at)

    @service_at.setter
    def service_at(self, value: int) -> None:
        self._state.service_at = value

    @property
    def current(self) -> int:
        """The address of the block being run."""
        return int(self._state.current)

    @property
    def entered(self) -> int:
        """How many blocks have been entered."""
        return int(self._state.entered)

    def add(self, cycles: int) -> None:
        """Counts cycles that no block accounts for; takes them back when negative."""
        self._state.cycles += cycles

    def attach(self, engine: Any) -> None:
        """Hooks itself into a Unicorn engine."""
        function = ctypes.cast(self._library.edgekit_enter_block, ctypes.c_void_p)
        hook_blocks(engine, function, ctypes.byref(self._state))

    def forget(self) -> None:
        """Measures every block anew."""
        for entry in self._measured:
            entry.bytes = 0
        self._measured.clear()

    def interrupt(self) -> None:
        """Control went elsewhere by no branch: the last block's branch was not taken."""
        self._state.fallthrough = 0

    def _add_region(self, area: Area, *, is_ram: bool) -> None:
        span = 1 << (len(area.buffer) - 1).bit_length()
        blocks = (_Block * (span // 2))()
        seen = (ctypes.c_uint8 * span)() if is_ram else None
        self._keep += [blocks, seen]
        region = self._state.regions[area.base >> 28]
        region.blocks = ctypes.cast(blocks, ctypes.POINTER(_Block))
        region.mask = span - 1
        region.memory = area.address
        region.seen = ctypes.addressof(seen) if seen is not None else None

    def _measure(self, address: int, size: int) -> int:
        found = self._host.measure(address, size)
        if found is None:
            return 0
        region = self._state.regions[address >> 28]
        offset = address & region.mask
        entry = region.blocks[offset >> 1]
        self._measured.append(entry)
        entry.bytes, entry.cycles = size, found.cycles
        entry.instructions, entry.fallthrough = found.instructions, found.fallthrough
        if region.seen:
            ctypes.memmove(region.seen + offset, region.memory + offset, size)
        return 1


def create(host: Host, memory: Memory) -> NativeCounter | None:
    """The native counter, or None on a machine that cannot compile it."""
    with contextlib.suppress(ToolError):
        return NativeCounter(host, memory)
    return None
