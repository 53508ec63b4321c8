"""Static rules over an int8 model, and with data also what both models say to real images."""

from __future__ import annotations

from pathlib import Path

from edgekit import boards, checks
from edgekit.artifacts import Checked, Finding, Resize
from edgekit.data import Source
from edgekit.data.preprocessing import preprocess as named
from edgekit.errors import InputError
from edgekit.flows import evaluation
from edgekit.flows.progress import Progress, silent
from edgekit.flows.records import preprocessing_for, read_model, record_of, resize_for
from edgekit.tflite.ends import int8_part
from edgekit.tflite.metadata import preprocessing_of

_IMAGES = 100


def check(
    int8: Path,
    *,
    float_model: Path | None = None,
    images: Path | None = None,
    preprocess: str | None = None,
    resize: Resize | None = None,
    board_id: str | None = None,
    runtime: str = "edgekit",
    progress: Progress = silent,
) -> Checked:
    """The verdict on a model; `float_model` with `images` compares the two on up to 100 images.

    Raises `ModelError` for a corrupt file, `InputError` when only one of the two is given.
    """
    board = boards.load(board_id) if board_id else None
    data, record = read_model(int8), record_of(int8)
    noted = preprocessing_of(data, int8.name)
    preprocessing = named(preprocess) if preprocess else noted
    if (float_model is None) != (images is None):
        raise InputError("--float and --data go together", hint="Give both, or neither.")
    more: tuple[Finding, ...] = ()
    if float_model is not None and images is not None:
        wanted = preprocessing_for(preprocess, noted=None if preprocess else noted)
        source = Source(images, resize_for(resize, record))
        runs = int8_part(data, int8.name).data
        dataset = evaluation.dataset_for(runs, source, progress)
        pictures = evaluation.pictures(dataset, wanted, record, limit=_IMAGES)
        floats = evaluation.float_scores(float_model, pictures, progress)
        ints = evaluation.host_scores(runs, pictures, progress)
        more = tuple(checks.compare(int8.name, floats, ints))
    return checks.check(
        data,
        name=int8.name,
        board=board,
        runtime=runtime,
        preprocessing=preprocessing,
        more=more,
    )
