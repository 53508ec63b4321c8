"""The .tflite format: reading it into the IR, and small rewrites of it."""

from edgekit.tflite.reader import read_graph

__all__ = ["read_graph"]
