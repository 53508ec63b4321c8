"""Float `.tflite` models, run by LiteRT."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from edgekit.artifacts import sha256
from edgekit.errors import ModelError
from edgekit.frontends.float_model import FloatModel, Floats, class_count, image_input
from edgekit.tensorflow_loader import quiet


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
        self._interpreter = interpreter
        self._input, self._output = inputs[0]["index"], outputs[0]["index"]

    def predict(self, x: Floats) -> Floats:
        """Scores [n, classes] for preprocessed images [n, h, w, c] float32."""
        self._require_input(x)
        scores = np.empty((len(x), self.classes), np.float32)
        for number, image in enumerate(x):
            self._interpreter.set_tensor(self._input, image[None])
            self._interpreter.invoke()
            scores[number] = self._interpreter.get_tensor(self._output)[0]
        return scores


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
    with quiet():
        from ai_edge_litert.interpreter import Interpreter

        try:
            interpreter = Interpreter(model_content=data)
            interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"LiteRT cannot read {path}: {str(error).strip()[:300]}") from None
    return kind(path, data, interpreter)


def _require_float(path: Path, tensor: Any) -> None:
    dtype = np.dtype(tensor["dtype"])
    if dtype != np.float32:
        raise ModelError(
            f"{path} is not a float model: {tensor['name']} is {dtype}",
            hint="Give the float model that it was made from."
            if dtype.kind in "iu"
            else "Export the model in float32.",
        )
