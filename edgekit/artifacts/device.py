"""What the device half leaves: firmware and measurements."""

from __future__ import annotations

from typing import Literal

from edgekit.artifacts.records import Artifact, Record


class Section(Record, frozen=True):
    """One section of a linked image."""

    name: str
    bytes: int
    memory: Literal["flash", "ram", "both"]


class Firmware(Artifact, frozen=True):
    """A linked image for one board. `ram_bytes` is data + bss, without the stack; `slow` has a line
    for each layer that runs slower than the best kernels of its core do, `portable` one for all
    others that compute by portable C there."""

    board: str
    runtime: str
    model_name: str
    model_sha256: str
    compiler: str
    flags: tuple[str, ...]
    elf: str
    uf2: str | None
    bin: str
    image_sha256: str
    flash_bytes: int
    flash_available_bytes: int
    ram_bytes: int
    ram_available_bytes: int
    stack_reserved_bytes: int
    sections: tuple[Section, ...]
    slow: tuple[str, ...] = ()
    portable: str = ""


class Latency(Record, frozen=True):
    """Microseconds per inference over the runs."""

    min: float
    median: float
    p95: float


class RamUse(Record, frozen=True):
    """`static` is data + bss with the arena; `stack` is the painted stack's high-water mark."""

    static: int
    stack: int | None


class ThreadTiming(Record, frozen=True):
    """How long an inference took on so many threads of a board that runs Linux."""

    threads: int
    latency_us: Latency


class LayerProfile(Record, frozen=True):
    """One step's share of an inference; what was not counted is null."""

    index: int
    op: str
    name: str
    macs: int
    cycles: int | None
    instructions: int | None


class Benchmark(Artifact, frozen=True):
    """A measurement, with what is needed to judge and repeat it.

    What only the build knows (`macs`, `flash_bytes`, layer names) is null or empty when a board is
    measured whose build is not at hand.
    """

    board: str
    core: str
    clock_hz: int
    source: Literal["hardware", "emulator", "host"]
    runtime: str
    compiler: str
    flags: tuple[str, ...]
    model_sha256: str
    runs: int
    instructions_per_inference: int | None
    cycles_per_inference: int | None
    latency_us: Latency | None
    macs: int | None
    arena_bytes: int
    ram_bytes: RamUse
    flash_bytes: int | None
    layers: tuple[LayerProfile, ...]
    notes: tuple[str, ...] = ()
    threads: tuple[ThreadTiming, ...] = ()
    """On a board that runs Linux: each number of threads; the quickest is the benchmark's."""
    cores: int | None = None
    """On how many it was asked to run; null: on all that the firmware uses."""
