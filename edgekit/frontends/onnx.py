"""`.onnx` models, converted to float `.tflite` by onnx2tf (the extra `onnx`)."""

from __future__ import annotations

from pathlib import Path

from edgekit.frontends.conversion_process import converted
from edgekit.frontends.float_tflite import TfliteModel, tflite_model


class OnnxModel(TfliteModel):
    """An ONNX model; `data` is the float `.tflite` made of it, which takes images [n, h, w, c]."""

    format = "ONNX"


def load_onnx(path: Path) -> OnnxModel:
    """The model in an `.onnx` file. Raises `ModelError`, `MissingToolError` or `ToolError`."""
    data = converted(
        path,
        "edgekit.frontends.onnx_converter",
        needs=("onnx2tf", "onnx", "tensorflow"),
        extra="onnx",
        what="an .onnx model",
    )
    return tflite_model(path, data, OnnxModel)
