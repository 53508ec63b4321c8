"""Unicorn, and the parts of its C interface that its Python package hides.

The only module that imports it. Callbacks go in as bare ctypes functions: the package's own
wrappers cost three times as much per call, and cannot take a native function at all.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import unicorn
from unicorn import arm_const
from unicorn.unicorn_py3 import unicorn as binding

BLOCK_HOOK = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint32, ctypes.c_void_p
)
_MMIO_READ = ctypes.CFUNCTYPE(
    ctypes.c_uint64, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint, ctypes.c_void_p
)
_MMIO_WRITE = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint, ctypes.c_uint64, ctypes.c_void_p
)

EngineError = unicorn.UcError

SP, LR, PC = arm_const.UC_ARM_REG_SP, arm_const.UC_ARM_REG_LR, arm_const.UC_ARM_REG_PC
XPSR, IPSR = arm_const.UC_ARM_REG_XPSR, arm_const.UC_ARM_REG_IPSR
PRIMASK, CONTROL = arm_const.UC_ARM_REG_PRIMASK, arm_const.UC_ARM_REG_CONTROL
R0, R12 = arm_const.UC_ARM_REG_R0, arm_const.UC_ARM_REG_R12
REGISTERS = {
    **{f"r{number}": R0 + number for number in range(13)},
    "sp": SP,
    "lr": LR,
    "pc": PC,
    "xpsr": XPSR,
}

# Exception numbers that the engine gives to an interrupt hook.
SUPERVISOR_CALL, BREAKPOINT, EXCEPTION_EXIT = 2, 7, 8

READ_ONLY = unicorn.UC_PROT_READ | unicorn.UC_PROT_EXEC
READ_WRITE = unicorn.UC_PROT_ALL
_TRANSLATIONS_BYTES = 64 << 20


def create() -> Any:
    """A Cortex-M0 in Thumb state, without any memory."""
    engine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS)
    engine.ctl_set_cpu_model(arm_const.UC_CPU_ARM_CORTEX_M0)
    return engine


def hook_blocks(engine: Any, function: ctypes.c_void_p, user: Any) -> None:
    """Calls `function` (a `BLOCK_HOOK` or a native one) with `user` at every block's entry."""
    handle = ctypes.c_size_t()
    _check(
        binding.uclib.uc_hook_add(
            engine._uch,
            ctypes.byref(handle),
            unicorn.UC_HOOK_BLOCK,
            function,
            user,
            ctypes.c_uint64(1),
            ctypes.c_uint64(0),
        )
    )


def hook_exceptions(engine: Any, call: Callable[[int], None]) -> None:
    """Calls `call(number)` for what the engine does not do itself, SVC and BKPT for example."""
    engine.hook_add(unicorn.UC_HOOK_INTR, lambda _engine, number, _user: call(number))


def map_registers(
    engine: Any,
    base: int,
    size: int,
    read: Callable[[int, int], int],
    write: Callable[[int, int, int], None],
) -> object:
    """Maps registers. `read(address, bytes)` and `write(address, bytes, value)` must not raise.

    The result must be kept as long as the engine.
    """
    on_read = _MMIO_READ(lambda _engine, offset, count, _user: read(base + offset, count))
    on_write = _MMIO_WRITE(
        lambda _engine, offset, count, value, _user: write(base + offset, count, value)
    )
    _check(
        binding.uclib.uc_mmio_map(
            engine._uch,
            ctypes.c_uint64(base),
            ctypes.c_size_t(size),
            ctypes.cast(on_read, ctypes.c_void_p),
            None,
            ctypes.cast(on_write, ctypes.c_void_p),
            None,
        )
    )
    return on_read, on_write


def _check(error: int) -> None:
    if error != unicorn.UC_ERR_OK:
        raise EngineError(error)
