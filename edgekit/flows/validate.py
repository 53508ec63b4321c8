"""Float against int8 on the same images, and what a device says against what the host says."""

from __future__ import annotations

import difflib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edgekit import artifacts, boards
from edgekit.artifacts import Resize, Step, Validation
from edgekit.data import Source
from edgekit.errors import DataError, InputError
from edgekit.flows import evaluation, on_device, statistics
from edgekit.flows.bench import find_build, fresh_build
from edgekit.flows.device import connect
from edgekit.flows.evaluation import Int8, Pictures, Scores
from edgekit.flows.flash import flash_emulated
from edgekit.flows.on_device import Answers
from edgekit.flows.progress import Progress, silent
from edgekit.flows.records import preprocessing_for, read_model, record_of, resize_for
from edgekit.link.client import Client
from edgekit.runtimes import tflm
from edgekit.tflite.ends import int8_part
from edgekit.tflite.metadata import preprocessing_of

_PLACES = ("host", "tflm", "emulator")


@dataclass(frozen=True, slots=True)
class Where:
    """Where int8 runs besides the host: ``host`` (nowhere), ``tflm``, ``emulator`` or a port."""

    on: str = "host"
    board_id: str = "pico"
    samples: int | None = None


def validate(
    float_model: Path,
    int8: Path,
    images: Path,
    *,
    where: Where | None = None,
    preprocess: str | None = None,
    resize: Resize | None = None,
    max_drop: float | None = None,
    keep_calibration: bool = False,
    output: Path | None = None,
    progress: Progress = silent,
) -> Validation:
    """Accuracy before and after, with the interval of the drop; writes validate.json.

    It goes to `output`, by default beside the int8 model. The images that calibrated are left out
    unless `keep_calibration`. Raises `DataError` when the images suit one model and not the other,
    and as the device does.
    """
    started, where = time.monotonic(), where or Where()
    _require_place(where.on)
    whole, record = read_model(int8), record_of(int8)
    data = int8_part(whole, int8.name).data
    preprocessing = preprocessing_for(preprocess, record, preprocessing_of(whole, int8.name))
    source = Source(images, resize_for(resize, record))
    over = evaluation.pictures(
        evaluation.dataset_for(data, source, progress), preprocessing, record,
        keep_calibration=keep_calibration,
    )  # fmt: skip
    floats = evaluation.float_scores(float_model, over, progress)
    ints = evaluation.host_scores(data, over, progress)
    if floats.shape != ints.shape:
        raise DataError(
            f"{float_model} has {floats.shape[1]} classes, {int8} has {ints.shape[1]}",
            hint="Give the float model that the int8 model was made of.",
        )
    answers = _ask(where, int8, data, over, ints, progress)
    found = _validation(where, over, floats, ints, answers, max_drop, artifacts.sha256(whole))
    found = _with_seconds(found, time.monotonic() - started)
    artifacts.save(found, output or int8.parent / "validate.json")
    return found


def _with_seconds(found: Validation, seconds: float) -> Validation:
    import msgspec

    return msgspec.structs.replace(found, seconds=seconds)


def _require_place(on: str) -> None:
    """Raises `InputError` for a misspelt place: it would be taken for a port."""
    near = difflib.get_close_matches(on, _PLACES, n=1, cutoff=0.75)
    if near and on not in _PLACES:
        raise InputError(
            f"int8 cannot run on {on!r}", hint=f"Did you mean {near[0]}? Or give a port."
        )


def _ask(
    where: Where, int8: Path, data: bytes, over: Pictures, host: Int8, progress: Progress
) -> Answers | None:
    if where.on == "host":
        return None
    quantization = evaluation.require_int8(data, over)
    if where.on == "tflm":
        with tflm.Worker() as worker:
            places, scores = on_device.ask_all(
                lambda x: worker.run(data, x).reshape(len(x), -1),
                over, quantization, samples=where.samples, progress=progress, stage="int8 on TFLM",
            )  # fmt: skip
        return on_device.compare(data, over, quantization, places, scores, host)
    with _board(where, int8, progress) as (client, steps):

        def checksums(x: Int8) -> list[int]:
            found = client.infer(x.tobytes(), checksum=True).steps or ()
            return [step.output_crc for step in found]

        places, scores = on_device.ask_all(
            on_device.ask_client(client), over, quantization,
            samples=where.samples, progress=progress, stage="int8 on the board",
        )  # fmt: skip
        return on_device.compare(data, over, quantization, places, scores, host, checksums, steps)


@contextmanager
def _board(
    where: Where, int8: Path, progress: Progress
) -> Iterator[tuple[Client, tuple[Step, ...]]]:
    """A board that runs this model; the emulated one is built for and flashed when needed."""
    board, emulate = boards.load(where.board_id), where.on == "emulator"
    sha256 = artifacts.sha256(read_model(int8))
    if emulate:
        known = find_build(board.id, sha256)
        folder = known.folder if known else fresh_build(int8, board.id)
        flash_emulated(folder, board, progress)
    known = find_build(board.id, sha256)
    macs = known.compiled.macs if known else None
    port = None if emulate else where.on
    with connect(board, port=port, emulate=emulate, macs=macs) as device:
        device.client.expect_model(sha256)
        device.client.hello()
        yield device.client, known.compiled.steps if known else ()


def _validation(
    where: Where,
    over: Pictures,
    floats: Scores,
    ints: Int8,
    answers: Answers | None,
    max_drop: float | None,
    sha256: str,
) -> Validation:
    labels = over.labels
    drop = statistics.drop(statistics.correct(floats, labels), statistics.correct(ints, labels))
    same = None if answers is None else not answers.differing
    within = max_drop is None or drop.points <= max_drop
    return Validation(
        samples=len(over),
        on=where.on,
        float_accuracy=statistics.accuracy(floats, labels),
        int8_accuracy=statistics.accuracy(ints, labels),
        device=statistics.accuracy(answers.scores, labels[answers.places]) if answers else None,
        drop_points=drop.points,
        drop_ci95=(drop.low, drop.high),
        agreement=statistics.agreement(floats, ints),
        device_equals_host=same,
        device_samples=len(answers.places) if answers else 0,
        first_difference=answers.first_difference if answers else None,
        max_drop_points=max_drop,
        classes=_classes(over, ints.shape[1]),
        confusion=statistics.confusion(ints, labels),
        ok=within and same is not False,
        left_out=over.left_out,
        preprocessing=over.preprocessing,
        model_sha256=sha256,
        seconds=0.0,
    )


def _classes(over: Pictures, count: int) -> tuple[str, ...]:
    """A name for each output; the data may know fewer classes than the model has."""
    names = over.dataset.classes
    return names + tuple(str(number) for number in range(len(names), count))
