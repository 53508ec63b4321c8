"""The diagnosis: both models beside one another, then each layer alone, then the verdicts."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from edgekit.artifacts import Diagnosis, LayerDiagnosis, sha256
from edgekit.frontends.float_model import Floats
from edgekit.quantize.diagnosis.causes import REMEDIES, Evidence, cause, explanation
from edgekit.quantize.diagnosis.layer_names import layer_name
from edgekit.quantize.diagnosis.probing import Probe, probe
from edgekit.quantize.diagnosis.rescaling import IMAGES as RESCALING_IMAGES
from edgekit.quantize.diagnosis.rescaling import require_one_scale
from edgekit.quantize.diagnosis.tallies import Tally, decibels
from edgekit.quantize.diagnosis.values import Pair
from edgekit.quantize.observing import observe
from edgekit.quantize.repairs import Progress, repairs
from edgekit.quantize.repairs.repair import silent

IMAGES = 32
"""On how many images both models are compared."""
PROBE_IMAGES = 8
"""On how many of them each layer is quantized alone."""

_STAGE = "diagnosing"


def diagnose(
    float_model: bytes,
    int8_model: bytes,
    images: Iterable[Floats],
    *,
    name: str = "the model",
    progress: Progress = silent,
) -> Diagnosis:
    """Where and why the int8 `.tflite` differs from the float `.tflite` it was made of.

    `images` are preprocessed, [h, w, c] float32, of which the first few dozen are taken; those
    that calibrated will do. Raises `ModelError` when the models are not of one kind, or when the
    int8 model was made of one whose channels were rescaled.
    """
    started = time.monotonic()
    few = list(itertools.islice(images, IMAGES))
    pair = Pair(float_model, int8_model, name)
    require_one_scale(pair, float_model, int8_model, few[:RESCALING_IMAGES])
    probed = few[:PROBE_IMAGES]
    work = _Work(progress, len(few) + len(probed) * len(pair.values))
    tallies, agreement = _compared(pair, float_model, int8_model, few, work)
    probes = probe(pair, probed, work.step)
    end = tallies[pair.end]
    return Diagnosis(
        model_sha256=sha256(int8_model),
        images=len(few),
        probe_images=len(probed),
        output_sqnr_db=end.sqnr_db,
        output_cosine=end.cosine,
        expected_sqnr_db=decibels(probes[pair.end].output, _total(probes)),
        agreement=agreement,
        weights_share=sum(found.by_weights for found in probes.values()) / _total(probes),
        layers=_layers(tallies, probes),
        seconds=time.monotonic() - started,
    )


class _Work:
    """Counts what is done."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0
        progress(_STAGE, 0, total)

    def step(self) -> None:
        self._done += 1
        self._progress(_STAGE, self._done, self._total)


def _compared(
    pair: Pair, float_model: bytes, int8_model: bytes, images: Sequence[Floats], work: _Work
) -> tuple[dict[str, Tally], float]:
    """A tally per value, and on what share of the images both models say the same class."""
    tallies = {value.tensor: Tally(value) for value in pair.values}
    names, same = list(tallies), 0
    for real, held in zip(
        observe(float_model, images, names, name=pair.name),
        observe(int8_model, images, names, name=pair.name),
        strict=True,
    ):
        for name, tally in tallies.items():
            tally.add(real[name], held[name])
        same += int(np.argmax(real[pair.end]) == np.argmax(held[pair.end]))
        work.step()
    return tallies, same / len(images)


def _total(probes: Mapping[str, Probe]) -> float:
    """What all layers do to the output, each alone, added up."""
    return sum(found.by_weights + found.by_activation for found in probes.values()) or 1e-30


def _layers(
    tallies: Mapping[str, Tally], probes: Mapping[str, Probe]
) -> tuple[LayerDiagnosis, ...]:
    total = _total(probes)
    shares = {
        name: (found.by_weights + found.by_activation) / total for name, found in probes.items()
    }
    ranks = {name: place for place, name in enumerate(sorted(shares, key=lambda n: -shares[n]), 1)}
    return tuple(
        _layer(Evidence(tally, probes[name], shares[name]), total, ranks[name])
        for name, tally in tallies.items()
    )


def _layer(found: Evidence, total: float, rank: int) -> LayerDiagnosis:
    tally, own, value = found.tally, found.probe, found.tally.value
    kind = cause(found)
    return LayerDiagnosis(
        index=value.op_index,
        op=value.op,
        name=layer_name(value.tensor),
        tensor=value.tensor,
        shape=value.shape,
        sqnr_db=tally.sqnr_db,
        cosine=tally.cosine,
        float_range=tally.float_range,
        int8_range=value.range,
        levels_used=tally.levels_used,
        central_levels=tally.central_levels,
        channels=tally.channels,
        clipped_channels=tally.clipped_channels,
        clipped_fraction=tally.clipped_fraction,
        dead_channels=tally.dead_channels,
        lost_channels=tally.lost_channels,
        range_ratio=tally.range_ratio,
        relu6_saturation=tally.relu6_saturation,
        mean_shift=tally.mean_shift,
        weight_sqnr_db=None if value.weights is None else decibels(own.signal, own.weights),
        weight_error=own.by_weights / total,
        activation_error=own.by_activation / total,
        rank=rank,
        cause=kind,
        explanation=explanation(kind, found),
        remedies=tuple(name for name in REMEDIES[kind] if name in repairs()),
    )
