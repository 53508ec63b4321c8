"""Core 1: asleep in the boot ROM until core 0 launches it, then run from message to message.

The cores meet at the FIFOs between them and nowhere else. When core 0 has sent a word, core 1 runs
at once until it waits for another, on a clock of its own. What it sends carries the time at
which it was sent, and core 0 finds it there no sooner. So both take as long as they would side by
side, but code that meets through memory alone is not emulated as it would run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edgekit.emulate.unicorn.bus import Bus
from edgekit.emulate.unicorn.core import Build, Core
from edgekit.emulate.unicorn.peripherals.resets import Resets
from edgekit.emulate.unicorn.peripherals.sio import Fifo, Shared, Sio
from edgekit.emulate.unicorn.spinning import Spinning

_AHEAD_CYCLES = 2_000_000
"""How far core 1 may run ahead of core 0 before it waits for it."""
_LAUNCH = 6
"""Words of a launch: 0, 0, 1, the vector table, the stack pointer, the entry (datasheet 2.8.2)."""
_FIXED = (0, 0, 1)


@dataclass(frozen=True, slots=True)
class Ties:
    """What ties core 1 to the rest: the time on core 0, and where its messages go."""

    now: Callable[[], int]
    report: Callable[[str], None]
    fault: Callable[[str], None]


class SecondCore:
    """Core 1 of one chip, from a reset on. `inbox` is what core 0 sends, `outbox` what it gets."""

    def __init__(self, build: Build, make_sio: type[Sio], ties: Ties) -> None:
        self._build, self._make_sio, self._ties = build, make_sio, ties
        self._core: Core | None = None
        self.reset()

    def reset(self) -> None:
        """Back into the boot ROM."""
        words = self._make_sio.fifo_words
        self.inbox, self.outbox, self.locks = Fifo(words), Fifo(words), set[int]()
        self._launch: deque[int] = deque(maxlen=_LAUNCH)
        self._running = self._waiting = False
        self._vectors = 0

    def restart(self) -> None:
        """Core 0 has switched it off and on: back into the boot ROM, which says so with a 0."""
        self.inbox.clear()
        self._launch.clear()
        self._running = self._waiting = False
        self.outbox.push(self._ties.now(), 0)

    @property
    def instructions(self) -> int:
        """Instructions so far."""
        return self._core.counter.instructions if self._core else 0

    @property
    def is_ahead(self) -> bool:
        """Whether it is busy, and core 0 far behind: there is nothing from it before `time`."""
        return self._running and not self._waiting and self.time > self._ties.now() + _AHEAD_CYCLES

    @property
    def time(self) -> int:
        """What time it is on core 1, in cycles."""
        return self._core.counter.cycles if self._core else 0

    def sent(self, word: int) -> None:
        """Core 0 has sent a word."""
        if self._running:
            self.inbox.push(self._ties.now(), word)
            self.catch_up()
        else:
            self._obey_rom(word)

    def catch_up(self) -> None:
        """Runs until there is nothing to do, or core 0 is far behind."""
        if self.is_ahead:
            return
        while self._running and (self.inbox or not self._waiting):
            assert self._core is not None
            if self._waiting:
                self._skip_to(self.inbox.first_time)
                self._waiting = False
            self._core.run()
            if not self._waiting:
                return

    # What core 1 is in: see `surrounding.Surrounding`.

    def read(self, address: int, size: int) -> int:
        """Its own view of SIO; nothing else is for core 1."""
        return self._bus.read(address, size)

    def write(self, address: int, size: int, value: int) -> None:
        """As `read`."""
        self._bus.write(address, size, value)

    def vectors(self) -> int:
        """The table that the launch named."""
        return self._vectors

    def interrupt(self, active: Sequence[int]) -> int | None:  # noqa: ARG002
        """None is emulated for it."""
        return None

    def taken(self, exception: int) -> None:
        """Never called: see `interrupt`."""

    def wait(self) -> None:
        """WFI without an interrupt that could come: asleep until the next reset."""
        self._ties.report("core 1 waits for an interrupt, and none is emulated for it")
        self._pause()

    def service(self) -> None:
        """Stops where core 0 is too far behind."""
        self._serve_later()
        if self._now() > self._ties.now() + _AHEAD_CYCLES:
            self._halt()

    def bootloader(self) -> None:
        """Core 1 cannot take firmware."""
        self._ties.report("core 1 called the bootloader")
        self._pause()

    def fault(self, message: str) -> None:
        """Told as core 0's are."""
        self._ties.fault(f"core 1: {message}")

    def _obey_rom(self, word: int) -> None:
        """The boot ROM sends every word of a launch back, and starts with the last."""
        place = len(self._launch)
        if place < len(_FIXED) and word != _FIXED[place]:
            self._launch.clear()
            if word:  # the sender has to begin again; a 0 may be its beginning
                return
        self._launch.append(word)
        self.outbox.push(self._ties.now(), word)
        if len(self._launch) == _LAUNCH:
            self._start(*list(self._launch)[len(_FIXED) :])

    def _start(self, vectors: int, sp: int, pc: int) -> None:
        self._launch.clear()
        self._vectors = vectors
        if self._core is None:
            self._core = Core(self._build, self)
        sio = self._make_sio(
            1, Shared(self.inbox, self.outbox, self.locks), self._now,
            sent=self._send, emptied=self._look_again,
        )  # fmt: skip
        self._bus = Bus(
            [sio], Resets(), self._core.moment, self._report, lambda: None,
            self._build.addresses.extra,
        )  # fmt: skip
        self._spinning = Spinning(self._core.counter)
        self._core.begin(pc, sp)
        self._skip_to(self._ties.now())
        self._serve_later()
        self._running, self._waiting = True, False
        self.catch_up()

    def _send(self, word: int) -> None:
        self.outbox.push(self._now(), word)

    def _report(self, message: str) -> None:
        self._ties.report(f"core 1: {message}")

    def _look_again(self) -> None:
        """It looks for a word, over and over; once may be on the way to sending one."""
        if self._spinning.again():
            self._pause()

    def _pause(self) -> None:
        """There is nothing to do until a message comes."""
        self._waiting = True
        self._halt()

    def _halt(self) -> None:
        assert self._core is not None
        self._core.halt()

    def _now(self) -> int:
        assert self._core is not None
        return self._core.moment.now()

    def _skip_to(self, time: int) -> None:
        assert self._core is not None
        counter = self._core.counter
        counter.add(max(0, time - counter.cycles))

    def _serve_later(self) -> None:
        assert self._core is not None
        counter = self._core.counter
        counter.service_at = counter.cycles + _AHEAD_CYCLES // 10
