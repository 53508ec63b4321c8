"""What the MLPerf Tiny benchmark's runner says on the serial line, and how it reads the answers.

The facts are those of mlcommons/tiny, benchmark/runner (2025): serial_device.py (bytes, lines),
device_under_test.py (commands), script.py (results), tests_accuracy.yaml, tests_performance.yaml.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

import serial

ACCURACY = (1, 0)
"""(inferences, warm-ups) per input in accuracy mode."""
PERFORMANCE = {"ad01": (1500, 10), "ic01": (20, 5), "kws01": (70, 10), "vww01": (20, 5)}
"""The same in performance mode, five times."""
WINDOWS = 5

_BAUD = 115_200
_BYTES_PER_COMMAND = 31
_LINE_TIMEOUT_S = 5.0
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """An answer to `infer`: the model's outputs, and microseconds between the two laps."""

    results: list[float]
    elapsed_us: int


class Runner:
    """One client on a real serial port or a pty."""

    def __init__(self, port: str) -> None:
        self._port = serial.Serial(port, _BAUD, timeout=0.1)

    def close(self) -> None:
        """Lets go of the port."""
        self._port.close()

    def name(self) -> str:
        """What the board is called."""
        return self._identify("name", r"^m-name-dut-\[([^]]+)]$")

    def model(self) -> str:
        """The benchmark's task that the board is for."""
        return self._identify("profile", r"^m-model-\[([^]]+)]$")

    def load(self, data: bytes) -> None:
        """Downloads one input, some bytes a command."""
        self.send(f"db load {len(data)}")
        for at in range(0, len(data), _BYTES_PER_COMMAND):
            self.send(f"db {data[at : at + _BYTES_PER_COMMAND].hex()}")

    def infer(self, times: int, warm_ups: int) -> Measured:
        """Runs the model; of the lines that come back two laps and the results count."""
        lines = self.send(f"infer {times} {warm_ups}")
        laps = [int(lap) for lap in _all(r"^m-lap-us-([0-9]+)$", lines)]
        (shown,) = _all(r"^m-results-\[([^]]+)\]$", lines)
        return Measured([float(value) for value in shown.split(",")], laps[1] - laps[0])

    def send(self, command: str) -> list[str]:
        """The lines up to one with `m-ready` in it; none may take longer than 5 s."""
        self._port.write(f"{command}%".encode())
        lines: list[str] = []
        while not lines or "m-ready" not in lines[-1]:
            lines.append(self._line(command))
        return lines

    def _identify(self, command: str, pattern: str) -> str:
        """Up to three times; a line that was lost is no line of the answer's form."""
        for _ in range(_TRIES):
            found = _all(pattern, self.send(command))
            if found:
                return found[0]
        raise AssertionError(f"no answer to {command}")

    def _line(self, command: str) -> str:
        line = ""
        deadline = time.monotonic() + _LINE_TIMEOUT_S
        while time.monotonic() < deadline:
            character = self._port.read(1).decode()
            if character == "\n":
                return line
            line += character.strip("\r\0")
        raise AssertionError(f"no response to command {command}")


def _all(pattern: str, lines: list[str]) -> list[str]:
    return [found[1] for line in lines if (found := re.match(pattern, line))]
