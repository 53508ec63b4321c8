"""From what both models and a place say to images: the record that `validate` writes."""

from __future__ import annotations

from edgekit.artifacts import Confused, Validation
from edgekit.flows import statistics
from edgekit.flows.comparing import Compared
from edgekit.flows.evaluation import FloatScores, Int8Scores
from edgekit.flows.on_device import Answers
from edgekit.flows.pictures import Pictures
from edgekit.flows.places import Where
from edgekit.flows.sequential import interval
from edgekit.flows.verdicts import Labels, Verdicts

_LARGEST_CONFUSION = 100
"""Classes up to which the whole matrix is written; a larger one is mostly zeros."""
_MOST_CONFUSED = 50


def validation(
    where: Where,
    max_drop: float | None,
    floats: FloatScores,
    ints: Int8Scores,
    sha256: str,
    compared: Compared,
    answers: Answers | None,
    seconds: float,
) -> Validation:
    """Everything that is known, and whether it is good enough."""
    over, before, after = compared.over, compared.floats, compared.ints
    classes, labels = ints.classes, over.labels
    drop = _drop(compared)
    within = max_drop is None or drop.points <= max_drop
    if compared.early is not None:
        within = compared.early.within
    same = None if answers is None else not answers.differing
    top5 = statistics.drop(before.ranks < 5, after.ranks < 5)
    has_top5 = classes >= statistics.TOP5_FROM
    return Validation(
        samples=len(over),
        on=where.on,
        float_accuracy=statistics.accuracy(before, classes),
        int8_accuracy=statistics.accuracy(after, classes),
        device=statistics.accuracy(answers.verdicts, classes) if answers else None,
        drop_points=drop.points,
        drop_ci95=(drop.low, drop.high),
        agreement=statistics.agreement(before, after),
        device_equals_host=same,
        device_samples=len(answers.verdicts) if answers else 0,
        first_difference=answers.first_difference if answers else None,
        max_drop_points=max_drop,
        classes=_classes(over, classes),
        confusion=_confusion(after, labels, classes),
        ok=within and same is not False,
        left_out=over.left_out,
        preprocessing=over.preprocessing,
        model_sha256=sha256,
        seconds=seconds,
        drop_bootstrap95=statistics.bootstrap(before.correct, after.correct),
        top5_drop_points=top5.points if has_top5 else None,
        top5_drop_ci95=(top5.low, top5.high) if has_top5 else None,
        mcnemar=statistics.mcnemar(before.correct, after.correct),
        ties=statistics.ties(before, after),
        per_class=statistics.per_class(before, after, labels),
        confused=_confused(after, labels),
        early_stop=compared.early,
        host_kernels=ints.model.kernels,
        host_note=ints.model.why,
        resumed_samples=compared.resumed + (answers.resumed if answers else 0),
        float_sha256=floats.sha256,
        data_fingerprint=over.dataset.fingerprint,
        notes=(over.note,) if over.note else (),
    )


def _drop(compared: Compared) -> statistics.Drop:
    """After an early stop with the interval that holds whenever one stops: the usual one is too
    narrow when the data said when."""
    before, after = compared.floats.correct, compared.ints.correct
    found = statistics.drop(before, after)
    if compared.early is None:
        return found
    low, high = interval(before.astype(int) - after.astype(int), compared.early.images)
    return statistics.Drop(found.points, low, high)


def _classes(over: Pictures, count: int) -> tuple[str, ...]:
    """A name for each output; the data may know fewer classes than the model has."""
    names = over.dataset.classes
    return names + tuple(str(number) for number in range(len(names), count))


def _confusion(found: Verdicts, labels: Labels, classes: int) -> tuple[tuple[int, ...], ...]:
    small = classes <= _LARGEST_CONFUSION
    return statistics.confusion(found, labels, classes) if small else ()


def _confused(found: Verdicts, labels: Labels) -> tuple[Confused, ...]:
    pairs = statistics.confused_pairs(found, labels)[:_MOST_CONFUSED]
    return tuple(
        Confused(label=label, prediction=prediction, images=images)
        for label, prediction, images in pairs
    )
