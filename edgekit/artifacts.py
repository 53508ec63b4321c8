"""What crosses between the halves and stays on disk: one frozen record per step of a run.

A run's outputs lie in one folder, each a plain JSON file with a schema version beside the binary
it describes:

    int8.tflite  quantize.json     Quantized
                 check.json        Checked
    c/           c/model.json      CompiledModel
    firmware.*   firmware.json     Firmware
                 bench.json        Benchmark
                 validate.json     Validation
    report.html

Sizes are bytes, rates are 0 to 1, drops are points (hundredths), unless a name says otherwise.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from edgekit.errors import InputError
from edgekit.units import format_bytes

SCHEMA = 1


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of an artifact."""


class Artifact(Record, frozen=True, kw_only=True):
    """A whole file: a record that names its schema."""

    schema: int = SCHEMA


class TensorSpec(Record, frozen=True):
    """A model's input or output: shape without the batch; real = scale * (q - zero_point)."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: float
    zero_point: int

    @property
    def elements(self) -> int:
        """How many values it holds; for int8 this is also its size in bytes."""
        count = 1
        for extent in self.shape:
            count *= extent
        return count


class Preprocessing(Record, frozen=True):
    """How a stored pixel x in 0..255 becomes the model's input: (x * scale - mean) / std.

    `mean` and `std` have one value, or one per channel; `channels` is the order the model wants.
    """

    name: str
    scale: float
    mean: tuple[float, ...]
    std: tuple[float, ...]
    channels: Literal["rgb", "bgr"] = "rgb"


Resize = Literal["crop", "stretch"]
"""How an image of another size is made to fit: the middle of the right shape, or all of it bent."""


class Relu6Stats(Record, frozen=True):
    """One ReLU6 of the float model, seen over the calibration images.

    `histogram` counts values before the clip in equal bins over `histogram_range`.
    """

    layer: str
    clipped_fraction: float
    channels: int
    dead_channels: int
    never_six_channels: int
    max: float
    range_ratio: float
    verdict: str
    histogram: tuple[int, ...] = ()
    histogram_range: tuple[float, float] = (0.0, 0.0)


class Epoch(Record, frozen=True):
    """One pass over the training images; `epoch` counts from 1, losses are means.

    `train_accuracy` is of the distorted images, while the weights were changing.
    """

    epoch: int
    loss: float
    train_accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    seconds: float


class Trained(Artifact, frozen=True):
    """What `zoo train` made, in `<model>.training.json` beside it.

    `source` is an architecture of the zoo, or the model that was trained on. Accuracies are those
    of `best_epoch`, whose weights the model has; `validation_data` holds the images that training
    did not learn from, as the model takes them.
    """

    source: str
    variant: dict[str, bool | int | float | str]
    output: str
    output_sha256: str
    preprocessing: Preprocessing
    resize: Resize | None
    input_shape: tuple[int, int, int]
    classes: tuple[str, ...]
    images: int
    validation_images: int
    validation_data: str | None
    data_fingerprint: str
    seed: int
    device: str
    epochs: int
    best_epoch: int
    train_accuracy: float
    validation_accuracy: float | None
    history: tuple[Epoch, ...]
    seconds: float


class Quantized(Artifact, frozen=True):
    """What `quantize` did to a model; `resize` is null where only images that fit were taken."""

    model: str
    output: str
    model_sha256: str
    output_sha256: str
    input_scale: float
    input_zero_point: int
    preprocessing: Preprocessing
    relu6: tuple[Relu6Stats, ...]
    fixes: tuple[str, ...]
    warnings: tuple[str, ...]
    calibration_indices: tuple[int, ...]
    data_fingerprint: str
    seed: int
    seconds: float
    resize: Resize | None = None


class Finding(Record, frozen=True):
    """One thing a check found; `where` names the op or tensor."""

    rule: str
    severity: Literal["error", "warning", "info"]
    where: str
    message: str
    hint: str = ""


class Checked(Artifact, frozen=True):
    """The verdict on an int8 model, on one board when one was named."""

    ok: bool
    findings: tuple[Finding, ...]
    runtime: str
    board: str | None
    ram_bytes: int | None
    flash_bytes: int | None
    fits: bool | None


class Step(Record, frozen=True):
    """One op of the schedule, in the order in which the device runs it."""

    index: int
    op: str
    name: str
    macs: int
    output_shape: tuple[int, ...]
    output_bytes: int


class PlannedTensor(Record, frozen=True):
    """Where a tensor lies in the arena, and from which step to which (inclusive) it is alive."""

    name: str
    offset: int
    bytes: int
    first_step: int
    last_step: int


class PassEffect(Record, frozen=True):
    """The model after one pass of the compiler; the first record is the model as it was read."""

    name: str
    summary: str
    steps: int
    """Operations that run; the others only name memory."""
    moving_steps: int
    """Those of them that only move values."""
    moved_bytes: int
    """What they write per inference."""
    arena_bytes: int


class CompiledModel(Artifact, frozen=True):
    """Generated C sources for one model, and what is known of them before they are built."""

    name: str
    runtime: Literal["edgekit", "tflm"]
    model_sha256: str
    input: TensorSpec
    output: TensorSpec
    macs: int
    arena_bytes: int
    arena_lower_bound_bytes: int
    weights_bytes: int
    steps: tuple[Step, ...]
    plan: tuple[PlannedTensor, ...]
    sources: tuple[str, ...]
    passes: tuple[PassEffect, ...] = ()
    preprocessing: Preprocessing | None = None


class Section(Record, frozen=True):
    """One section of a linked image."""

    name: str
    bytes: int
    memory: Literal["flash", "ram", "both"]


class Firmware(Artifact, frozen=True):
    """A linked image for one board. `ram_bytes` is data + bss, without the stack."""

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


class Latency(Record, frozen=True):
    """Microseconds per inference over the runs."""

    min: float
    median: float
    p95: float


class RamUse(Record, frozen=True):
    """`static` is data + bss with the arena; `stack` is the painted stack's high-water mark."""

    static: int
    stack: int | None


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
    latency_us: Latency
    macs: int | None
    arena_bytes: int
    ram_bytes: RamUse
    flash_bytes: int | None
    layers: tuple[LayerProfile, ...]
    notes: tuple[str, ...] = ()


class Accuracy(Record, frozen=True):
    """Rates from 0 to 1; top-5 is null for models with five classes or fewer."""

    top1: float
    top5: float | None


class Validation(Artifact, frozen=True):
    """Float against int8 on the same images. `drop_ci95` is the interval of `drop_points`."""

    samples: int
    on: str
    float_accuracy: Accuracy = msgspec.field(name="float")
    int8_accuracy: Accuracy = msgspec.field(name="int8")
    device: Accuracy | None
    drop_points: float
    drop_ci95: tuple[float, float]
    agreement: float
    device_equals_host: bool | None
    device_samples: int
    first_difference: str | None
    max_drop_points: float | None
    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    ok: bool
    left_out: int
    preprocessing: Preprocessing
    model_sha256: str
    seconds: float


AnyArtifact = TypeVar("AnyArtifact", bound=Artifact)


def sha256(data: bytes) -> str:
    """The SHA-256 of some bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def read_bytes(path: Path, *, most_bytes: int) -> bytes:
    """A file's contents.

    Raises `OSError` as `Path.read_bytes`, and for what is no file (a pipe would make us wait for
    ever) or larger than `most_bytes`.
    """
    found = path.stat()
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        raise OSError(errno.EINVAL, "it is not a file")
    if found.st_size > most_bytes:
        size, most = format_bytes(found.st_size), format_bytes(most_bytes)
        raise OSError(errno.EFBIG, f"it has {size}, at most {most} are read")
    return path.read_bytes()


def write_bytes(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all: beside it first, then a rename.

    Raises `InputError` when the place cannot be written or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            Path(beside).chmod(0o644)
            Path(beside).replace(path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {_why(error)}",
            hint="Choose another place with -o, or make room.",
        ) from None


def _why(error: OSError) -> str:
    if isinstance(error, FileExistsError | NotADirectoryError):
        return "a part of that path is a file, not a folder"
    return error.strerror or str(error)


def require_writable(folder: Path) -> None:
    """Makes a folder if need be, and raises `InputError` unless files can be written into it.

    For the start of what takes long: its end is a bad time to find that out.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(
            f"{folder} is a file, wanted a folder", hint="Choose another place with -o."
        )
    probe = folder / ".edgekit"
    write_bytes(probe, bytes(4096))
    probe.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """`write_bytes` for text, as UTF-8."""
    write_bytes(path, text.encode())


def save(artifact: Artifact, path: Path) -> None:
    """Writes an artifact as indented JSON."""
    write_bytes(path, msgspec.json.format(msgspec.json.encode(artifact), indent=2) + b"\n")


def load(kind: type[AnyArtifact], path: Path) -> AnyArtifact:
    """Reads an artifact back.

    Raises `InputError`, naming file and key, when it is missing, malformed or of another schema.
    """
    try:
        found = msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    except msgspec.MsgspecError as error:
        raise InputError(
            f"{path} is not a valid {kind.__name__} file: {error}",
            hint="It may come from another version of edgekit; make it again.",
        ) from None
    if found.schema != SCHEMA:
        raise InputError(f"{path} has schema {found.schema}, this edgekit reads {SCHEMA}")
    return found
