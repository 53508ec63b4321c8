"""A diagnosis in a terminal: the guilty layers first."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from edgekit.artifacts import Diagnosis, LayerDiagnosis
from edgekit.cli.tables import table

_SHOWN = 8


def diagnosed(found: Diagnosis) -> Iterator[RenderableType]:
    """The layers with most of the output's error, and how much of it there is."""
    made = table(
        "Layers by what they do to the output", "#", "layer", "share", "weights", "values", "SQNR",
        right=4,
    )  # fmt: skip
    made.add_column("cause", overflow="fold", ratio=1)
    made.add_column("--fix", overflow="fold")
    for layer in found.ranked[:_SHOWN]:
        made.add_row(
            str(layer.index) if layer.index >= 0 else "",
            Text(layer.name),
            _percent(layer.share),
            _percent(layer.weight_error),
            _percent(layer.activation_error),
            f"{layer.sqnr_db:.1f} dB",
            Text(layer.explanation, "" if layer.cause != "none" else "dim"),
            _fix(layer),
        )
    yield made
    yield Text.assemble(
        ("output's SQNR ", "bold"), f"{found.output_sqnr_db:.1f} dB over {found.images} images; ",
        f"weights cause {_percent(found.weights_share)} of the error",
    )  # fmt: skip


def _fix(layer: LayerDiagnosis) -> str:
    return layer.remedies[0] if layer.remedies else "–"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
