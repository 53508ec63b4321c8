"""SIO: which core this is, pins, FIFOs between cores, spinlocks, and the divider."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from edgekit.emulate.unicorn.peripherals.peripheral import Peripheral, zeros

_WORD = 0xFFFF_FFFF
_CPUID = 0x00
_OUT, _OUT_ENABLE = 0x10, 0x20
_UDIVIDEND, _SDIVIDEND, _QUOTIENT, _REMAINDER, _DIVIDER_STATUS = 0x60, 0x68, 0x70, 0x74, 0x78
_SPINLOCKS = range(0x100, 0x180, 4)
_FIFO_STATUS, _FIFO_WRITE, _FIFO_READ = 0x50, 0x54, 0x58
_VALID, _READY, _OVERFLOW, _UNDERFLOW = 1, 2, 4, 8


class Fifo:
    """Words from one core to the other, each with the time at which it was sent."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._words: deque[tuple[int, int]] = deque()

    def __bool__(self) -> bool:
        return bool(self._words)

    @property
    def is_full(self) -> bool:
        """Whether another word would be lost."""
        return len(self._words) >= self._capacity

    @property
    def first_time(self) -> int:
        """When the oldest word was sent."""
        return self._words[0][0]

    def push(self, time: int, word: int) -> None:
        """Sends a word; a full FIFO drops it."""
        if not self.is_full:
            self._words.append((time, word))

    def has_word(self, now: int) -> bool:
        """Whether a word has come by then."""
        return bool(self._words) and self._words[0][0] <= now

    def pop(self) -> int:
        """The oldest word."""
        return self._words.popleft()[1]

    def clear(self) -> None:
        """Forgets all words."""
        self._words.clear()


@dataclass(frozen=True, slots=True)
class Shared:
    """What the cores share, as one of them sees it; `locks` are the spinlocks that are taken."""

    inbox: Fifo
    outbox: Fifo
    locks: set[int]


class Sio(Peripheral):
    """RP2040 datasheet 2.3.1, as one core sees it. The interpolators are not modelled.

    `sent` takes a word for the other core; `emptied` is called when this one looks for a word and
    there is none.
    """

    name = "SIO"
    base = 0xD000_0000
    has_aliases = False
    fifo_words: ClassVar = 8
    registers: ClassVar = {
        **zeros(range(0x00, 0x0C, 4), range(0x10, 0x30, 4)),
        **zeros(_FIFO_STATUS, _FIFO_WRITE, _FIFO_READ, 0x5C),
        **zeros(range(0x60, 0x7C, 4), _SPINLOCKS),
        _DIVIDER_STATUS: 1,
    }

    def __init__(
        self,
        core: int,
        shared: Shared,
        now: Callable[[], int],
        *,
        sent: Callable[[int], None],
        emptied: Callable[[], None],
    ) -> None:
        super().__init__()
        self.values[_CPUID] = core
        self._inbox, self._outbox, self._locks = shared.inbox, shared.outbox, shared.locks
        self._now, self._sent, self._emptied = now, sent, emptied

    def load(self, offset: int) -> int:
        """Reading a spinlock takes it when it is free; reading the FIFO takes a word."""
        if offset == _FIFO_STATUS:
            return self._status()
        if offset == _FIFO_READ:
            return self._receive()
        if offset in _SPINLOCKS:
            number = (offset - _SPINLOCKS.start) // 4
            was_free = number not in self._locks
            self._locks.add(number)
            return 1 << number if was_free else 0
        return super().load(offset)

    def store(self, offset: int, value: int) -> None:
        """Pins by value, set, clear and toggle; the divider's operands; releases of locks."""
        if offset in _SPINLOCKS:
            self._locks.discard((offset - _SPINLOCKS.start) // 4)
        elif offset == _FIFO_STATUS:
            self.values[_FIFO_STATUS] = 0  # any write clears what went wrong
        elif offset == _FIFO_WRITE:
            self._send(value)
        elif offset in range(_OUT, 0x30, 4):
            self._store_pins(offset & ~0xF, offset >> 2 & 3, value)
        else:
            super().store(offset, value)
            if _UDIVIDEND <= offset < _QUOTIENT:
                self._divide(is_signed=offset >= _SDIVIDEND)

    def _status(self) -> int:
        valid = self._inbox.has_word(self._now())
        if not valid:
            self._emptied()
        return (
            self.values[_FIFO_STATUS]
            | (_VALID if valid else 0)
            | (0 if self._outbox.is_full else _READY)
        )

    def _receive(self) -> int:
        if self._inbox.has_word(self._now()):
            return self._inbox.pop()
        self.values[_FIFO_STATUS] |= _UNDERFLOW
        return 0

    def _send(self, word: int) -> None:
        if self._outbox.is_full:
            self.values[_FIFO_STATUS] |= _OVERFLOW
        else:
            self._sent(word)

    def _store_pins(self, register: int, how: int, value: int) -> None:
        old = self.values[register]
        self.values[register] = (value, old | value, old & ~value, old ^ value)[how]

    def _divide(self, *, is_signed: bool) -> None:
        """The operands may be written in any order; the last one written starts the division."""
        first = _SDIVIDEND if is_signed else _UDIVIDEND
        dividend, divisor = self.values[first], self.values[first + 4]
        if is_signed:
            dividend, divisor = _signed(dividend), _signed(divisor)
        quotient, remainder = _divided(dividend, divisor)
        self.values[_QUOTIENT], self.values[_REMAINDER] = quotient & _WORD, remainder & _WORD


def _divided(dividend: int, divisor: int) -> tuple[int, int]:
    """Rounds toward zero. By zero: all ones for a dividend >= 0, else 1 (2.3.1.5)."""
    if divisor == 0:
        return (-1 if dividend >= 0 else 1), dividend
    quotient = abs(dividend) // abs(divisor)
    if (dividend < 0) != (divisor < 0):
        quotient = -quotient
    return quotient, dividend - quotient * divisor


def _signed(word: int) -> int:
    return word - (1 << 32) if word >> 31 else word
