"""A trained float model and labelled images in, an int8 model and its record out."""

from __future__ import annotations

from pathlib import Path

from edgekit import artifacts, data, frontends, report
from edgekit import quantize as quantizer
from edgekit.artifacts import Quantized, Resize
from edgekit.errors import InputError
from edgekit.flows.progress import Progress, silent
from edgekit.flows.records import preprocessing_for, resize_for
from edgekit.flows.training_records import training_record_of
from edgekit.quantize import DEFAULT_MAX_DROP


def quantize(
    model: Path,
    images: Path,
    output: Path | None = None,
    *,
    preprocess: str | None = None,
    resize: Resize | None = None,
    calibration: int | None = None,
    seed: int = 0,
    fix: str = "auto",
    max_drop: float = DEFAULT_MAX_DROP,
    report_folder: Path | None = None,
    progress: Progress = silent,
) -> Quantized:
    """Writes the int8 model to `output` (build/<model>/int8.tflite) and quantize.json beside it.

    A model that edgekit trained needs no `preprocess`: its record has it. With `report_folder`,
    the record, a diagnosis of the layers and an HTML page go there too. Raises `ModelError`,
    `DataError`, `InputError` or `MissingToolError`.
    """
    frontends.require_there(model)
    trained = training_record_of(model)
    preprocessing, resize = preprocessing_for(preprocess, trained), resize_for(resize, trained)
    classes = trained.classes if trained else ()
    output = _writable(output or Path("build", model.stem, "int8.tflite"))
    artifacts.require_apart(output, model, images)
    made = quantizer.quantize(
        model,
        # Without resizing at once: what is wrong with the data is known before TensorFlow loads.
        data.Source(images, resize, classes)
        if resize
        else data.renumbered(data.load(images, progress=progress), classes),
        preprocessing,
        calibration=calibration,
        seed=seed,
        fix=fix,
        max_drop=max_drop,
        progress=progress,
    )
    record = made.save(output)
    if report_folder is not None:
        artifacts.save(record, report_folder / "quantize.json")
        artifacts.save(made.diagnosis(progress), report_folder / "diagnosis.json")
        report.render(report_folder)
    return record


def _writable(output: Path) -> Path:
    """The same path, known to be a place for a file before anything takes time."""
    if output.exists() and not output.is_file():
        kind = "a folder" if output.is_dir() else "no file"
        raise InputError(f"{output} is {kind}", hint="-o names the int8 .tflite file.")
    artifacts.require_writable(output.parent)
    return output
