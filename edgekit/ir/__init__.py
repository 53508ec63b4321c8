"""The graph between a .tflite file and C: typed, SSA-like, quantization on every tensor."""

from edgekit.ir.graph import DType, Graph, Operation, Quantization, Tensor

__all__ = ["DType", "Graph", "Operation", "Quantization", "Tensor"]
