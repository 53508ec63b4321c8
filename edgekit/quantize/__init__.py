"""From a trained float model to an int8 `.tflite`, with what was seen and done on the way."""

from edgekit.quantize.pipeline import DEFAULT_MAX_DROP, QuantizedModel, quantize
from edgekit.quantize.repairs import Progress

__all__ = ["DEFAULT_MAX_DROP", "Progress", "QuantizedModel", "quantize"]
