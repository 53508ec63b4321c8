"""What quantization saw, repaired and made."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from edgekit.artifacts import Quantized, Relu6Stats
from edgekit.cli.tables import lines, pairs, table
from edgekit.units import format_duration


def quantized(record: Quantized) -> Iterator[RenderableType]:
    """What quantization saw and did."""
    yield _relu6_table(record.relu6) if record.relu6 else Text("The model has no ReLU6.", "dim")
    if record.steps:
        yield _repairs_table(record)
    yield from lines("repaired", record.fixes, "green")
    yield from lines("warning", record.warnings)
    rows = {
        "input": f"scale {record.input_scale:.7g}, zero point {record.input_zero_point}",
        "preprocessing": record.preprocessing.name
        + (f", images resized ({record.resize})" if record.resize else ""),
        "calibrated on": f"{len(record.calibration_indices)} images, seed {record.seed}",
        "took": format_duration(record.seconds),
        "written to": record.output,
    }
    yield pairs("Quantized", rows)


def _repairs_table(record: Quantized) -> Table:
    made = table(
        f"Repairs, judged on {record.validation_images} images "
        "by the probability that moves to other classes",
        "repairs", "", "prob. moved", "top-1 lost", "expected", "same answer", "took", right=5,
    )  # fmt: skip
    for step in record.steps:
        made.add_row(
            " + ".join(step.repairs) or "none",
            Text("kept", "green") if step.kept else Text("left out", "dim"),
            "–" if step.moved is None else f"{100 * step.moved:.2f} %",
            f"{step.drop_points:.2f} ± {step.drop_error:.2f}",
            f"{step.expected_drop_points:.2f} ± {step.expected_drop_error:.2f}",
            f"{100 * step.agreement:.1f} %",
            format_duration(step.seconds),
        )
    return made


def _relu6_table(layers: tuple[Relu6Stats, ...]) -> Table:
    made = table(
        "ReLU6 over the calibration images", "layer",
        "clipped", "largest", "dead", "never 6", "channels", "range ratio", right=6,
    )  # fmt: skip
    made.add_column("verdict")
    for stats in layers:
        made.add_row(
            Text(stats.layer),
            f"{100 * stats.clipped_fraction:.2f} %",
            f"{stats.max:.2f}",
            str(stats.dead_channels),
            str(stats.never_six_channels),
            str(stats.channels),
            f"{stats.range_ratio:.1f}",
            Text(stats.verdict, _verdict_style(stats)),
        )
    return made


def _verdict_style(stats: Relu6Stats) -> str:
    """Never reaching 6 is worth knowing and harmless."""
    if stats.verdict == "healthy":
        return "green"
    return "dim" if stats.verdict.startswith("never") else "yellow"
