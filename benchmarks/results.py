"""Measurements as they are kept in results.json, and how two of them compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from edgekit.artifacts import Benchmark, Record, write_bytes
from edgekit.boards import cores

_KINDS = {"arm-none-eabi-gcc": "gcc", "zig": "zig"}
RESULTS = Path(__file__).with_name("results.json")
TOLERANCE = 0.02
"""A count may grow by so much before that is a regression."""

Key = tuple[str, str, str, str]
"""Model, board, core and kind of compiler."""


class Layer(Record, frozen=True):
    """A step: its multiply-accumulates, and what they cost in the measurement's unit."""

    op: str
    macs: int
    count: int


class Result(Record, frozen=True):
    """One model on one emulated board, compiled by one compiler.

    `core` is the one whose code ran: that of a Cortex-M0+ also runs on a Cortex-M3, which QEMU has.
    `count` is of instructions, or of cycles on the Pico, as `unit` says; `macs` are those of the
    model, `layers` have those that are left after what is constant was taken out.
    """

    model: str
    board: str
    core: str
    compiler: str
    flags: tuple[str, ...]
    model_sha256: str
    unit: str
    count: int
    macs: int
    ram_bytes: int
    stack_bytes: int
    flash_bytes: int
    layers: tuple[Layer, ...]

    @property
    def key(self) -> Key:
        """What makes two results ones of the same thing."""
        return self.model, self.board, self.core, self.compiler.split()[0]

    @property
    def is_own(self) -> bool:
        """Whether it is what `--compiler auto` takes for its core."""
        return _KINDS[self.compiler.split()[0]] == cores()[self.core].compilers[0]


def core_order(core: str) -> int:
    """The place of a core among all."""
    return list(cores()).index(core)


def core_name(core: str) -> str:
    """A core's name for people."""
    return cores()[core].name.removeprefix("Arm ")


def result(model: str, found: Benchmark) -> Result:
    """What is kept of a measurement."""
    unit = "cycles" if found.instructions_per_inference is None else "instructions"
    count = found.instructions_per_inference or found.cycles_per_inference
    assert count is not None
    assert found.macs is not None
    assert found.ram_bytes.stack is not None
    assert found.flash_bytes is not None
    return Result(
        model=model, board=found.board, core=found.core, compiler=found.compiler,
        flags=found.flags, model_sha256=found.model_sha256, unit=unit, count=count,
        macs=found.macs, ram_bytes=found.ram_bytes.static, stack_bytes=found.ram_bytes.stack,
        flash_bytes=found.flash_bytes,
        layers=tuple(
            Layer(op=layer.op, macs=layer.macs, count=layer.instructions or layer.cycles or 0)
            for layer in found.layers
        ),
    )  # fmt: skip


def load(path: Path = RESULTS) -> dict[Key, Result]:
    """The results in a file, by their keys; none when there is no file."""
    if not path.exists():
        return {}
    found = msgspec.json.decode(path.read_bytes(), type=tuple[Result, ...])
    return {one.key: one for one in found}


def save(found: Iterable[Result], path: Path = RESULTS) -> None:
    """Writes results, a line each, so that a change shows what it changed."""
    lines = [msgspec.json.encode(one) for one in sorted(found, key=lambda one: one.key)]
    write_bytes(path, b"[\n" + b",\n".join(lines) + b"\n]\n")


def compared(before: Mapping[Key, Result], now: Iterable[Result]) -> list[tuple[Result, Result]]:
    """What was kept beside what is now, where model and compiler are the same ones: anything else
    is another measurement."""
    pairs = [(before[one.key], one) for one in now if one.key in before]
    return [
        (old, one)
        for old, one in pairs
        if (old.compiler, old.model_sha256) == (one.compiler, one.model_sha256)
    ]


def regressions(pairs: Iterable[tuple[Result, Result]]) -> list[str]:
    """A line for each result that costs more than it did, by more than the tolerance."""
    return [
        f"{one.model} on {one.board} ({one.compiler}): {old.count:,} -> {one.count:,}"
        f" {one.unit}, {one.count / old.count - 1:+.1%}"
        for old, one in pairs
        if one.count > old.count * (1 + TOLERANCE)
    ]
