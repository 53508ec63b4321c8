"""Runs onnx2tf; only in a process of its own."""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.frontends.node_names import SourceNode, weight_rows, with_node_names

_CHANNELS = (1, 3)
_OPS = {
    "Add": "ADD",
    "AveragePool": "AVERAGE_POOL_2D",
    "Concat": "CONCATENATION",
    "GlobalAveragePool": "MEAN",
    "HardSwish": "HARD_SWISH",
    "MaxPool": "MAX_POOL_2D",
    "Mul": "MUL",
    "ReduceMean": "MEAN",
    "Sigmoid": "LOGISTIC",
    "Softmax": "SOFTMAX",
    "Tanh": "TANH",
}


def convert(source: Path, folder: Path) -> bytes:
    """The float `.tflite` of an `.onnx` file, for images [1, h, w, c]. Raises `ValueError`.

    Its tensors bear the names of the nodes that they came from.
    """
    import onnx

    try:
        model = onnx.load(source)
        onnx.checker.check_model(model)
    except Exception as error:  # protobuf's and the checker's own kinds
        raise ValueError(f"it is no ONNX model, or is damaged ({error})") from None
    _require_channels_first(model.graph)
    nodes = [*_nodes(model.graph)]
    for number, node in enumerate(model.graph.node):
        node.name = f"node_{number}"  # with PyTorch's, /a/Conv, onnx2tf makes what it cannot save
    onnx.save(model, folder / "renamed.onnx")
    return with_node_names(_converted(folder / "renamed.onnx", folder), source.name, nodes)


def _converted(source: Path, folder: Path) -> bytes:
    import onnx2tf

    # It runs onnxsim by name, which lies beside this Python, in the path or not.
    os.environ["PATH"] = os.pathsep.join(
        [sysconfig.get_path("scripts"), os.environ.get("PATH", "")]
    )
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


def _nodes(graph: Any) -> Iterator[SourceNode]:
    """The graph's nodes; one that is not named goes by its value, as in viewers."""
    from onnx import numpy_helper

    held = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            held.update(
                (node.output[0], entry.t) for entry in node.attribute if entry.name == "value"
            )
        kernel = held.get(node.input[1]) if len(node.input) > 1 else None
        axis = None if kernel is None else _output_axis(node)
        yield SourceNode(
            node.name or node.output[0],
            _OPS.get(node.op_type, ""),
            () if node.op_type == "Shape" else tuple(node.input),  # a size depends on no layer
            tuple(node.output),
            None if axis is None else weight_rows(_values(numpy_helper, kernel), axis),
        )


def _values(helper: Any, tensor: Any) -> npt.NDArray[Any]:
    values: npt.NDArray[Any] = helper.to_array(tensor)
    return values


def _output_axis(node: Any) -> int | None:
    """The axis of a node's weights that numbers its outputs; None for what is no layer."""
    transposed = any(entry.name == "transB" and entry.i for entry in node.attribute)
    return {"Conv": 0, "Gemm": 0 if transposed else 1, "MatMul": 1}.get(node.op_type)


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
