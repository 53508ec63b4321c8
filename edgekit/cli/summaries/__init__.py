"""A run's artifacts as rich tables: what a person reads in a terminal."""

from edgekit.cli.summaries.accuracies import validation
from edgekit.cli.summaries.benchmarks import benchmark
from edgekit.cli.summaries.building import compiled, firmware
from edgekit.cli.summaries.deployments import deployed
from edgekit.cli.summaries.quantization import quantized
from edgekit.cli.summaries.training import trained
from edgekit.cli.summaries.verdicts import checked

__all__ = [
    "benchmark",
    "checked",
    "compiled",
    "deployed",
    "firmware",
    "quantized",
    "trained",
    "validation",
]
