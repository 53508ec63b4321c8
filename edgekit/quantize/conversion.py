"""TensorFlow's converter and quantizer, called quietly: float model → float .tflite → int8."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from edgekit.errors import ModelError, ToolError
from edgekit.frontends import FloatModel, TensorFlowModel, TfliteModel
from edgekit.quantize.spread import Range, Spread, ranges
from edgekit.quantize.weights import require_finite_ranges, require_int8
from edgekit.tensorflow_loader import quiet, tensorflow
from edgekit.tflite.editing import Editor

_FOREIGN_OP = re.compile(r"'tf\.(\w+)' op is neither")
_INT8 = 9  # TensorType.INT8 in TFLite's schema


def float_tflite(model: FloatModel) -> bytes:
    """The model as a float `.tflite` with a static batch of 1. Raises `ModelError`."""
    if isinstance(model, TfliteModel):
        return model.data
    assert isinstance(model, TensorFlowModel)
    traced = model.traced(batch=1)
    tf = tensorflow("converting a model")
    with quiet():
        converter = tf.lite.TFLiteConverter.from_concrete_functions([traced], traced)
        try:
            return bytes(converter.convert())
        except Exception as error:  # the converter raises its own kinds, and more
            raise _not_convertible(model, error) from None


def _not_convertible(model: FloatModel, error: Exception) -> ModelError:
    ops = sorted(set(_FOREIGN_OP.findall(str(error))))
    if ops:
        return ModelError(
            f"{model.path} has ops that .tflite has not: {', '.join(ops)}",
            hint="Replace the layers that make them.",
        )
    return ModelError(f"TensorFlow cannot convert {model.path} to .tflite: {_brief(error)}")


def int8_tflite_as_seen(model: bytes, seen: Mapping[str, Spread], name: str) -> bytes:
    """A float `.tflite` in int8, ranges from the least and greatest values that were seen.

    Raises `ModelError` naming the values that are not finite.
    """
    limits = ranges(seen)
    require_finite_ranges(limits, name)
    return int8_tflite_within(model, limits)


def int8_tflite_within(model: bytes, limits: Mapping[str, Range]) -> bytes:
    """A float `.tflite` in int8, each tensor within its range: per channel, int8 in and out.

    The passes of `tf.lite.TFLiteConverter` do it. They make the ranges of ops that share one, as
    CONCATENATION's inputs and its output do, equal. Raises `ToolError` when they fail, or leave
    all layers in float.
    """
    tf = tensorflow("quantizing a model")
    from tensorflow.lite.python.convert import mlir_quantize

    with quiet():
        try:
            converted = mlir_quantize(
                _with_ranges(model, limits),
                fully_quantize=True,
                inference_type=_INT8,
                input_data_type=tf.int8,
                output_data_type=tf.int8,
            )
        except Exception as error:  # it raises its own kinds, and more
            raise ToolError(
                f"TensorFlow's quantizer failed: {_brief(error)}",
                hint="`edgekit check` on the float .tflite names ops without an int8 form.",
            ) from None
    int8 = bytes(converted)
    require_int8(int8)
    return int8


def _with_ranges(model: bytes, limits: Mapping[str, Range]) -> bytes:
    """The model with ranges where the quantizer looks for them."""
    editor = Editor(model, "the model")
    for name, (low, high) in limits.items():
        editor.set_range(editor.find(name), low, high)
    return editor.bytes()


def input_quantization(model: bytes) -> tuple[float, int]:
    """Scale and zero point of an int8 model's input."""
    from ai_edge_litert.interpreter import Interpreter

    with quiet():
        details = Interpreter(model_content=model).get_input_details()[0]
    assert details["dtype"] == np.int8
    scale, zero_point = details["quantization"]
    return float(scale), int(zero_point)


def _brief(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) < 400 else f"{text[:397]}…"
