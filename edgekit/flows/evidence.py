"""What can be seen of an int8 model beside its float model, on real images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from edgekit import frontends
from edgekit.artifacts import Diagnosis, Finding, Quantized
from edgekit.checks import Answers
from edgekit.errors import ModelError
from edgekit.flows import evaluation
from edgekit.flows.pictures import Pictures
from edgekit.flows.progress import Progress
from edgekit.frontends import FloatModel
from edgekit.frontends.float_model import Floats
from edgekit.quantize.conversion import float_tflite
from edgekit.quantize.diagnosis import IMAGES, diagnose
from edgekit.quantize.guards import Sample, guard
from edgekit.quantize.replaying import as_quantized, mend_as_quantized


@dataclass(frozen=True, slots=True)
class Evidence:
    """Both models' answers, the layers' diagnosis, and what is strange about the images."""

    answers: Answers | None = None
    diagnosis: Diagnosis | None = None
    findings: tuple[Finding, ...] = ()


def gather(
    float_model: Path,
    name: str,
    int8: bytes,
    pictures: Pictures,
    record: Quantized | None,
    progress: Progress,
) -> Evidence:
    """Asks both models, looks at the images, diagnoses the layers.

    The `record` of the int8 model's making tells which repairs changed its float model.
    Raises `ModelError` or `DataError` when models and images do not suit one another.
    """
    answers = Answers(
        evaluation.float_scores(float_model, pictures, progress),
        evaluation.host_scores(int8, pictures, progress),
    )
    model = frontends.load(float_model)
    progress("looking at the images", 0, 1)
    findings = guard(_sample(model, pictures))
    progress("converting", 0, 1)
    if record is not None and record.data_fingerprint == pictures.dataset.fingerprint:
        calibration = _Calibration(pictures, record)
        if mend_as_quantized(model, record.fixes, calibration):  # int8 is meant to say what it says
            answers = replace(answers, floats=model.predict(pictures.inputs(slice(None))))
        floats = as_quantized(float_tflite(model), record.fixes, calibration, name)
    else:
        floats = float_tflite(model)
    try:
        found = diagnose(floats, int8, _inputs(pictures), name=name, progress=progress)
    except ModelError as error:  # an int8 model of another tool may name its tensors otherwise
        return Evidence(answers, None, (*findings, _undiagnosed(name, error)))
    return Evidence(answers, found, findings)


class _Calibration:
    """The images that calibrated, as the model takes them, one at a time."""

    def __init__(self, pictures: Pictures, record: Quantized) -> None:
        self._pictures = replace(
            pictures, chosen=np.array(record.calibration_indices, dtype=np.int64)
        )

    def __len__(self) -> int:
        return len(self._pictures)

    def __iter__(self) -> Iterator[Floats]:
        for number in range(len(self)):
            yield self._pictures.inputs(slice(number, number + 1))[0]


def _sample(model: FloatModel, pictures: Pictures) -> Sample:
    images = pictures.dataset.images[pictures.chosen]
    name = pictures.dataset.name
    return Sample(name, images, pictures.labels, model, pictures.preprocessing)


def _inputs(pictures: Pictures) -> Iterator[Floats]:
    for number in range(min(IMAGES, len(pictures))):
        yield pictures.inputs(slice(number, number + 1))[0]


def _undiagnosed(name: str, error: ModelError) -> Finding:
    return Finding(
        rule="diagnosis",
        severity="info",
        where=name,
        message=f"the layers cannot be told apart: {error.message}",
        hint=error.hint,
    )
