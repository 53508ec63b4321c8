"""How a training went."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from edgekit.artifacts import Trained
from edgekit.cli.tables import lines, pairs
from edgekit.units import format_duration


def trained(record: Trained) -> Iterator[RenderableType]:
    """How a training went, and what to do with its result."""
    judged = record.validation_accuracy
    rows = {
        "images": f"{record.images}, of which {record.validation_images} judge",
        "classes": ", ".join(record.classes[:8]) + (" …" if len(record.classes) > 8 else ""),
        "preprocessing": record.preprocessing.name
        + (f", images resized ({record.resize})" if record.resize else ""),
        "best epoch": f"{record.best_epoch} of {record.epochs}",
        "accuracy": f"{100 * record.train_accuracy:.2f} % in training"
        + (f", {100 * judged:.2f} % in validation" if judged is not None else ""),
        "took": f"{format_duration(record.seconds)} on {record.device}",
        "written to": record.output,
    }
    yield pairs(f"Trained {record.source}", rows)
    yield from lines("warning", record.warnings)
    if record.validation_data:
        next_step = ("edgekit", "quantize", record.output, "--data", record.validation_data)
        yield Text.assemble(("next ", "dim"), shlex.join(next_step))
