"""One self-contained HTML page from a run's artifacts."""

from edgekit.report.page import render
from edgekit.report.run import Run, load_run

__all__ = ["Run", "load_run", "render"]
