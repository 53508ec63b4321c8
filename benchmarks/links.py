"""What a bad line costs: python benchmarks/links.py.

10 000 inferences per rate of bit errors over the simulated line (115 200 baud, a board with a
32-byte FIFO), each result compared with the model's. Writes links.json beside this file;
docs/generate.py draws the table in docs/links.md from it. Times are those of the simulated line.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import msgspec

from edgekit.artifacts import Record, write_bytes
from edgekit.link.client import Client
from edgekit.link.fake import FakeLink, Faults
from edgekit.link.simulated_board import SimulatedBoard, describe

RESULTS = Path(__file__).with_name("links.json")
INFERENCES = 10_000
INPUT_BYTES, OUTPUT_BYTES = 490, 12  # a keyword spotter's
RATES = (0.0, 1e-6, 1e-5, 1e-4, 2e-4)


class Line(Record, frozen=True):
    """What happened at one rate of bit errors."""

    bit_error_rate: float
    inferences: int
    wrong: int
    requests: int
    resends: int
    seconds_per_inference: float


def main() -> None:
    """Measures every rate."""
    lines = tuple(_measure(rate) for rate in RATES)
    write_bytes(RESULTS, msgspec.json.format(msgspec.json.encode(lines), indent=1) + b"\n")
    for line in lines:
        print(line)
    sys.exit(any(line.wrong for line in lines))


def _measure(rate: float) -> Line:
    board = SimulatedBoard(_model, describe(input_bytes=INPUT_BYTES, output_bytes=OUTPUT_BYTES))
    link = FakeLink(board, Faults(bit_error_rate=rate), seed=1)
    inputs = random.Random(2)
    wrong = 0
    with Client(link) as client:
        for _ in range(INFERENCES):
            x = inputs.randbytes(INPUT_BYTES)
            wrong += client.infer(x).output != _model(x)
        return Line(
            bit_error_rate=rate,
            inferences=INFERENCES,
            wrong=wrong,
            requests=board.served,
            resends=client.resends,
            seconds_per_inference=round(link.now() / INFERENCES, 4),
        )


def _model(x: bytes) -> bytes:
    return bytes(sum(x[at::OUTPUT_BYTES]) % 256 for at in range(OUTPUT_BYTES))


if __name__ == "__main__":
    main()
