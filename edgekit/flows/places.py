"""Where int8 runs besides the host: our C as a program, TensorFlow Lite Micro, boards.

Each place answers inputs, and can say what each of its steps made of one input, so that the first
that is wrong has a name.
"""

from __future__ import annotations

import difflib
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from edgekit import artifacts, boards
from edgekit.artifacts import Step
from edgekit.build.filter import Filter, build_filter
from edgekit.codegen import aot
from edgekit.errors import InputError
from edgekit.flows import layers
from edgekit.flows.bench import find_build, fresh_build
from edgekit.flows.device import connect, require_one_way
from edgekit.flows.flash import flash_emulated
from edgekit.flows.pictures import Int8
from edgekit.flows.progress import Progress
from edgekit.flows.records import model_name, read_model
from edgekit.link.client import Client
from edgekit.runtimes import tflm

_NAMED = ("host", "c", "tflm", "emulator")
_PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Where:
    """Where int8 runs besides the host: ``host`` (nowhere), ``c``, ``tflm``, ``emulator`` or a
    port; and how many images it is given, None for what it manages in a while."""

    on: str = "host"
    board_id: str = "pico"
    samples: int | None = None


class Place(Protocol):
    """Somewhere that answers inputs."""

    @property
    def stage(self) -> str:
        """What a progress bar calls it."""

    @property
    def at_once(self) -> int:
        """How many inputs it is best asked at a time."""

    @property
    def code(self) -> str:
        """A name for what runs there besides the model."""

    @property
    def is_tflm(self) -> bool:
        """Whether it is TensorFlow Lite Micro itself, which else decides where others differ."""

    def ask(self, x: Int8) -> Int8:
        """Outputs [n, classes] for inputs [n, h, w, c]."""

    def first_wrong_layer(self, x: Int8) -> str:
        """The first step whose output for one input is not the host's; empty where not known."""


def require_place(on: str) -> None:
    """Raises `InputError` for a misspelt place: it would be taken for a port."""
    near = difflib.get_close_matches(on, _NAMED, n=1, cutoff=0.75)
    if near and on not in _NAMED:
        raise InputError(
            f"int8 cannot run on {on!r}", hint=f"Did you mean {near[0]}? Or give a port."
        )


@contextmanager
def open_place(
    where: Where, int8: Path, model: bytes, progress: Progress
) -> Iterator[Place | None]:
    """The place, ready to be asked, until the block ends; None for the host alone.

    `int8` is the model's file, `model` its int8 part. The emulated board is built for and flashed
    when needed. Raises what building, flashing and connecting raise.
    """
    with ExitStack() as stack:
        if where.on == "host":
            yield None
        elif where.on == "tflm":
            workers = [stack.enter_context(tflm.Worker()) for _ in range(_PROCESSES)]
            yield _Tflm(model, workers)
        elif where.on == "c":
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="edgekit-c-"))
            progress("compiling", 0, 1)
            yield _OwnC(model, model_name(int8), Path(folder))
        else:
            yield stack.enter_context(_board(where, int8, model, progress))


@dataclass(frozen=True, slots=True, eq=False)
class _Tflm:
    """TensorFlow Lite Micro in processes of its own, each with a part of the inputs."""

    model: bytes
    workers: Sequence[tflm.Worker]
    stage: str = "int8 on TFLM"
    at_once: int = 16
    code: str = "tflm"
    is_tflm: bool = True

    def ask(self, x: Int8) -> Int8:
        parts = np.array_split(x, min(len(self.workers), len(x)))
        with ThreadPoolExecutor(len(parts)) as pool:
            found = list(pool.map(self._run, self.workers, parts))
        return np.concatenate(found)

    def _run(self, worker: tflm.Worker, x: Int8) -> Int8:
        outputs: Int8 = worker.run(self.model, x).reshape(len(x), -1)
        return outputs

    def first_wrong_layer(self, x: Int8) -> str:
        return layers.first_wrong_tensor(
            self.model, x, lambda numbers: self.workers[0].tensors(self.model, x, numbers=numbers)
        )


class _OwnC:
    """The generated C, compiled for this machine: the code under test, not a way to be quick."""

    stage, at_once, is_tflm = "int8 in C", 32, False

    def __init__(self, model: bytes, name: str, folder: Path) -> None:
        self._model = model
        compiled = aot.generate(model, name, folder)
        self._filter: Filter = build_filter(compiled, folder, folder)
        sources = sorted(folder.glob("*.[ch]"))
        self.code = artifacts.sha256(b"".join(path.read_bytes() for path in sources))

    def ask(self, x: Int8) -> Int8:
        parts = [part.tobytes() for part in np.array_split(x, min(_PROCESSES, len(x)))]
        with ThreadPoolExecutor(len(parts)) as pool:
            outputs = b"".join(pool.map(self._filter.outputs, parts))
        return np.frombuffer(outputs, np.int8).reshape(len(x), -1)

    def first_wrong_layer(self, x: Int8) -> str:
        found = [zlib.crc32(data) for data in self._filter.steps(x.tobytes())]
        return layers.first_wrong_step(self._model, x, found, self._filter.compiled.steps)


@contextmanager
def _board(where: Where, int8: Path, model: bytes, progress: Progress) -> Iterator[Place]:
    board, emulate = boards.load(where.board_id), where.on == "emulator"
    port = None if emulate else where.on
    require_one_way(board, port=port, emulate=emulate)
    sha256 = artifacts.sha256(read_model(int8))
    if emulate:
        known = find_build(board.id, sha256)
        folder = known.folder if known else fresh_build(int8, board.id)
        flash_emulated(folder, board, progress)
    known = find_build(board.id, sha256)
    macs = known.compiled.macs if known else None
    with connect(board, port=port, emulate=emulate, macs=macs) as device:
        device.client.expect_model(sha256)
        hello = device.client.hello()
        steps = known.compiled.steps if known else ()
        image = known.firmware.image_sha256 if known else hello.compiler
        yield _BoardPlace(model, device.client, steps, f"{hello.board} {hello.runtime} {image}")


@dataclass(frozen=True, slots=True, eq=False)
class _BoardPlace:
    """A board, real or emulated, behind a link."""

    model: bytes
    client: Client
    steps: Sequence[Step]
    code: str
    stage: str = "int8 on the board"
    at_once: int = 1
    is_tflm: bool = False

    def ask(self, x: Int8) -> Int8:
        outputs = [np.frombuffer(self.client.infer(one.tobytes()).output, np.int8) for one in x]
        return np.stack(outputs)

    def first_wrong_layer(self, x: Int8) -> str:
        found = self.client.infer(x.tobytes(), checksum=True).steps or ()
        crcs = [step.output_crc for step in found]
        return layers.first_wrong_step(self.model, x, crcs, self.steps)
