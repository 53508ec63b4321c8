"""A line that exists in memory only, with every fault a real one has, to a simulated board.

It stands below the protocol, so all above it runs as it does on a desk. Its clock is its own:
waiting costs nothing.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass

from edgekit.errors import NoDeviceError
from edgekit.link.link import Link
from edgekit.link.simulated_board import SimulatedBoard

_BITS_PER_BYTE = 10
_FIFO_BYTES = 32
"""What a board's receiver keeps while the board is busy; the rest is lost."""


@dataclass(frozen=True, slots=True)
class Faults:
    """How bad the line is; rates are probabilities, both ways alike."""

    bit_error_rate: float = 0.0
    lost_byte_rate: float = 0.0
    repeated_write_rate: float = 0.0
    """A whole write arrives twice."""
    longest_read_bytes: int | None = None
    """Reads are cut to a random length up to this."""
    reboot_rate: float = 0.0
    """The board is reset before a write reaches it."""
    latency_s: float = 0.001
    reboot_s: float = 0.2
    """How long a reset board hears nothing."""


class FakeLink(Link):
    """A link to a `SimulatedBoard`. Set `silent` to make the board dead, `unplugged` to pull it."""

    def __init__(
        self, board: SimulatedBoard, faults: Faults | None = None, *, seed: int = 0
    ) -> None:
        self.port = "fake"
        self.baud = 115_200
        self.board = board
        self.silent = False
        self.unplugged = False
        self.closed = False
        self._faults = faults or Faults()
        self._random = random.Random(seed)
        self._now = 0.0
        self._arriving: deque[tuple[float, bytes]] = deque()
        self._busy_until = 0.0
        self._fifo_room = _FIFO_BYTES
        self._bits_to_error = self._draw_gap(self._faults.bit_error_rate)
        self._bytes_to_loss = self._draw_gap(self._faults.lost_byte_rate)

    def now(self) -> float:
        """Virtual seconds since the link was made."""
        return self._now

    def close(self) -> None:
        """See `Link.close`."""
        self.closed = True

    def write(self, data: bytes) -> None:
        """See `Link.write`."""
        self._check_plugged()
        self._now += len(data) * _BITS_PER_BYTE / self.baud
        if self._happens(self._faults.reboot_rate):
            self._reboot()
        times = 2 if self._happens(self._faults.repeated_write_rate) else 1
        for _ in range(times):
            self._deliver(self._damage(data))

    def read(self, timeout_s: float) -> bytes:
        """See `Link.read`."""
        self._check_plugged()
        deadline = self._now + max(0.0, timeout_s)
        if not self._arriving or self._arriving[0][0] > deadline:
            self._now = deadline
            return b""
        at, data = self._arriving.popleft()
        self._now = max(self._now, at)
        longest = self._faults.longest_read_bytes
        if longest is not None and len(data) > 1:
            cut = self._random.randint(1, min(longest, len(data)))
            data, rest = data[:cut], data[cut:]
            if rest:
                self._arriving.appendleft((at, rest))
        return data

    def _deliver(self, data: bytes) -> None:
        if self.silent:
            return
        if self._now < self._busy_until:
            data = data[: self._fifo_room]
            self._fifo_room -= len(data)
        else:
            self._fifo_room = _FIFO_BYTES
        for answer in self.board.receive(data):
            self._busy_until = max(self._now, self._busy_until) + answer.delay_s
            line_s = len(answer.frame) * _BITS_PER_BYTE / self.baud
            at = self._busy_until + self._faults.latency_s + line_s
            self._arriving.append((at, self._damage(answer.frame)))

    def _reboot(self) -> None:
        self.board.reboot()
        self._busy_until = self._now + self._faults.reboot_s
        self._fifo_room = 0

    def _damage(self, data: bytes) -> bytes:
        damaged = bytearray(data)
        while self._bits_to_error < 8 * len(damaged):
            damaged[self._bits_to_error // 8] ^= 1 << self._bits_to_error % 8
            self._bits_to_error += 1 + self._draw_gap(self._faults.bit_error_rate)
        self._bits_to_error -= 8 * len(damaged)
        while self._bytes_to_loss < len(damaged):
            del damaged[self._bytes_to_loss]
            self._bytes_to_loss += self._draw_gap(self._faults.lost_byte_rate)
        self._bytes_to_loss -= len(damaged)
        return bytes(damaged)

    def _draw_gap(self, rate: float) -> int:
        """How many come through before the next one that does not."""
        return int(self._random.expovariate(rate)) if rate else 1 << 60

    def _happens(self, rate: float) -> bool:
        return rate > 0 and self._random.random() < rate

    def _check_plugged(self) -> None:
        if self.unplugged or self.closed:
            raise NoDeviceError(f"{self.port} went away", hint="Plug the board in again.")
