"""The graph between a .tflite file and C: typed, SSA-like, quantization on every tensor."""

from edgekit.ir.graph import DType, Graph, Operation, Quantization, Tensor, short_name
from edgekit.ir.spec import breaches, verify

__all__ = [
    "DType",
    "Graph",
    "Operation",
    "Quantization",
    "Tensor",
    "breaches",
    "short_name",
    "verify",
]
