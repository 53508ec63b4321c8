"""Inferences on a board, timed: latency, cycles per layer, RAM."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from edgekit import artifacts, boards
from edgekit.artifacts import (
    Benchmark,
    CompiledModel,
    Firmware,
    Latency,
    LayerProfile,
    RamUse,
)
from edgekit.boards import Board
from edgekit.errors import InputError
from edgekit.flows import linux_bench
from edgekit.flows.build import build, last_build
from edgekit.flows.device import Device, connect, require_one_way
from edgekit.flows.flash import flash_emulated, put_on_linux
from edgekit.flows.progress import Progress, silent
from edgekit.flows.records import read_model
from edgekit.link.client import Hello, Inference


@dataclass(frozen=True, slots=True)
class Build:
    """A build of the firmware that a board runs: what the board itself cannot tell."""

    folder: Path
    firmware: Firmware
    compiled: CompiledModel


def bench(
    model: Path | None,
    board_id: str,
    *,
    port: str | None = None,
    emulate: bool = False,
    runs: int = 10,
    cores: int | None = None,
    output: Path | None = None,
    progress: Progress = silent,
) -> Benchmark:
    """Measures `runs` inferences and writes bench.json, to `output` or beside the firmware. With
    `cores` so many of the board's run the model, else all that its firmware uses.

    With a model, the board must run that one: the emulated board is built for and flashed first,
    and so is one that runs Linux, where that is a copy; any other board that runs another model
    raises `WrongFirmwareError`. More cores than the board has raise `InputError`.
    """
    board = boards.load(board_id)
    require_one_way(board, port=port, emulate=emulate)
    _check_cores(board, cores)
    if output is not None:
        artifacts.require_apart(output, model)
    if model is not None and board.runs_linux:
        put_on_linux(fresh_build(model, board_id), board, port, progress)
    if model is not None and emulate:
        flash_emulated(fresh_build(model, board_id), board, progress)
    sha256 = artifacts.sha256(read_model(model)) if model is not None else None
    found = measure(
        board, sha256, port=port, emulate=emulate, runs=runs, cores=cores, progress=progress
    )
    if output is None:
        folder = _folder_of_build(board_id, found.model_sha256)
        output = folder / "bench.json" if folder else None
    if output is not None:
        artifacts.save(found, output)
    return found


def measure(
    board: Board,
    sha256: str | None,
    *,
    port: str | None,
    emulate: bool,
    runs: int,
    progress: Progress,
    cores: int | None = None,
) -> Benchmark:
    """The measurement alone. `sha256` is that of the model which the board must run.

    Boards count cycles, and instructions stay null; on an engine whose clock tells instructions it
    is the other way round, and nothing is known of time.
    """
    known = find_build(board.id, sha256) if sha256 else None
    macs = known.compiled.macs if known else None
    with connect(board, port=port, emulate=emulate, macs=macs) as device:
        if sha256 is not None:
            device.client.expect_model(sha256)
        hello = device.client.hello()
        if board.runs_linux:
            return linux_bench.measure(
                device, hello, board, runs=runs, threads=cores, progress=progress
            )
        if cores is not None:
            device.client.use_threads(cores)
        cycles = []
        for run in range(runs):
            progress("benchmark", run, runs)
            cycles.append(device.client.time().cycles)
        profile = device.client.time(profile=True)
        progress("benchmark", runs, runs)
        return msgspec.structs.replace(
            _benchmark(device, hello, board, cycles, profile), cores=cores
        )


def _check_cores(board: Board, cores: int | None) -> None:
    if cores is not None and cores > board.cpu.cores:
        raise InputError(
            f"{board.id} has {board.cpu.cores} core{'s' * (board.cpu.cores > 1)}, and --cores"
            f" asks for {cores}",
            hint=f"Give --cores 1 to {board.cpu.cores}, or leave it out.",
        )


def fresh_build(model: Path, board_id: str) -> Path:
    """The folder of a build of `model` by this edgekit: the emulated board measures our code."""
    if model.is_dir():
        raise InputError(f"{model} is a folder", hint="Give the int8 .tflite file.")
    out = Path("build", board_id)
    build(model, board_id, out)
    return out


def find_build(board_id: str, sha256: str) -> Build | None:
    """The last build for a board, if it is of that model and its sources are there."""
    folder = _folder_of_build(board_id, sha256)
    if folder is None or not (folder / "c" / "model.json").exists():
        return None
    firmware = artifacts.load(Firmware, folder / "firmware.json")
    return Build(folder, firmware, artifacts.load(CompiledModel, folder / "c" / "model.json"))


def _folder_of_build(board_id: str, sha256: str) -> Path | None:
    try:
        folder = last_build(board_id)
    except InputError:
        return None
    made = artifacts.load(Firmware, folder / "firmware.json")
    return folder if made.model_sha256 == sha256 else None


def _benchmark(
    device: Device, hello: Hello, board: Board, cycles: Sequence[int], profile: Inference
) -> Benchmark:
    known = find_build(board.id, hello.model_sha256)
    memory = device.client.memory()
    compiled = known.compiled if known else None
    typical = round(float(np.median(cycles)))
    is_timed = _instructions(device, typical, hello) is None
    return Benchmark(
        board=hello.board,
        core=hello.core,
        clock_hz=hello.clock_hz,
        source=device.source,
        runtime=hello.runtime,
        compiler=known.firmware.compiler if known else hello.compiler,
        flags=known.firmware.flags if known else (),
        model_sha256=hello.model_sha256,
        runs=len(cycles),
        instructions_per_inference=_instructions(device, typical, hello),
        cycles_per_inference=typical if is_timed else None,
        latency_us=_latency(cycles, hello.clock_hz) if is_timed else None,
        macs=compiled.macs if compiled else None,
        arena_bytes=memory.arena_bytes,
        ram_bytes=RamUse(static=memory.static_bytes, stack=memory.stack_used_bytes),
        flash_bytes=known.firmware.flash_bytes if known else None,
        layers=_layers(device, hello, profile, compiled),
        notes=device.notes(),
    )


def _latency(cycles: Sequence[int], clock_hz: int) -> Latency:
    micros = np.asarray(cycles) * 1e6 / clock_hz
    low, middle, high = (float(np.percentile(micros, at)) for at in (0, 50, 95))
    return Latency(min=low, median=middle, p95=high)


def _instructions(device: Device, ticks: int, hello: Hello) -> int | None:
    """What so many ticks of the board's clock are in instructions; None where they are cycles."""
    return device.engine.instructions(ticks, hello.clock_hz) if device.engine else None


def _layers(
    device: Device, hello: Hello, profile: Inference, compiled: CompiledModel | None
) -> tuple[LayerProfile, ...]:
    counted = [_instructions(device, step.cycles, hello) for step in profile.steps or ()]
    steps = compiled.steps if compiled else ()
    return tuple(
        LayerProfile(
            index=index,
            op=steps[index].op if index < len(steps) else "unknown",
            name=steps[index].name if index < len(steps) else "",
            macs=steps[index].macs if index < len(steps) else 0,
            cycles=step.cycles if counted[index] is None else None,
            instructions=counted[index],
        )
        for index, step in enumerate(profile.steps or ())
    )
