"""From a run to HTML: everything inline, nothing loaded from anywhere, every name escaped."""

from __future__ import annotations

from pathlib import Path

import jinja2

from edgekit import __version__, artifacts, units
from edgekit.report.frontier import frontier_chart
from edgekit.report.layer_errors import layer_errors
from edgekit.report.layer_times import layer_bars, op_shares
from edgekit.report.memory_map import memory_map
from edgekit.report.mistakes import most_confused, worst_classes
from edgekit.report.relu6_histogram import histogram
from edgekit.report.run import Run, load_run

_LARGEST_MATRIX = 24
"""Above this many classes a matrix cannot be read; the most confused pairs are listed instead."""


def render(folder: Path) -> Path:
    """Writes `report.html` into a run's folder and returns its path.

    Raises `InputError` when the folder holds no results, or when one of them cannot be read.
    """
    path = folder / "report.html"
    artifacts.write_text(path, html(load_run(folder)))
    return path


def html(run: Run) -> str:
    """The page of a run."""
    return _environment().get_template("page.html.j2").render(run=run, **_pictures(run))


def _pictures(run: Run) -> dict[str, object]:
    bars = layer_bars(run.benchmark, run.compiled) if run.benchmark else ()
    relu6 = run.quantized.relu6 if run.quantized else ()
    validation = run.validation
    small = validation is not None and len(validation.classes) <= _LARGEST_MATRIX
    return {
        "bars": bars,
        "op_shares": op_shares(bars),
        "frontier": frontier_chart(run.frontier) if run.frontier else None,
        "memory": memory_map(run.compiled) if run.compiled and run.compiled.plan else None,
        "histograms": [picture for stats in relu6 if (picture := histogram(stats))],
        "matrix": validation.confusion if validation and small else (),
        "confused": most_confused(validation) if validation else (),
        "worst_classes": worst_classes(validation) if validation else (),
        "layer_errors": layer_errors(run.diagnosis) if run.diagnosis else None,
        "version": __version__,
    }


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("edgekit.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        bytes=units.format_bytes,
        kib=_kib,
        count=units.format_count,
        grouped=_grouped,
        duration=units.format_duration,
        percent=_percent,
        points=_points,
    )
    return environment


def _kib(count: int) -> str:
    """A size short enough for a card: ``27.0 KiB``."""
    return f"{count / 1024:.1f} KiB" if count < 2**20 else f"{count / 2**20:.1f} MiB"


def _grouped(count: int) -> str:
    """All digits, in groups that stay in one line."""
    return units.format_grouped(count).replace(" ", "\u202f")


def _percent(rate: float, digits: int = 1) -> str:
    return f"{100 * rate:.{digits}f}\u202f%"


def _points(points: float) -> str:
    """Two decimals with a real minus: ``−0.50``; no minus zero."""
    text = f"{points:.2f}".replace("-", "−")
    return "0.00" if text == "−0.00" else text
