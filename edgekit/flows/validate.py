"""Float against int8 on the same images, and what a device says against what the host says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edgekit import artifacts, frontends
from edgekit.artifacts import Resize, Validation
from edgekit.data import Source
from edgekit.errors import EdgekitError, InputError
from edgekit.flows import comparing, evaluation, on_device, places, summing_up
from edgekit.flows.evaluation import FloatScores, Int8Scores
from edgekit.flows.journal import Journal
from edgekit.flows.on_device import Limits
from edgekit.flows.pictures import pictures
from edgekit.flows.places import Where
from edgekit.flows.progress import Progress, silent
from edgekit.flows.records import (
    preprocessing_for,
    read_model,
    record_of,
    resize_for,
    why_unrecorded,
)
from edgekit.tflite.ends import int8_part
from edgekit.tflite.metadata import preprocessing_of

__all__ = ["Where", "validate"]


def validate(
    float_model: Path,
    int8: Path,
    images: Path,
    *,
    where: Where | None = None,
    preprocess: str | None = None,
    resize: Resize | None = None,
    max_drop: float | None = None,
    stop_early: bool = False,
    keep_calibration: bool = False,
    output: Path | None = None,
    progress: Progress = silent,
) -> Validation:
    """Accuracy before and after, with the interval of the drop; writes validate.json.

    It goes to `output`, by default beside the int8 model. The images that calibrated are left out
    unless `keep_calibration`. `stop_early` ends as soon as it is decided whether int8 loses more
    than `max_drop` points; a place besides the host is left at its first wrong byte. A run that is
    interrupted, by Ctrl-C or a board that goes away, leaves a journal beside the result, from which
    the next one goes on. Raises `DataError` when the images suit one model and not the other, and
    as the place does.
    """
    started, where = time.monotonic(), where or Where()
    places.require_place(where.on)
    if stop_early and max_drop is None:
        raise InputError(
            "--stop-early has nothing to decide", hint="Say which drop is too much: --max-drop 1"
        )
    output = output or int8.parent / "validate.json"
    artifacts.require_apart(output, float_model, int8, images)
    frontends.require_there(float_model)
    whole = read_model(int8)
    model = int8_part(whole, int8.name).data
    record = record_of(int8)
    source = Source(images, resize_for(resize, record), record.classes if record else ())
    dataset = evaluation.dataset_for(model, source, progress)
    preprocessing = preprocessing_for(preprocess, record, preprocessing_of(whole, int8.name))
    over = comparing.shuffled(
        pictures(
            dataset, preprocessing, record, keep_calibration=keep_calibration,
            unrecorded="" if record else why_unrecorded(int8),
        )
    )  # fmt: skip
    floats = FloatScores(float_model, over)
    ints = Int8Scores(model, over, surely=where.on != "host")
    evaluation.require_same_classes(float_model, floats, int8, ints)
    with places.open_place(where, int8, model, progress) as place, _journal(output) as journal:
        compared = comparing.compare(
            floats, ints, artifacts.sha256(whole), over, journal, progress,
            stop_at=max_drop if stop_early else None,
        )  # fmt: skip
        answers = None
        if place is not None:
            limits = Limits(where.samples, stop_early)
            answers = on_device.ask(place, ints, model, over, limits, journal, progress)
        found = summing_up.validation(
            where, max_drop, floats, ints, artifacts.sha256(whole), compared, answers,
            time.monotonic() - started,
        )  # fmt: skip
        artifacts.save(found, output)
    return found


@contextmanager
def _journal(output: Path) -> Iterator[Journal]:
    """The journal of a result; errors that come later say how to go on."""
    path = output.with_suffix(".journal")
    try:
        with Journal(path) as journal:
            yield journal
    except EdgekitError as error:
        if path.exists() and not isinstance(error, InputError):
            error.hint = f"{error.hint} The same command goes on where this one stopped.".strip()
        raise
