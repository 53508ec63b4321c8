"""The child process: `python -m edgekit.emulate.unicorn --board pico --flash flash.bin`.

Speaks the language of `edgekit.emulate.messages` on standard output, and obeys it on standard
input; the end of standard input ends the process, so that it never outlives its parent.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from pathlib import Path

from edgekit import boards
from edgekit.emulate import messages
from edgekit.emulate.endpoints import Endpoint, UnconnectedEndpoint, open_endpoint
from edgekit.emulate.unicorn import native_counter
from edgekit.emulate.unicorn.core import CrashError
from edgekit.emulate.unicorn.counter import Counter, Host
from edgekit.emulate.unicorn.given import Given
from edgekit.emulate.unicorn.machine import Machine, Stop
from edgekit.emulate.unicorn.memory import Memory
from edgekit.emulate.unicorn.python_counter import PythonCounter
from edgekit.errors import EdgekitError

_NEW_FLASH_POLL_S = 0.1


def main() -> None:
    """Runs the board until it crashes or standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python would notice it only between blocks
    arguments = _parse()
    endpoint = open_endpoint(arguments.link)
    try:
        machine = _machine(arguments, endpoint)
        problem = machine.boot_problem()
        if problem and not arguments.wait_for_image:
            messages.send(messages.NoFirmware(problem=problem))
            return
        started = time.perf_counter()
        threading.Thread(target=_obey, args=(machine, started), daemon=True).start()
        messages.send(messages.Ready(port=endpoint.port, counter=machine.counter.kind))
        _run(machine, arguments.flash)
    except CrashError as crash:
        messages.send(messages.Crash(reason=crash.reason, registers=crash.registers))
    except EdgekitError as error:
        messages.send(messages.Failed(problem=error.message, hint=error.hint))
    finally:
        endpoint.close()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m edgekit.emulate.unicorn")
    parser.add_argument("--board", required=True)
    parser.add_argument("--flash", required=True, type=Path)
    parser.add_argument("--link", choices=("tcp", "pty", "usb"), default="tcp")
    parser.add_argument("--wait-for-image", action="store_true")
    parser.add_argument("--counter", choices=("auto", "native", "python"), default="auto")
    return parser.parse_args()


def _machine(arguments: argparse.Namespace, endpoint: Endpoint) -> Machine:
    given = Given.of(boards.load(arguments.board))

    def make_counter(host: Host, memory: Memory) -> Counter:
        if arguments.counter == "native":
            return native_counter.NativeCounter(host, memory)
        native = native_counter.create(host, memory) if arguments.counter == "auto" else None
        return native or PythonCounter(host, memory)

    if arguments.link == "usb":
        return Machine(given, arguments.flash, UnconnectedEndpoint(), make_counter, usb=endpoint)
    return Machine(given, arguments.flash, endpoint, make_counter)


def _run(machine: Machine, flash: Path) -> None:
    while True:
        before = _version(flash)
        stop = None if machine.boot_problem() else machine.run()
        if stop is Stop.BOOTLOADER or machine.boot_problem():
            messages.send(messages.Bootloader(waiting=True))
            _wait_for_new_flash(machine, flash, before)
            messages.send(messages.Bootloader(waiting=False))


def _wait_for_new_flash(machine: Machine, flash: Path, before: tuple[int, ...]) -> None:
    """In its bootloader the board waits for an image, and starts it once it is there."""
    while _version(flash) == before or machine.boot_problem():
        time.sleep(_NEW_FLASH_POLL_S)


def _version(path: Path) -> tuple[int, ...]:
    found = path.stat() if path.exists() else None
    return (found.st_ino, found.st_size, found.st_mtime_ns) if found else ()


def _obey(machine: Machine, started: float) -> None:
    """Answers requests; runs beside the machine, which is what makes it wait for nobody."""
    for line in sys.stdin.buffer:
        if line.strip() == messages.STATISTICS_REQUEST:
            messages.send(_statistics(machine, started))
    os._exit(0)  # whatever the machine is doing


def _statistics(machine: Machine, started: float) -> messages.Statistics:
    counter = machine.counter
    return messages.Statistics(
        cycles=counter.cycles,
        instructions=machine.instructions,
        idle_cycles=machine.idle_cycles,
        wall_s=time.perf_counter() - started,
        idle_s=machine.idle_s,
        clock_hz=machine.chip.clocks.sys_hz,
        counter=counter.kind,
        resets=machine.resets,
        faults=tuple(machine.log.faults),
        notes=tuple(machine.log.notes),
    )


if __name__ == "__main__":
    main()
