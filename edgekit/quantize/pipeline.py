"""The steps of quantization, in order."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np

from edgekit import frontends
from edgekit.artifacts import (
    Diagnosis,
    Finding,
    Preprocessing,
    Quantized,
    save_beside,
    sha256,
    write_bytes,
)
from edgekit.data import Dataset, Source, as_stored, default_calibration, named, split
from edgekit.errors import InputError
from edgekit.ir import short_name
from edgekit.quantize import relu6
from edgekit.quantize.choosing import Choice, choose
from edgekit.quantize.choosing import apply as apply_repairs
from edgekit.quantize.conversion import float_tflite, input_quantization, int8_tflite_as_seen
from edgekit.quantize.diagnosis import diagnose
from edgekit.quantize.guards import Sample, guard
from edgekit.quantize.input_fit import require_contrast
from edgekit.quantize.inputs import Inputs
from edgekit.quantize.judging import Judge
from edgekit.quantize.looking import Looks
from edgekit.quantize.repairs import Case, Images, Progress, batchnorm, repairs
from edgekit.quantize.repairs.repair import silent
from edgekit.quantize.running import scorer
from edgekit.quantize.weights import (
    left_in_float,
    require_finite,
    require_finite_keras,
    require_finite_ranges,
)
from edgekit.tflite.clamps import ClampState, clamps, lost_clamps
from edgekit.tflite.metadata import with_preprocessing

DEFAULT_MAX_DROP = 0.5
"""Points of top-1 that a model may lose before `--fix auto` tries another repair."""

_GUARDED_IMAGES = 200
_JUDGING_IMAGES = 100
_FEWEST_JUDGES = 20


@dataclass(frozen=True, slots=True)
class QuantizedModel:
    """An int8 `.tflite` and the record of its making.

    `float_model` computes what it should, layer by layer under the same names; `images` calibrated.
    """

    model: bytes
    record: Quantized
    float_model: bytes
    images: Images

    def diagnosis(self, progress: Progress = silent) -> Diagnosis:
        """Which layers still lose how much, and why; see `edgekit.quantize.diagnosis`."""
        name = Path(self.record.model).name
        return diagnose(self.float_model, self.model, self.images, name=name, progress=progress)

    def save(self, output: Path) -> Quantized:
        """Writes the model to `output` and the record to `quantize.json` beside it.

        A record that lies there of another model is kept, as `NAME.quantize.json`.
        """
        record = msgspec.structs.replace(self.record, output=str(output))
        write_bytes(output, self.model)
        save_beside(record, output)
        return record


def quantize(
    path: Path,
    images: Dataset | Source,
    preprocessing: Preprocessing,
    *,
    calibration: int | None = None,
    seed: int = 0,
    fix: str = "auto",
    max_drop: float = DEFAULT_MAX_DROP,
    progress: Progress | None = None,
    allow_lambda: bool = False,
) -> QuantizedModel:
    """The float model at `path` in int8: per channel, int8 in and out, static batch of 1.

    `images` that are a `Source` are read once the model has said what it takes. `calibration` of
    them (by default 100, at most half), chosen by `seed` and spread over the classes, set the
    ranges; the record lists them so that evaluation can leave them out. `fix` is ``none``, names
    from `edgekit.quantize.repairs` with commas, or ``auto``: the cheapest repairs with which the
    model loses at most `max_drop` points, judged on images that did not calibrate.

    Raises `ModelError`, `DataError` or `MissingToolError` when the inputs or tools are not there
    or do not suit one another.
    """
    started = time.monotonic()
    report = progress or silent
    fixes = _chosen_fixes(fix)
    report("reading the model", 0, 1)
    model = frontends.load(path, allow_lambda=allow_lambda)
    if isinstance(model, frontends.KerasModel):
        require_finite_keras(model)
    dataset = images.load(model.input_shape, report) if isinstance(images, Source) else images
    dataset.require_fit(model.input_shape, model.classes)
    calibrating, judging = _divided(dataset, calibration, seed)
    require_contrast(dataset.name, dataset.images[calibrating])
    preprocessing = as_stored(preprocessing, dataset.images[calibrating])
    inputs = Inputs(dataset, calibrating, preprocessing)
    judges = Inputs(dataset, judging, preprocessing)

    report("converting", 0, 1)
    converted = float_tflite(model)
    require_finite(converted, path.name)
    seen = Looks(inputs, lambda done: report("calibrating", done, len(inputs)), name=path.name)
    # What it answered while calibrating need not be asked again, nor TensorFlow, slow to begin.
    require_finite_ranges(relu6.ranges(seen(converted).clips), path.name)
    predict = seen(converted).answering(scorer(converted, path.name))
    report("looking at the images", 0, 1)
    sample = Sample(dataset.name, *inputs.stored(_GUARDED_IMAGES), model, preprocessing, predict)
    doubts = guard(sample)
    mended = _mended(sample, doubts, inputs, judges, fixes)
    if mended:
        converted = float_tflite(model)
    stats = tuple(clip.stats() for clip in seen(converted).clips)

    def quantized(floats: bytes) -> bytes:
        return int8_tflite_as_seen(floats, seen(floats).spreads, path.name)

    stock = Case(
        path.name, converted, converted, quantized(converted), inputs, quantized, report, seen
    )
    choice = _repaired(stock, judges, fixes, max_drop)
    int8 = with_preprocessing(choice.case.int8, path.name, preprocessing)
    scale, zero_point = input_quantization(int8)
    record = Quantized(
        model=str(path),
        output="",
        model_sha256=model.sha256,
        output_sha256=sha256(int8),
        input_scale=scale,
        input_zero_point=zero_point,
        preprocessing=preprocessing,
        relu6=stats,
        fixes=mended + choice.did,
        warnings=(
            *(f"{doubt.message}. {doubt.hint}".removesuffix(". ") for doubt in doubts),
            *relu6.warnings(stats),
            *left_in_float(int8, path.name),
            *_clamp_warnings(choice.case.float_model, int8, path.name),
            *_shortfall(choice, max_drop, mended),
        ),
        calibration_indices=tuple(calibrating),
        data_fingerprint=dataset.fingerprint,
        seed=seed,
        resize=images.resize if isinstance(images, Source) else None,
        steps=choice.steps,
        validation_images=len(judges) if choice.steps else 0,
        classes=named(dataset.classes) if len(dataset.classes) == model.classes else (),
        seconds=time.monotonic() - started,
    )
    return QuantizedModel(int8, record, choice.case.float_model, inputs)


def _divided(dataset: Dataset, calibration: int | None, seed: int) -> tuple[list[int], list[int]]:
    """The images that calibrate, and those that judge repairs: some of the others; of a small set,
    all."""
    count = default_calibration(len(dataset)) if calibration is None else calibration
    calibrating, rest = split(len(dataset), count, seed, labels=dataset.labels)
    if len(rest) < _FEWEST_JUDGES:
        rest = np.concatenate([rest, calibrating])
    few = min(_JUDGING_IMAGES, len(rest))
    judging: list[int] = np.random.default_rng(seed).permutation(rest)[:few].tolist()
    return calibrating.tolist(), sorted(judging)


def _mended(
    sample: Sample,
    doubts: Sequence[Finding],
    inputs: Inputs,
    judges: Inputs,
    fixes: tuple[str, ...] | None,
) -> tuple[str, ...]:
    """What was done to the model's batch norms: in memory, and before it is converted again."""
    if fixes is not None:
        return batchnorm.reestimate(sample.model, inputs) if batchnorm.NAME in fixes else ()
    if any(doubt.rule == "wrong_scale" for doubt in doubts):
        return ()
    few, labels = judges.stored(_JUDGING_IMAGES)
    judging = replace(sample, images=few, labels=labels)
    return batchnorm.reestimate_if_better(sample.asked, judging, inputs)


def _repaired(case: Case, judges: Inputs, fixes: tuple[str, ...] | None, max_drop: float) -> Choice:
    """The case with these repairs, or with those that `choose` finds best."""
    if fixes is None:
        judge = Judge(case.name, case.reference, judges.at_hand(), judges.labels)
        return choose(case, judge, max_drop)
    repaired, did = apply_repairs(case, fixes)
    return Choice(repaired, did, ())


def _shortfall(choice: Choice, max_drop: float, mended: tuple[str, ...]) -> Iterator[str]:
    """What is still lost, and what to try next; `mended` says what was done to batch norms."""
    if choice.verdict is not None and choice.verdict.beyond(max_drop):
        yield (
            f"some {choice.verdict.lost:.1f} points of top-1 are lost, more than the {max_drop:g} "
            "allowed; no combination of repairs for every runtime does better. "
            f"{_next(choice, mended)}--report names the layers"
        )


def _next(choice: Choice, mended: tuple[str, ...]) -> str:
    if choice.further is None:
        return ""
    names = ",".join((*((batchnorm.NAME,) if mended else ()), *choice.further.repairs))
    lost = f"{max(0.0, choice.further.verdict.lost):.1f}"
    return (
        f"Next to try is --fix {names}, with which some {lost} points are lost, "
        "where LiteRT or TensorFlow Lite Micro (--runtime tflm) runs the model: edgekit's own "
        "compiler refuses it. "
    )


def _clamp_warnings(floats: bytes, int8: bytes, name: str) -> Iterator[str]:
    for clamp in clamps(int8, name):
        if clamp.harmful:
            yield (
                f"{clamp.where} stands alone and changes the scale: "
                "TensorFlow Lite Micro computes it wrongly"
            )
        elif clamp.state is ClampState.WIDE:
            yield (
                f"{clamp.where} clamps to [0, 6] but its int8 range is "
                f"[{clamp.low:.2f}, {clamp.high:.2f}]: {clamp.wasted_levels} of 256 levels "
                "are never used"
            )
    for tensor in lost_clamps(floats, int8, name):
        yield f"{short_name(tensor)}: its clamp to [0, 6] was lost in conversion"


def _chosen_fixes(fix: str) -> tuple[str, ...] | None:
    """The names of the repairs to make; None where edgekit is to choose."""
    if fix == "auto":
        return None
    names = () if fix == "none" else tuple(fix.split(","))
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            f"--fix names {', '.join(twice)} twice",
            hint="Each repair is made once.",
        )
    known = (batchnorm.NAME, *repairs())
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise InputError(
            f"there is no fix {', '.join(unknown)}",
            hint=f"Fixes: auto, none, or any of {', '.join(known)} with commas.",
        )
    return names
