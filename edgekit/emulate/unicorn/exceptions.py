"""Exception entry and return of M-profile processors, which Unicorn leaves to us.

Without floating point. ARMv6-M: DDI 0419E B1.5.6 and B1.5.8; ARMv8-M, in secure state only:
DDI 0553B.l B3.18 and B3.20.
"""

from __future__ import annotations

import struct
from typing import Any

from edgekit.emulate.unicorn import engine as uc

HARD_FAULT, SV_CALL = 3, 11

_FRAME = struct.Struct("<8I")
_FRAME_REGISTERS = (*range(uc.R0, uc.R0 + 4), uc.R12, uc.LR)
_RETURN_TO_HANDLER, _RETURN_TO_THREAD = 0xFFFF_FFF1, 0xFFFF_FFF9
_ALIGNED = 1 << 9
_THUMB = 1 << 24
_EXCEPTION_NUMBER = 0x1FF
_FLAGS = 0xF80F_0000
"""What a handler starts with: N, Z, C, V; Q and GE where there are any."""
_IT_STATE = 0x0600_FC00
"""How far an IT block had come; 0 on ARMv6-M."""


class LockupError(Exception):
    """The processor can go nowhere from here; only a reset helps."""


def enter(engine: Any, number: int, return_to: int, vectors: int) -> None:
    """Pushes a frame and starts the handler of exception `number`.

    Raises `LockupError` for a fault inside the fault handler, or a handler that is not there.
    """
    active = engine.reg_read(uc.IPSR) & _EXCEPTION_NUMBER
    if active == HARD_FAULT:
        raise LockupError("it happened inside the hard fault handler")
    if engine.reg_read(uc.CONTROL) & 2:
        raise LockupError("an exception on the process stack, which is not emulated")
    _push_frame(engine, return_to)
    handler = _read_vector(engine, vectors, number)
    engine.reg_write(uc.LR, _RETURN_TO_HANDLER if active else _RETURN_TO_THREAD)
    _set_state(engine, engine.reg_read(uc.XPSR) & _FLAGS, number)
    engine.reg_write(uc.PC, handler)


def leave(engine: Any) -> None:
    """Goes back to where the exception came from: the PC holds an exception return value."""
    stack = engine.reg_read(uc.SP)
    try:
        frame = _FRAME.unpack(bytes(engine.mem_read(stack, _FRAME.size)))
    except uc.EngineError:
        raise LockupError(f"no frame to return to at 0x{stack:08x}") from None
    *values, return_to, xpsr = frame
    for register, value in zip(_FRAME_REGISTERS, values, strict=True):
        engine.reg_write(register, value)
    engine.reg_write(uc.SP, stack + _FRAME.size + (4 if xpsr & _ALIGNED else 0))
    _set_state(engine, xpsr & (_FLAGS | _IT_STATE), xpsr & _EXCEPTION_NUMBER)
    engine.reg_write(uc.PC, return_to | 1)


def _push_frame(engine: Any, return_to: int) -> None:
    """A stack that lies outside memory takes no frame; the handler starts all the same."""
    stack = engine.reg_read(uc.SP)
    aligned = (stack - _FRAME.size) & ~7
    state = engine.reg_read(uc.XPSR) & (_FLAGS | _IT_STATE | _EXCEPTION_NUMBER)
    xpsr = state | _THUMB | (_ALIGNED if stack & 4 else 0)
    values = [engine.reg_read(register) for register in _FRAME_REGISTERS]
    engine.reg_write(uc.SP, aligned & 0xFFFF_FFFF)
    try:
        engine.mem_write(aligned & 0xFFFF_FFFF, _FRAME.pack(*values, return_to & ~1, xpsr))
    except uc.EngineError:
        return


def _read_vector(engine: Any, vectors: int, number: int) -> int:
    try:
        handler = int.from_bytes(engine.mem_read(vectors + 4 * number, 4), "little")
    except uc.EngineError:
        handler = 0
    if not handler & 1:
        raise LockupError(f"the vector of exception {number} leads nowhere: 0x{handler:08x}")
    return handler


def _set_state(engine: Any, flags: int, number: int) -> None:
    engine.reg_write(uc.XPSR, flags | _THUMB | number)
