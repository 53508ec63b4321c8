"""From a trained float model to an int8 `.tflite`, with what was seen and done on the way."""

from edgekit.quantize.pipeline import QuantizedModel, quantize
from edgekit.quantize.repairs import Progress

__all__ = ["Progress", "QuantizedModel", "quantize"]
