"""What models cost on the emulated Pico: from benchmarks/pico.json."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import msgspec

from edgekit.artifacts import Benchmark
from edgekit.units import format_bytes, format_count, format_duration, format_grouped

_RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "pico.json"
_NAMES = {
    "digits": "the embedded example: MobileNetV1 0.25, 32×32×1",
    "vww_96_int8": "MLPerf Tiny visual wake words: MobileNetV1 0.25, 96×96×3",
    "resnet8_int8": "MLPerf Tiny image classification: ResNet-8, 32×32×3",
    "kws_int8": "MLPerf Tiny keyword spotting: DS-CNN, 49×10×1",
}
_HEAD = """# Performance

Whole inferences on the **emulated** Pico: cycles of a Cortex-M0+ with zero wait states, of one core
alone and of both; time with both, at the board's clock. Misses of the flash cache, which a real
RP2040 has on top, are not modelled ([emulated_pico.md](emulated_pico.md)). MACs are those of the
model's file; of a layer, those that are left where channels that meet only weights of 0 are left
out ([ADR 26](adr/0026-dead-channels.md)). RAM is data + bss with the arena and the input,
without the stack; flash is the whole image with model and protocol server.
`python benchmarks/pico.py` measures it again. All cores, layer by layer, what was tried and what is
left to gain: [layers.md](layers.md).
"""

_RAM2 = """The Pico 2 takes more RAM than the Pico. Its UART has a ring of 2 048 B, as on
every other Cortex-M ([ADR 23](adr/0023-one-hal-for-all-cortex-m.md)). And its convolutions lay
weights out in RAM as pairs, at most 5 KiB for each core: 944 B where visual wake words needs most
memory, beside tensors of 55 296 B; the Pico takes 128 B there. Without them this model would not be
below 56 KiB either. With `--ram 56k` two layers run row by row: 50 876 B, and 3 031 801
instructions on both cores, 0.4 % more."""


Measured = dict[str, Benchmark]
"""One model on `both` cores, and on `one` alone."""


def text() -> str:
    """The page."""
    found = _results()
    sections = [_section(name, measured["one"]) for name, measured in found.items()]
    return "\n".join([_HEAD, _table(found), "", _pico2(), *sections])


def readme() -> str:
    """The README's table."""
    found = _results()
    any_one = next(iter(found.values()))["one"]
    measured = f"Emulated Pico at {any_one.clock_hz / 1e6:.0f} MHz, {any_one.compiler}"
    return (
        f"{_table(found)}\n\n{measured}; how it was measured: [performance](docs/performance.md)."
    )


def _pico2() -> str:
    """The same models on the Pico 2, which counts instructions."""
    results = _RESULTS.with_name("pico2.json").read_bytes()
    found = msgspec.json.decode(results, type=dict[str, Measured])
    rows = [_row2(name, measured) for name, measured in found.items()]
    head = "| Pico 2: instructions | one core | both cores | times as fast | RAM | stack | flash |"
    any_one = next(iter(found.values()))["one"]
    return "\n".join(
        [head, "|---|---|---|---|---|---|---|", *rows, "", f"{any_one.compiler}. {_RAM2}"]
    )


def _row2(name: str, measured: Measured) -> str:
    found = measured["both"]
    both, one = (measured[key].instructions_per_inference or 0 for key in ("both", "one"))
    assert found.ram_bytes.stack is not None
    assert found.flash_bytes is not None
    cells = (
        _NAMES.get(name, name),
        format_grouped(one),
        format_grouped(both),
        f"{one / both:.2f}×",
        format_bytes(found.ram_bytes.static),
        format_bytes(found.ram_bytes.stack),
        format_bytes(found.flash_bytes),
    )
    return f"| {' | '.join(cells)} |"


def _results() -> dict[str, Measured]:
    return msgspec.json.decode(_RESULTS.read_bytes(), type=dict[str, Measured])


def _table(found: dict[str, Measured]) -> str:
    rows = [_row(name, measured) for name, measured in found.items()]
    head = "| model | MACs | one core | per MAC | both cores | time | RAM | stack | flash |"
    return "\n".join([head, "|---|---|---|---|---|---|---|---|---|", *rows])


def _row(name: str, measured: Measured) -> str:
    found, one = measured["both"], measured["one"].cycles_per_inference
    assert one is not None
    assert found.macs is not None
    assert found.cycles_per_inference is not None
    assert found.latency_us is not None
    assert found.ram_bytes.stack is not None
    assert found.flash_bytes is not None
    cells = (
        _NAMES.get(name, name),
        format_count(found.macs),
        format_grouped(one),
        f"{one / found.macs:.2f}",
        format_grouped(found.cycles_per_inference),
        format_duration(found.latency_us.median / 1e6),
        format_bytes(found.ram_bytes.static),
        format_bytes(found.ram_bytes.stack),
        format_bytes(found.flash_bytes),
    )
    return f"| {' | '.join(cells)} |"


def _section(name: str, found: Benchmark) -> str:
    macs: dict[str, int] = defaultdict(int)
    cycles: dict[str, int] = defaultdict(int)
    for layer in found.layers:
        macs[layer.op] += layer.macs
        cycles[layer.op] += layer.cycles or 0
    rows = [
        f"| {op} | {format_count(macs[op])} | {format_grouped(count)}"
        f" | {_per_mac(count, macs[op])} |"
        for op, count in cycles.items()
    ]
    provenance = f"{found.compiler} `{' '.join(found.flags)}`, model SHA-256 `{found.model_sha256}`"
    table = ["| op | MACs | cycles | per MAC |", "|---|---|---|---|", *rows]
    head = f"## {_NAMES.get(name, name)}: one core"
    return "\n".join(["", head, "", *table, "", f"{provenance}."])


def _per_mac(cycles: int, macs: int) -> str:
    return f"{cycles / macs:.2f}" if macs else "–"
