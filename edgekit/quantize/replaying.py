"""The float model that an int8 model was quantized from, after repairs that change it."""

from __future__ import annotations

from collections.abc import Sequence

from edgekit.frontends import FloatModel
from edgekit.quantize.repairs import Case, Images, batchnorm, repairs

_OF_FLOATS = 20
"""Repairs of a lower order change the float model, which is quantized anew; see `repairs`."""


def mend_as_quantized(model: FloatModel, fixes: Sequence[str], images: Images) -> bool:
    """Changes a model in memory as it was before conversion, where the `fixes` in a record say so;
    whether they did.

    The images are those that calibrated.
    """
    if not any(fix.startswith(f"{batchnorm.NAME}:") for fix in fixes):
        return False
    batchnorm.reestimate(model, images)
    return True


def as_quantized(float_model: bytes, fixes: Sequence[str], images: Images, name: str) -> bytes:
    """A float `.tflite` after those of the `fixes` in a record that changed it.

    They are made again, from the images that calibrated: the same images give the same model.
    """
    case = Case(name, float_model, float_model, float_model, images, lambda model: model)
    for repair in repairs().values():
        if repair.order < _OF_FLOATS and any(fix.startswith(f"{repair.name}:") for fix in fixes):
            case, _ = repair(case)
    return case.float_model
