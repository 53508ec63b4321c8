"""A chip without its processors: every peripheral, wired together, as after a reset."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from edgekit.emulate.endpoints import Endpoint
from edgekit.emulate.unicorn.bus import Bus
from edgekit.emulate.unicorn.chips.kind import Kind
from edgekit.emulate.unicorn.moment import Moment
from edgekit.emulate.unicorn.peripherals.peripheral import Peripheral
from edgekit.emulate.unicorn.peripherals.ppb import DEMCR
from edgekit.emulate.unicorn.peripherals.sio import Shared
from edgekit.emulate.unicorn.peripherals.uart import Wiring
from edgekit.emulate.unicorn.second_core import SecondCore

_UART0_PINS = (0, 1)
_UART_FUNCTION = 2
_TRACE = 1 << 24


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the chip is connected to, and what it asks of the machine."""

    endpoint: Endpoint
    baud: int
    second: SecondCore
    moment: Moment
    reset: Callable[[], None]
    interrupts_changed: Callable[[], None]
    """An interrupt may have to be taken that had not before."""
    idle: Callable[[], None]
    no_word: Callable[[], None]
    """Core 0 looked for a word of core 1, and there was none."""
    report: Callable[[str], None]
    usb_memory: memoryview
    """What processor and USB controller share."""
    usb_looked: Callable[[], None]
    """The firmware looks whether the USB host has done anything."""
    counter_looked: Callable[[], None]
    """The firmware looks at the processor's counter of cycles."""


class Chip:
    """The peripherals after a reset; `before` is the chip that was reset, if any."""

    def __init__(self, kind: Kind, around: Surroundings, before: Chip | None = None) -> None:
        self._kind, self._moment = kind, around.moment
        parts, now = kind.parts, around.moment.now
        self.resets = parts.resets()
        self._make_clocks(around)
        self.system_control = parts.system_control(
            now, around.reset, around.report, around.interrupts_changed
        )
        self.usb = parts.usb(
            around.usb_memory, lambda: self.clocks.usb_hz, around.report,
            raised=around.interrupts_changed, looked=around.usb_looked,
        )  # fmt: skip
        self.timer, self.watchdog = parts.timer(now), parts.watchdog(now, around.reset)
        self._ticks = parts.ticks() if parts.ticks else None
        if before:
            self.watchdog.survive(before.watchdog)
        self._pins, self._pads = parts.pins(), parts.pads()
        self.uart = parts.uart(around.endpoint, around.baud, self._uart_wiring(around))
        self.bus = Bus(
            (*self._peripherals(), *self._about_cores(around)), self.resets, around.moment,
            around.report, self._update_rates, kind.addresses.extra,
        )  # fmt: skip
        self._connect_interrupts()
        self._update_rates()

    def _connect_interrupts(self) -> None:
        nvic, numbers = self.system_control.nvic, self._kind.interrupts
        nvic.connect(numbers.usb, self.usb.is_interrupting)
        nvic.connect(numbers.uart, self.uart.is_interrupting)

    def _update_rates(self) -> None:
        """Brings the timers up to date with the clocks, after registers have changed."""
        now, sys_hz, ref_hz = self._moment.now(), self.clocks.sys_hz, self.clocks.ref_hz
        ticks = self._ticks
        timer_hz = ticks.timer_hz(ref_hz) if ticks else self.watchdog.tick_hz(ref_hz)
        watchdog_hz = ticks.watchdog_hz(ref_hz) if ticks else timer_hz
        self.timer.ticks.set_rate(now, timer_hz, sys_hz)
        self.watchdog.ticks.set_rate(now, watchdog_hz, sys_hz)

    def _make_clocks(self, around: Surroundings) -> None:
        parts = self._kind.parts
        self._crystal, self._ring = parts.crystal(), parts.ring()
        self._pll, self._usb_pll = parts.system_pll(self._crystal), parts.usb_pll(self._crystal)
        self.clocks = parts.clocks(
            self._ring, self._crystal, self._pll, self._usb_pll, around.report
        )

    def _uart_wiring(self, around: Surroundings) -> Wiring:
        return Wiring(
            clock_hz=lambda: self.clocks.peri_hz,
            pins_connected=lambda: all(
                self._pins.function(pin) == _UART_FUNCTION and not self._pads.is_isolated(pin)
                for pin in _UART0_PINS
            ),
            now=around.moment.now,
            idle=around.idle,
            interrupts_changed=around.interrupts_changed,
            report=around.report,
        )

    def _about_cores(self, around: Surroundings) -> Iterator[Peripheral]:
        """What core 0 has of its own, and what there is between the cores."""
        second, parts = around.second, self._kind.parts
        yield self.system_control
        yield parts.psm(second.restart)
        yield parts.sio(
            0, Shared(second.outbox, second.inbox, second.locks), around.moment.now,
            sent=second.sent, emptied=around.no_word,
        )  # fmt: skip
        if parts.dwt:
            yield parts.dwt(around.moment.now, self._is_traced, around.counter_looked)

    def _is_traced(self) -> bool:
        return bool(self.system_control.values[DEMCR] & _TRACE)

    def _peripherals(self) -> tuple[Peripheral, ...]:
        return (
            self.resets,
            self.clocks,
            self._crystal,
            self._ring,
            self._pll,
            self._usb_pll,
            self.timer,
            self.watchdog,
            *([self._ticks] if self._ticks else []),
            self._pins,
            self._pads,
            self.uart,
            self.usb,
            *(kind() for kind in self._kind.parts.others),
        )
