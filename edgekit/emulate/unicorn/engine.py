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
_TLB_FILL = ctypes.CFUNCTYPE(
    ctypes.c_bool,
    ctypes.c_void_p,
    ctypes.c_uint64,
    ctypes.c_int,
    ctypes.POINTER(binding.uc_tlb_entry),
    ctypes.c_void_p,
)
_MMIO_READ = ctypes.CFUNCTYPE(
    ctypes.c_uint64, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint, ctypes.c_void_p
)
_MMIO_WRITE = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint, ctypes.c_uint64, ctypes.c_void_p
)

EngineError = unicorn.UcError

PAGE_BYTES = 8192
"""All mappings are whole pages. The engine's 1 KiB would be too many for its table of pages, in
which a miss costs microseconds; 8 KiB is the largest that divides the SRAM of RP2040 and RP2350."""

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
UNDEFINED, SUPERVISOR_CALL, BREAKPOINT, EXCEPTION_EXIT = 1, 2, 7, 8

CORTEX_M0, CORTEX_M33 = arm_const.UC_CPU_ARM_CORTEX_M0, arm_const.UC_CPU_ARM_CORTEX_M33

READ_ONLY = unicorn.UC_PROT_READ | unicorn.UC_PROT_EXEC
READ_WRITE = unicorn.UC_PROT_ALL


def create(model: int) -> Any:
    """A Cortex-M in Thumb state, without any memory.

    There is no MMU, so a function of our own translates addresses, to themselves. It keeps the
    engine from watching for stores into code, which makes every store forty times slower: who
    runs code that changes must call `forget_code`.
    """
    engine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS)
    engine.ctl_set_page_size(PAGE_BYTES)
    engine.ctl_set_cpu_model(model)
    engine.ctl_set_tlb_mode(unicorn.UC_TLB_VIRTUAL)
    _add_hook(engine, unicorn.UC_HOOK_TLB_FILL, ctypes.cast(_translate, ctypes.c_void_p), None)
    return engine


def forget_code(engine: Any) -> None:
    """Drops all translated code: it is translated again from what is in memory."""
    engine.ctl_flush_tb()


def hook_blocks(engine: Any, function: ctypes.c_void_p, user: Any) -> None:
    """Calls `function` (a `BLOCK_HOOK` or a native one) with `user` at every block's entry."""
    _add_hook(engine, unicorn.UC_HOOK_BLOCK, function, user)


def hook_exceptions(engine: Any, call: Callable[[int], None]) -> None:
    """Calls `call(number)` for what the engine does not do itself, SVC and BKPT for example."""
    engine.hook_add(unicorn.UC_HOOK_INTR, lambda _engine, number, _user: call(number))


def hook_instruction(engine: Any, address: int, call: Callable[[], None]) -> None:
    """Calls `call()` before the instruction at `address` runs. Code must be translated anew."""
    engine.hook_add(unicorn.UC_HOOK_CODE, lambda *_arguments: call(), begin=address, end=address)


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


def _add_hook(engine: Any, kind: int, function: ctypes.c_void_p, user: Any) -> None:
    handle = ctypes.c_size_t()
    _check(
        binding.uclib.uc_hook_add(
            engine._uch,
            ctypes.byref(handle),
            kind,
            function,
            user,
            ctypes.c_uint64(1),
            ctypes.c_uint64(0),
        )
    )


def _check(error: int) -> None:
    if error != unicorn.UC_ERR_OK:
        raise EngineError(error)


_IT_STATE = 0x0600_FC00


def _end_it_block(engine: int) -> None:
    """Takes back a note of the engine's: where a load in an IT block misses its table of pages, it
    (2.1.4) notes how far the block has come, and goes on without taking that back. Instructions
    behind the next indirect branch were skipped by it."""
    state = ctypes.c_uint32()
    binding.uclib.uc_reg_read(ctypes.c_void_p(engine), XPSR, ctypes.byref(state))
    if state.value & _IT_STATE:
        state.value &= ~_IT_STATE
        binding.uclib.uc_reg_write(ctypes.c_void_p(engine), XPSR, ctypes.byref(state))


def _translate_address(engine: int, address: int, access: int, entry: Any, _user: int) -> bool:
    """Every address is where it is. A page never allows stores and fetches at once, which is what
    the engine would watch; whether it may be written at all is up to what is mapped there."""
    is_fetch = access == unicorn.UC_MEM_FETCH
    if not is_fetch:
        _end_it_block(engine)
    entry.contents.paddr = address & -PAGE_BYTES
    entry.contents.perms = READ_ONLY if is_fetch else unicorn.UC_PROT_READ | unicorn.UC_PROT_WRITE
    return True


_translate = _TLB_FILL(_translate_address)
