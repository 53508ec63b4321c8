"""What is said of a board that went down: its watchdog bit, or its processor gave up."""

from __future__ import annotations

from edgekit.errors import BoardCrashedError
from edgekit.protocol.replies import Cause, Crash

# Armv7-M manual (DDI 0403E) B3.2.15, CFSR.
_STATUS_BITS = {
    0: "code in memory that holds none",
    1: "a data access that is not allowed",
    8: "code that cannot be fetched",
    9: "a data access that failed",
    10: "a data access that failed, some instructions before",
    12: "no room for an exception on the stack",
    16: "an undefined instruction",
    17: "a jump out of Thumb state",
    18: "a bad return from an exception",
    19: "a floating-point instruction with the unit off",
    20: "the stack's limit was passed",
    24: "an unaligned access",
    25: "a division by zero",
}


def is_crash(crash: Crash) -> bool:
    """Whether the board went down by itself."""
    return crash.cause in (Cause.FAULT, Cause.WATCHDOG)


def error(port: str, crash: Crash) -> BoardCrashedError:
    """What the user hears."""
    place = f" {_place(crash)}" if _place(crash) else ""
    if crash.cause == Cause.WATCHDOG:
        return BoardCrashedError(
            f"the board on {port} was restarted by its watchdog: the firmware hung{place}",
            hint=_hint(
                crash, "Build and flash again with this edgekit; if it hangs again, report it."
            ),
        )
    return BoardCrashedError(
        f"the processor of the board on {port} gave up{place}", hint=_hint(crash, "")
    )


def _place(crash: Crash) -> str:
    """ "in step 3 at pc 0x…, lr 0x…, cfsr 0x… (a division by zero)", as far as it is known."""
    known = [f"in step {crash.step} of the model"] if crash.step != Crash.NO_STEP else []
    if crash.pc:
        known.append(f"at pc 0x{crash.pc:08x}, lr 0x{crash.lr:08x}")
    place = " ".join(known)
    if crash.status:
        place += f", cfsr 0x{crash.status:08x} ({'; '.join(_reasons(crash.status))})"
    return place


def _reasons(status: int) -> list[str]:
    known = [words for bit, words in _STATUS_BITS.items() if status >> bit & 1]
    return known or ["no known reason"]


def _hint(crash: Crash, otherwise: str) -> str:
    if not crash.pc:
        return (
            otherwise
            or "The stack may have overflowed: see the stack's reserve in the board's file."
        )
    return f"arm-none-eabi-addr2line -fe firmware.elf 0x{crash.pc:08x} names the line."
