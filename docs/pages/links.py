"""Ways to a board, and what bad lines cost: from benchmarks/links.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from edgekit.units import format_grouped

_RESULTS = Path(__file__).parents[2] / "benchmarks" / "links.json"
_HEAD = """# Links

What `--port` may be. One module each in [edgekit/link/](../edgekit/link); nothing lists them.

| port | is |
|---|---|
| `/dev/ttyACM0`, `COM3`, a pty | a serial port, locked for us alone; who holds it is named |
| `socket://host:4000` | TCP: an emulated board, or another machine's serial server |
| `rfc2217://host:4000` | a serial port on another machine, its speed included (ser2net) |
| `ssh://user@host` | [a board that runs Linux](raspberry_pi.md) |
| `exec://program arguments` | a program here that speaks frames on standard input and output |

A port is let go whatever happens. A board that says nothing is reported within its timeout: 5 s
for its first word (a minute more where a program has to start), 8 s for any request, and for an
inference what its multiply-accumulates suggest. A second client is told who has the board: the
process, on this machine's ports, over TCP where it runs here too, and over SSH; else "another
client". A board that restarted by itself, by its watchdog or after a fault, is named with the place
where it was ([ADR 38](adr/0038-watchdogs-and-what-is-kept.md)).

## Bad lines

Every result is checked by CRC on both sides, every loss is sent again
([protocol.md](protocol.md)). A simulated line of 115 200 baud, a board with a receive FIFO of
32 bytes, inputs of 490 B, outputs of 12 B, each result compared with the model's
(`benchmarks/links.py`):

| bit error rate | inferences | wrong | requests that arrived | sent again | seconds each |
|---|---|---|---|---|---|
"""
_TAIL = """

Beyond that few frames of 500 B arrive whole, and a board may count as dead. Tests mix bit errors
with lost bytes, doubled writes, cut reads, silence and reboots (`tests/link/`).
"""


def text() -> str:
    """The page."""
    lines = msgspec.json.decode(_RESULTS.read_bytes())
    return _HEAD + "\n".join(map(_row, lines)) + _TAIL


def _row(line: dict[str, Any]) -> str:
    cells = (
        f"{line['bit_error_rate']:g}",
        format_grouped(line["inferences"]),
        str(line["wrong"]),
        format_grouped(line["requests"]),
        format_grouped(line["resends"]),
        f"{line['seconds_per_inference']:.3f}",
    )
    return f"| {' | '.join(cells)} |"
