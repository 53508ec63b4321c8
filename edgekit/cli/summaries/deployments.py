"""A deployment, from the model to the board."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType

from edgekit.cli.summaries.accuracies import validation
from edgekit.cli.summaries.benchmarks import benchmark
from edgekit.cli.summaries.building import firmware
from edgekit.cli.summaries.diagnosis import diagnosed
from edgekit.cli.summaries.quantization import quantized
from edgekit.cli.summaries.verdicts import checked
from edgekit.cli.tables import pairs
from edgekit.flows.deploy import Deployment
from edgekit.units import format_duration


def deployed(found: Deployment) -> Iterator[RenderableType]:
    """Every step of a deployment, its page, and how long it all took."""
    yield from quantized(found.quantize)
    yield from diagnosed(found.diagnosis)
    yield from checked(found.check)
    yield from firmware(found.firmware)
    yield from benchmark(found.bench)
    yield from validation(found.validate)
    yield pairs("Done", {"report": found.report, "took": format_duration(found.seconds)})
