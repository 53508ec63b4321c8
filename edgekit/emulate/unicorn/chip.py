"""An RP2040 without its processor: every peripheral, wired together, as after a reset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edgekit.emulate.endpoints import Endpoint
from edgekit.emulate.unicorn.bus import Bus
from edgekit.emulate.unicorn.moment import Moment
from edgekit.emulate.unicorn.peripherals.clocks import Clocks
from edgekit.emulate.unicorn.peripherals.oscillators import (
    CrystalOscillator,
    RingOscillator,
    SystemPll,
    UsbPll,
)
from edgekit.emulate.unicorn.peripherals.peripheral import Peripheral
from edgekit.emulate.unicorn.peripherals.plain import PLAIN, IoBank0
from edgekit.emulate.unicorn.peripherals.ppb import SystemControl
from edgekit.emulate.unicorn.peripherals.resets import Resets
from edgekit.emulate.unicorn.peripherals.sio import Shared, Sio
from edgekit.emulate.unicorn.peripherals.ssi import Ssi
from edgekit.emulate.unicorn.peripherals.timer import Timer
from edgekit.emulate.unicorn.peripherals.uart import Uart, Wiring
from edgekit.emulate.unicorn.peripherals.usb import UsbController
from edgekit.emulate.unicorn.peripherals.watchdog import Watchdog
from edgekit.emulate.unicorn.second_core import SecondCore

_UART0_PINS = (0, 1)
_UART_FUNCTION = 2
_USB_INTERRUPT = 5


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


class Chip:
    """The peripherals after a reset; `before` is the chip that was reset, if any."""

    def __init__(self, around: Surroundings, before: Chip | None = None) -> None:
        self._moment = around.moment
        self.resets = Resets()
        self._make_clocks(around)
        self.system_control = SystemControl(
            around.moment.now, around.reset, around.report, around.interrupts_changed
        )
        self.usb = UsbController(
            around.usb_memory, lambda: self.clocks.usb_hz, around.report,
            raised=around.interrupts_changed, looked=around.usb_looked,
        )  # fmt: skip
        self.system_control.nvic.connect(_USB_INTERRUPT, self.usb.is_interrupting)
        self.timer = Timer(around.moment.now)
        self.watchdog = Watchdog(around.moment.now, around.reset)
        if before:
            self.watchdog.survive(before.watchdog)
        self._pins = IoBank0()
        second = around.second
        self._sio = Sio(
            0, Shared(second.outbox, second.inbox, second.locks), around.moment.now,
            sent=second.sent, emptied=around.no_word,
        )  # fmt: skip
        self.uart = Uart(around.endpoint, around.baud, self._uart_wiring(around))
        self.bus = Bus(
            self._peripherals(), self.resets, around.moment, around.report, self._update_rates
        )
        self._update_rates()

    def _update_rates(self) -> None:
        """Brings the timers up to date with the clocks, after registers have changed."""
        now, sys_hz = self._moment.now(), self.clocks.sys_hz
        tick_hz = self.watchdog.tick_hz(self.clocks.ref_hz)
        for ticks in (self.timer.ticks, self.watchdog.ticks):
            ticks.set_rate(now, tick_hz, sys_hz)

    def _make_clocks(self, around: Surroundings) -> None:
        self._crystal, self._ring = CrystalOscillator(), RingOscillator()
        self._pll, self._usb_pll = SystemPll(self._crystal), UsbPll(self._crystal)
        self.clocks = Clocks(self._ring, self._crystal, self._pll, self._usb_pll, around.report)

    def _uart_wiring(self, around: Surroundings) -> Wiring:
        return Wiring(
            clock_hz=lambda: self.clocks.peri_hz,
            pins_connected=lambda: all(
                self._pins.function(pin) == _UART_FUNCTION for pin in _UART0_PINS
            ),
            now=around.moment.now,
            idle=around.idle,
            report=around.report,
        )

    def _peripherals(self) -> tuple[Peripheral, ...]:
        return (
            self.resets,
            self.clocks,
            self._crystal,
            self._ring,
            self._pll,
            self._usb_pll,
            self.system_control,
            self.timer,
            self.watchdog,
            self._pins,
            self.uart,
            self._sio,
            self.usb,
            Ssi(),
            *(kind() for kind in PLAIN),
        )
