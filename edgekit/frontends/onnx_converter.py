"""Runs onnx2tf; only in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

_CHANNELS = (1, 3)


def convert(source: Path, folder: Path) -> bytes:
    """The float `.tflite` of an `.onnx` file, for images [1, h, w, c]. Raises `ValueError`."""
    import onnx
    import onnx2tf

    try:
        model = onnx.load(source)
        onnx.checker.check_model(model)
    except Exception as error:  # protobuf's and the checker's own kinds
        raise ValueError(f"it is no ONNX model, or is damaged ({error})") from None
    _require_channels_first(model.graph)
    # onnx2tf fetches test images from the internet unless a file of that name lies in the folder.
    np.save(
        folder / "calibration_image_sample_data_20x128x128x3_float32.npy",
        np.zeros((20, 128, 128, 3), np.float32),
    )
    onnx2tf.convert(
        input_onnx_file_path=str(source),
        output_folder_path=str(folder / "converted"),
        batch_size=1,
        non_verbose=True,
    )
    (result,) = (folder / "converted").glob("*_float32.tflite")
    return result.read_bytes()


def _require_channels_first(graph: Any) -> None:
    """Raises `ValueError` unless the only input that is no weight is [n, c, h, w], sizes fixed."""
    weights = {weight.name for weight in graph.initializer}
    inputs = [value for value in graph.input if value.name not in weights]
    if len(inputs) != 1:
        raise ValueError(f"it has {len(inputs)} inputs, edgekit takes models with one")
    shape = [size.dim_value for size in inputs[0].type.tensor_type.shape.dim]
    if len(shape) != 4 or 0 in shape[1:]:
        raise ValueError(f"its input has shape {shape} (0: open), wanted images of a fixed size")
    if shape[3] in _CHANNELS and shape[1] not in _CHANNELS:
        # onnx2tf takes every image for [n, c, h, w], and would give a model of other sizes.
        raise ValueError(
            f"its input has shape {shape}, channels last: give the TensorFlow model that it was "
            "exported from, or export it with channels first"
        )
