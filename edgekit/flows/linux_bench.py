"""Inferences on a board that runs Linux: time per number of threads, and how hot it got."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edgekit.artifacts import Benchmark, Latency, RamUse, ThreadTiming
from edgekit.boards import Board
from edgekit.flows.device import Device
from edgekit.flows.progress import Progress
from edgekit.link.client import Client, Health, Hello

MOST_THREADS = 4
_WARM_UP = 3

_THROTTLED = {0: "under-voltage", 1: "clock capped", 2: "throttled", 3: "soft temperature limit"}
_SINCE_START = 16
"""The same bits, this much higher, tell whether it ever was so since the machine started."""
_NOTE = "the time is that of the inference alone, with whatever else this machine does beside it"
_NO_LAYERS = "no times per layer: LiteRT's Python interface has no profiler"
_RUNTIMES = {
    "xnnpack": "LiteRT with XNNPACK: outputs may differ from the reference by a step or two",
    "litert": "LiteRT without XNNPACK, which does not take this model: slower than it could be",
}


def measure(
    device: Device,
    hello: Hello,
    board: Board,
    *,
    runs: int,
    progress: Progress,
    threads: int | None = None,
) -> Benchmark:
    """Times `runs` inferences on so many threads, else on each of 1 to 4; the quickest median is
    the result's.

    More threads than the machine has cores are left out.
    """
    client = device.client
    before = client.health()
    timings = []
    for count in [threads] if threads else range(1, min(MOST_THREADS, board.cpu.cores) + 1):
        client.use_threads(count)
        timings.append(ThreadTiming(threads=count, latency_us=_time(client, runs, progress)))
    after = client.health()
    best = min(timings, key=lambda timing: timing.latency_us.median)
    memory = client.memory()
    return Benchmark(
        board=hello.board,
        core=hello.core,
        clock_hz=(after.clock_hz if after else 0) or board.cpu.clock_hz,
        source=device.source,
        runtime=hello.runtime,
        compiler=hello.compiler,
        flags=(f"threads={best.threads}",),
        model_sha256=hello.model_sha256,
        runs=runs,
        instructions_per_inference=None,
        cycles_per_inference=None,
        latency_us=best.latency_us,
        macs=None,
        arena_bytes=memory.arena_bytes,
        ram_bytes=RamUse(static=memory.static_bytes, stack=None),
        flash_bytes=None,
        layers=(),
        notes=(
            _RUNTIMES.get(hello.runtime, ""),
            _NOTE,
            _NO_LAYERS,
            *device.notes(),
            *health_notes(before, after),
        ),
        threads=tuple(timings),
        cores=threads,
    )


def _time(client: Client, runs: int, progress: Progress) -> Latency:
    for _ in range(_WARM_UP):
        client.time()
    nanoseconds = []
    for run in range(runs):
        progress("benchmark", run, runs)
        nanoseconds.append(client.time().cycles)
    progress("benchmark", runs, runs)
    micros = np.asarray(nanoseconds) / 1000
    low, middle, high = (float(np.percentile(micros, at)) for at in (0, 50, 95))
    return Latency(min=low, median=middle, p95=high)


def health_notes(before: Health | None, after: Health | None) -> Sequence[str]:
    """What the machine said of itself, in words; nothing that it cannot tell."""
    if before is None or after is None:
        return ()
    notes = []
    if after.temperature != Health.UNKNOWN_TEMPERATURE:
        first, last = before.temperature / 1000, after.temperature / 1000
        notes.append(f"temperature: {first:.1f} °C before, {last:.1f} °C after")
    if after.throttled != Health.UNKNOWN_THROTTLING:
        now = [name for bit, name in _THROTTLED.items() if after.throttled >> bit & 1]
        ever = [
            name for bit, name in _THROTTLED.items() if after.throttled >> bit + _SINCE_START & 1
        ]
        if now:
            notes.append(f"held back while it was measured: {', '.join(now)}")
        elif ever:
            notes.append(f"not held back now, but since it was started: {', '.join(ever)}")
        else:
            notes.append("not throttled since it was started")
    return notes
