"""Float `.tflite` models, run by LiteRT."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from edgekit.artifacts import sha256
from edgekit.errors import ModelError
from edgekit.frontends.float_model import FloatModel, Floats, class_count, image_input
from edgekit.frontends.half_floats import with_whole_floats
from edgekit.frontends.max_pool_pads import with_finite_pads
from edgekit.tensorflow_loader import quiet
from edgekit.tflite import flatfile
from edgekit.tflite.rewriting import pack, unpack

_KEPT_IN_FLOAT = b"keep_stablehlo_constant"
_ORIGIN = "Give the float model that it was made from."
_VARIABLE = schema.TensorType.RESOURCE
_FLOATS = (schema.TensorType.FLOAT32, schema.TensorType.FLOAT16)
_WORTH_A_THREAD = 4
"""Images for which it is worth while to start a thread."""


class TfliteModel(FloatModel):
    """A float `.tflite`; `data` is its bytes."""

    format = "TFLite"

    def __init__(self, path: Path, data: bytes, interpreter: Any) -> None:
        (inputs, outputs) = (interpreter.get_input_details(), interpreter.get_output_details())
        for tensor in (*inputs, *outputs):
            _require_float(path, tensor)
        super().__init__(
            path,
            sha256(path.read_bytes()),
            image_input(path, [tuple(tensor["shape"].tolist()) for tensor in inputs]),
            class_count(path, [tuple(tensor["shape"].tolist()) for tensor in outputs]),
        )
        self.data = data
        self._interpreters = [interpreter]
        self._input, self._output = inputs[0]["index"], outputs[0]["index"]

    def predict(self, x: Floats) -> Floats:
        """Scores [n, classes] for preprocessed images [n, h, w, c] float32."""
        self._require_input(x)
        scores = np.empty((len(x), self.classes), np.float32)
        threads = max(1, min(os.cpu_count() or 1, len(x) // _WORTH_A_THREAD))
        while len(self._interpreters) < threads:
            self._interpreters.append(_interpreter(self.path, self.data))

        def run(number: int) -> None:
            part = slice(len(x) * number // threads, len(x) * (number + 1) // threads)
            self._fill(self._interpreters[number], x[part], scores[part])

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(run, range(threads)))
        return scores

    def _fill(self, interpreter: Any, x: Floats, scores: Floats) -> None:
        for image, target in zip(x, scores, strict=True):
            interpreter.set_tensor(self._input, image[None])
            interpreter.invoke()
            target[:] = interpreter.get_tensor(self._output)[0]


AnyTflite = TypeVar("AnyTflite", bound=TfliteModel)


def load_tflite(path: Path) -> TfliteModel:
    """The float model in a `.tflite` file. Raises `ModelError`."""
    return tflite_model(path, path.read_bytes(), TfliteModel)


def tflite_model(path: Path, data: bytes, kind: type[AnyTflite]) -> AnyTflite:
    """The model at `path`, which is or was converted to the `.tflite` in `data`.

    Raises `ModelError`.
    """
    if data[4:8] != b"TFL3":
        raise ModelError(f"{path} is not a .tflite file, or is damaged")
    if _has_half_floats(path, data):
        data = with_whole_floats(data, str(path))
    data = with_finite_pads(_without_mark(data, str(path)), str(path))
    return kind(path, data, _interpreter(path, data))


def _has_half_floats(path: Path, data: bytes) -> bool:
    """Whether a model holds float16, looked at without reading its weights.

    Raises `ModelError` for a model with quantized tensors inside, whatever its ends are, and for
    one that reads variables, which no converter can quantize.
    """
    model = flatfile.open_model(data, str(path))
    with flatfile.corruption_named(str(path)):
        graph = model.Subgraphs(0)  # what it calls besides takes and gives what is here
        tensors = flatfile.tables(graph.TensorsLength, graph.Tensors, "tensors")
        quantized = sum(_is_quantized(tensor) for tensor in tensors)
        variables = sum(tensor.Type() == _VARIABLE for tensor in tensors)
    if quantized:
        raise ModelError(
            f"{path} is not a float model: {quantized} of its {len(tensors)} tensors are quantized",
            hint=_ORIGIN,
        )
    if variables:
        raise ModelError(
            f"{path} holds {variables} variables, not constants",
            hint="Convert it with TFLiteConverter.from_keras_model or from_saved_model, or give "
            "the Keras model or SavedModel itself.",
        )
    return any(tensor.Type() == schema.TensorType.FLOAT16 for tensor in tensors)


def _is_quantized(tensor: Any) -> bool:
    found = tensor.Quantization()
    scaled = found is not None and found.ScaleLength() > 0
    return scaled and tensor.Type() not in _FLOATS


def _without_mark(data: bytes, name: str) -> bytes:
    """The model without litert-torch's mark that keeps weights from being quantized: TensorFlow's
    importer then holds constants in a form that its quantizer passes over, without a word."""
    if _KEPT_IN_FLOAT not in data:
        return data
    model = unpack(data, name)
    model.metadata = [entry for entry in model.metadata or () if entry.name != _KEPT_IN_FLOAT]
    return pack(model)


def _interpreter(path: Path, data: bytes) -> Any:
    """One thread each: images are divided among interpreters, which is faster than each image."""
    with quiet():
        from ai_edge_litert.interpreter import Interpreter

        try:
            interpreter = Interpreter(model_content=data, num_threads=1)
            interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"LiteRT cannot read {path}: {str(error).strip()[:300]}") from None
    return interpreter


def _require_float(path: Path, tensor: Any) -> None:
    dtype = np.dtype(tensor["dtype"])
    if dtype != np.float32:
        raise ModelError(
            f"{path} is not a float model: {tensor['name']} is {dtype}",
            hint=_ORIGIN if dtype.kind in "iu" else "Export the model in float32.",
        )
