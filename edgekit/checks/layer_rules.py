"""Rules on what each layer loses, as the diagnosis found it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgekit.artifacts import Diagnosis, Finding, LayerDiagnosis
from edgekit.checks.subject import Subject
from edgekit.tflite.scales import OWN_SCALE


def output_error(subject: Subject) -> Iterator[Finding]:
    """The int8 model's output stands well above the noise that quantization adds to it.

    At 20 dB the noise is a tenth of the output, at 10 dB a third.
    """
    found, limits = subject.diagnosis, subject.thresholds
    if found is None or not _poor(subject, found):
        return
    worse = found.output_sqnr_db < limits.output_sqnr_error
    yield Finding(
        rule="output_error",
        severity="error" if worse else "warning",
        where=subject.name,
        message=f"the output's SQNR is {found.output_sqnr_db:.1f} dB over {found.images} images; "
        f"the weights cause {100 * found.weights_share:.0f} % of the error",
        hint="The layers with most of it come next; `edgekit quantize --fix` repairs.",
    )


def layer_error(subject: Subject) -> Iterator[Finding]:
    """No layer alone causes a large part of the output's error, where that error matters."""
    found = subject.diagnosis
    if found is None or not _poor(subject, found):
        return
    for layer in found.ranked:
        if layer.share > subject.thresholds.layer_share and layer.cause != "none":
            yield Finding(
                rule="layer_error",
                severity="warning",
                where=where(layer),
                message=f"causes {100 * layer.share:.0f} % of the output's error: "
                f"{layer.explanation}",
                hint=_remedy(layer),
            )


def channel_ranges(subject: Subject) -> Iterator[Finding]:
    """In most layers, the channels have ranges of one size: they share 256 levels.

    As the widest channel's range over the median one's grows, int8 gets worse: harmless up to 6,
    four points lost at 10, a collapse at 17 (a rescaled MobileNetV1 on its own images). It is an
    error only where the output's SQNR is low as well.
    """
    found, limits = subject.diagnosis, subject.thresholds
    ratios = [layer.range_ratio for layer in found.layers if _weighted(layer)] if found else []
    ratio = float(np.median(ratios)) if ratios else 1.0
    poor = found is not None and _poor(subject, found)
    if ratio > min(limits.range_ratio_warning, limits.range_ratio_error):
        yield Finding(
            rule="channel_ranges",
            severity="error" if ratio > limits.range_ratio_error and poor else "warning",
            where=subject.name,
            message=f"in the median of {len(ratios)} layers the widest channel has {ratio:.1f} "
            "times the median channel's range",
            hint="Try `edgekit quantize --fix equalization`.",
        )


def clipping(subject: Subject) -> Iterator[Finding]:
    """No layer has many values beyond its int8 range.

    The ranges of SOFTMAX, LOGISTIC and TANH do not count: TFLite fixes them, whatever calibrates.
    """
    for layer in subject.diagnosis.layers if subject.diagnosis else ():
        if layer.op not in OWN_SCALE and layer.clipped_fraction > subject.thresholds.clipped:
            yield Finding(
                rule="clipping",
                severity="warning",
                where=where(layer),
                message=f"{100 * layer.clipped_fraction:.1f} % of its values lie beyond "
                f"{layer.int8_range[0]:.3g} to {layer.int8_range[1]:.3g}, which int8 holds; "
                f"{layer.clipped_channels} of {layer.channels} channels are hit",
                hint="Calibrate with more images of the kind it will see, or try --fix ranges.",
            )


def dead_channels(subject: Subject) -> Iterator[Finding]:
    """Few channels are the same everywhere on all images: they cost time and say nothing."""
    layers = subject.diagnosis.layers if subject.diagnosis else ()
    share = subject.thresholds.dead_channels
    found = [layer for layer in layers if _dead(layer) > share * layer.channels]
    if found:
        worst = max(found, key=lambda layer: _dead(layer) / layer.channels)
        lost = f", {worst.lost_channels} more not in int8" if worst.lost_channels else ""
        yield Finding(
            rule="dead_channels",
            severity="info",
            where=where(worst),
            message=f"{worst.dead_channels} of {worst.channels} channels never change{lost}; "
            f"{len(found)} values have many such channels, this one most",
            hint="Narrower layers would do the same.",
        )


def where(layer: LayerDiagnosis) -> str:
    """A layer's place in words, as `Graph.where` gives it."""
    return f"{layer.op} #{layer.index} ({layer.name})" if layer.index >= 0 else layer.name


def _poor(subject: Subject, found: Diagnosis) -> bool:
    limits = subject.thresholds
    return found.output_sqnr_db < max(limits.output_sqnr_warning, limits.output_sqnr_error)


def _dead(layer: LayerDiagnosis) -> int:
    return layer.dead_channels + layer.lost_channels


def _weighted(layer: LayerDiagnosis) -> bool:
    return layer.weight_sqnr_db is not None


def _remedy(layer: LayerDiagnosis) -> str:
    return f"Try `edgekit quantize --fix {layer.remedies[0]}`." if layer.remedies else ""
