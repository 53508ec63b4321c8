"""From a trained float model to an int8 `.tflite`, with what was seen and done on the way."""

from edgekit.quantize.pipeline import FIXES, Progress, QuantizedModel, quantize

__all__ = ["FIXES", "Progress", "QuantizedModel", "quantize"]
