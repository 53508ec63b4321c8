"""Accuracies, side by side."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from edgekit.artifacts import Accuracy, EarlyStop, Validation
from edgekit.cli.tables import table
from edgekit.runtimes.int8_scores import FEW


def validation(found: Validation) -> Iterator[RenderableType]:
    """Accuracies, the drop, and whether the device equals the host."""
    made = table("Accuracy", "", "top-1", "top-5", "images", right=3)
    made.add_row("float", *_rates(found.float_accuracy), str(found.samples))
    made.add_row("int8", *_rates(found.int8_accuracy), str(found.samples))
    if found.device is not None:
        made.add_row(f"int8 on {found.on}", *_rates(found.device), str(found.device_samples))
    yield made
    low, high = found.drop_ci95
    drop = f"{found.drop_points:.2f} points (95 % interval {low:.2f} to {high:.2f})"
    if found.max_drop_points is not None:
        drop += f", limit {found.max_drop_points:g}"
    yield Text.assemble(
        ("drop ", "bold"), (drop, "" if found.ok else "bold red"),
        f"; float and int8 agree on {100 * found.agreement:.1f} %",
    )  # fmt: skip
    yield Text("\n".join(_doubts(found)), "dim")
    if found.device_equals_host is not None:
        yield _device_line(found)


def _rates(accuracy: Accuracy) -> tuple[str, str]:
    top5 = "–" if accuracy.top5 is None else f"{100 * accuracy.top5:.2f} %"
    return f"{100 * accuracy.top1:.2f} %", top5


def _doubts(found: Validation) -> Iterator[str]:
    """How sure the drop is, and what was not looked at."""
    if found.mcnemar is not None:
        yield (
            f"lost {found.mcnemar.lost} images, gained {found.mcnemar.gained}; "
            f"McNemar's p {found.mcnemar.p_value:.2g}"
        )
    if found.ties is not None and found.ties.int8_images:
        low, high = 100 * found.ties.int8_top1_lowest, 100 * found.ties.int8_top1_highest
        yield (
            f"int8's largest score is shared on {found.ties.int8_images} images, where the lower "
            f"class index counts; else top-1 were {low:.2f} to {high:.2f} %"
        )
    if found.early_stop is not None:
        early = found.early_stop
        yield (
            f"stopped after {early.samples} of {early.images} images: the drop "
            f"{'is not' if early.within else 'is'} above the limit, wrong at most "
            f"{100 * early.error_rate:.0f} times in 100{_by_bound(early)}"
        )
    yield from found.notes
    if found.host_kernels == "reference" and found.host_note != FEW:
        yield f"int8 ran by the slower reference kernels on the host: {found.host_note}"
    if found.resumed_samples:
        yield f"{found.resumed_samples} images are from an interrupted run"


def _by_bound(early: EarlyStop) -> str:
    """What decided, for the interval may still hold the limit."""
    if early.bound_points is None:
        return ""
    side = "most" if early.within else "least"
    return (
        f"; decided by the one-sided bound, at {side} {early.bound_points:.2f} points, which is "
        "nearer than the interval's end"
    )


def _device_line(found: Validation) -> Text:
    if found.device_equals_host:
        words = (f"same bytes on all {found.device_samples} images", "green")
    else:
        words = (found.first_difference or "differs", "bold red")
    return Text.assemble(("device = host ", "bold"), words)
