"""Static rules over an int8 model, and with data also what both models say to real images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from edgekit import artifacts, boards, checks, frontends, report
from edgekit.artifacts import Checked, Diagnosis, Preprocessing, Resize
from edgekit.checks import Severity, Thresholds
from edgekit.checks.junit import junit
from edgekit.checks.sarif import sarif
from edgekit.data import Source
from edgekit.data.preprocessing import preprocess as named
from edgekit.errors import InputError
from edgekit.flows import evaluation
from edgekit.flows.evidence import Evidence, gather
from edgekit.flows.pictures import Pictures
from edgekit.flows.progress import Progress, silent
from edgekit.flows.records import preprocessing_for, read_model, record_of, resize_for
from edgekit.quantize import guards
from edgekit.tflite.ends import int8_part
from edgekit.tflite.metadata import preprocessing_of

_IMAGES = 100
DESCRIPTIONS: Mapping[str, str] = {**checks.DESCRIPTIONS, **guards.DESCRIPTIONS}
"""What each rule and guard wants, by name."""


class Outputs(msgspec.Struct, frozen=True):
    """Where a verdict goes besides the screen; None for nowhere.

    `folder` gets check.json, diagnosis.json and the page.
    """

    sarif: Path | None = None
    junit: Path | None = None
    folder: Path | None = None


def check(
    int8: Path,
    *,
    float_model: Path | None = None,
    images: Path | None = None,
    preprocess: str | None = None,
    resize: Resize | None = None,
    board_id: str | None = None,
    runtime: str = "edgekit",
    thresholds: Sequence[str] = (),
    fail_on: Severity = "error",
    diagnosis: Diagnosis | None = None,
    outputs: Outputs | None = None,
    progress: Progress = silent,
) -> Checked:
    """The verdict on a model; `float_model` with `images` compares the two on up to 100 images.

    `thresholds` are settings such as ``agreement_warning=0.95``; findings of `fail_on` or worse
    fail the check. A `diagnosis` that is there already is judged too. Raises `ModelError` for a
    corrupt file, `InputError` when only one of the two is given or a setting is wrong.
    """
    limits, outputs = Thresholds().with_settings(thresholds), outputs or Outputs()
    for output in filter(None, (outputs.sarif, outputs.junit)):
        artifacts.require_apart(output, int8, float_model, images)
    board = boards.load(board_id) if board_id else None
    data = read_model(int8)
    noted = preprocessing_of(data, int8.name)
    if (float_model is None) != (images is None):
        raise InputError("--float and --data go together", hint="Give both, or neither.")
    seen = Evidence(diagnosis=diagnosis)
    if float_model is not None and images is not None:
        frontends.require_there(float_model)
        runs = int8_part(data, int8.name).data
        pictures = _pictures(int8, runs, images, preprocess, resize, progress)
        seen = gather(float_model, int8.name, runs, pictures, record_of(int8), progress)
    verdict = checks.check(
        data,
        name=int8.name,
        board=board,
        runtime=runtime,
        preprocessing=_judged(preprocess, noted),
        answers=seen.answers,
        diagnosis=seen.diagnosis,
        thresholds=limits,
        fail_on=fail_on,
        more=seen.findings,
    )
    _write(verdict, int8, outputs)
    return verdict


def _judged(name: str | None, noted: Preprocessing | None) -> Preprocessing | None:
    """The preprocessing of that name, else the noted one; of what the noted one says was stored."""
    if name is None:
        return noted
    return msgspec.structs.replace(named(name), pixels=noted is None or noted.pixels)


def _pictures(
    int8: Path,
    runs: bytes,
    images: Path,
    preprocess: str | None,
    resize: Resize | None,
    progress: Progress,
) -> Pictures:
    """Up to 100 images that did not calibrate, as the model takes them."""
    record = record_of(int8)
    noted = None if preprocess else preprocessing_of(read_model(int8), int8.name)
    wanted = preprocessing_for(preprocess, noted=noted)
    source = Source(images, resize_for(resize, record), record.classes if record else ())
    dataset = evaluation.dataset_for(runs, source, progress)
    return evaluation.pictures(dataset, wanted, record, limit=_IMAGES)


def _write(verdict: Checked, int8: Path, outputs: Outputs) -> None:
    if outputs.sarif is not None:
        artifacts.write_text(outputs.sarif, sarif(verdict, int8, DESCRIPTIONS))
    if outputs.junit is not None:
        artifacts.write_text(outputs.junit, junit(verdict, int8.name))
    if outputs.folder is not None:
        save(verdict, outputs.folder)
        report.render(outputs.folder)


def save(verdict: Checked, folder: Path) -> None:
    """Writes check.json, and beside it the diagnosis when there is one."""
    artifacts.save(msgspec.structs.replace(verdict, diagnosis=None), folder / "check.json")
    if verdict.diagnosis is not None:
        artifacts.save(verdict.diagnosis, folder / "diagnosis.json")
