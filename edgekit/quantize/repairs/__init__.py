"""Repairs of what int8 loses: every module of this package that has a `REPAIR` is one.

    name, order         what it changes
    below 20            the float model, function kept; it is quantized anew
    20 to 39            ranges and types of activations
    40 to 59            weights, biases and their scales
    from 60             what must be true of the result

Each takes a `Case` and gives a `Repaired`, whose models stay standard `.tflite` files:

    case = Case("person", float_bytes, float_bytes, int8_bytes, images, quantize)
    case, did = repairs()["bias"](case)
"""

from edgekit.quantize.repairs.discovery import repairs
from edgekit.quantize.repairs.repair import Case, Images, Progress, Repair, Repaired, unchanged

__all__ = ["Case", "Images", "Progress", "Repair", "Repaired", "repairs", "unchanged"]
