"""Batch norms that do not normalize what they are given, re-estimated from the calibration images.

A batch norm divides by the mean and variance that training left in it. Where these are not those
of its input - too few steps of training, a change of resolution or data, a broken conversion - the
float model itself answers wrongly, and no quantization can be better than it. So this comes before
all other repairs: it changes the Keras model in memory, before that is converted, and what follows
is judged by the mended model.

Every batch norm is measured with those before it taking the statistics of the images, as in
training: one that is wrong does not make those behind it look wrong. Only those that are off get
new statistics; the others know theirs from far more images than calibrate. (Re-estimation of batch
norms before quantization: Nagel et al., "A White Paper on Neural Network Quantization", arXiv
2106.08295, section 3.2, and Wu and Johnson, "Rethinking Batch in BatchNorm", arXiv 2105.07576.)

Shifts that rounding makes behind a batch norm are another matter: `bias` and `rounding` mend these
in the int8 model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

import numpy as np
import numpy.typing as npt

from edgekit.frontends import FloatModel, KerasModel
from edgekit.frontends.batch_norms import BatchNorms
from edgekit.frontends.float_model import Floats
from edgekit.quantize.conversion import float_tflite
from edgekit.quantize.guards import Sample
from edgekit.quantize.repairs.repair import Images
from edgekit.quantize.running import scorer

NAME = "batchnorm"

_OFF = 0.35
"""Standard deviations of `Statistics.distance`. Batch norms of four trained models, met by 16 to
100 images: all below 0.23. In a model whose images are scaled wrongly, its first: 0.85."""
_BATCH = 32
_SURE = 2.0  # standard errors
_SHOWN = 3


def reestimate(model: FloatModel, images: Images) -> tuple[str, ...]:
    """Gives the batch norms that are off what preprocessed images [h, w, c] show; says which.

    Changes the model in memory. Of models other than Keras' it knows no batch norms, and does
    nothing.
    """
    if not isinstance(model, KerasModel) or model.batch is not None:
        return ()
    norms = BatchNorms(model)
    if not norms.names:
        return ()
    trained, met = norms.statistics, norms.measure(_batches(images))
    off = [old.distance(new) > _OFF for old, new in zip(trained, met, strict=True)]
    if not any(off):
        return ()
    chosen = zip(trained, met, off, strict=True)
    norms.set([new if wrong else old for old, new, wrong in chosen])
    return (_did([name for name, wrong in zip(norms.names, off, strict=True) if wrong], len(off)),)


def reestimate_if_better(asked: Sample, judges: Sample, images: Images) -> tuple[str, ...]:
    """`reestimate`, undone unless the model then is clearly less wrong about the judges' images.

    A model that works is not looked into: one that gets more than half of the way from chance to
    all right of what it was `asked`. Batch norms made of folded weights need not fit anything.
    """
    model = judges.model
    if not isinstance(model, KerasModel) or asked.top1 > (1 + 1 / model.classes) / 2:
        return ()
    norms = BatchNorms(model)
    trained = norms.statistics
    did = reestimate(model, images)
    if not did:
        return ()
    after = replace(judges, predict=scorer(float_tflite(model), judges.name))
    if not _clearly_less(judges.losses - after.losses):
        norms.set(trained)
        return ()
    told = f"float top-1 {judges.top1:.1%} before, {after.top1:.1%} now"
    return (f"{did[0]}; {told} on {len(judges.labels)} images",)


def _clearly_less(gains: npt.NDArray[np.float64]) -> bool:
    error = gains.std() / np.sqrt(len(gains))
    return bool(gains.mean() > _SURE * error)


def _batches(images: Iterable[Floats]) -> Iterator[Floats]:
    source = iter(images)
    while few := list(islice(source, _BATCH)):
        yield np.stack(few)


def _did(names: list[str], count: int) -> str:
    told = ", ".join(names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{NAME}: {len(names)} of {count} batch norms re-estimated ({told}{more})"
