"""Keras models: `.keras` (Keras 3) and legacy `.h5`."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from edgekit.artifacts import sha256
from edgekit.errors import ModelError
from edgekit.frontends.float_model import Floats, class_count, image_input, single_batch
from edgekit.frontends.keras_compatibility import without_later_settings
from edgekit.frontends.tensorflow_model import TensorFlowModel
from edgekit.tensorflow_loader import quiet, tensorflow


class KerasModel(TensorFlowModel):
    """A Keras model; `keras` is the model itself."""

    format = "Keras"

    def __init__(self, path: Path, model: Any) -> None:
        inputs = [tuple(tensor.shape) for tensor in model.inputs]
        outputs = [tuple(tensor.shape) for tensor in model.outputs]
        super().__init__(
            path,
            sha256(path.read_bytes()),
            image_input(path, inputs),
            class_count(path, outputs),
            lambda x: model(x, training=False),
            single=single_batch(path, inputs[0]),
        )
        self.keras = model
        self._part: tuple[tuple[int, ...], Any] | None = None

    def infinite_weights(self) -> list[str]:
        """The paths of the weights that hold NaN or infinity, which converters make large numbers.

        As ``conv1_bn/gamma``.
        """
        return [
            weight.path for weight in self.keras.weights if not np.isfinite(weight.numpy()).all()
        ]

    def batch_norm_inputs(self, x: Floats, first: int) -> list[tuple[Floats, Floats, Floats]]:
        """What the first few batch norms are given, and the mean and variance of their training.

        For inputs `x` [n, h, w, c]: values [n, h, w, channels], mean and variance [channels].
        """
        layers = [
            layer
            for layer in self.keras.layers
            if type(layer).__name__ == "BatchNormalization" and layer.axis in (-1, 3)
        ][:first]
        if not layers:
            return []
        step = self.batch or len(x)
        with quiet():
            part = self._up_to([layer.input for layer in layers])
            batches = [part(x[start : start + step]) for start in range(0, len(x), step)]
            found = [np.concatenate(values) for values in zip(*batches, strict=True)]
            return [
                (values, layer.moving_mean.numpy(), layer.moving_variance.numpy())
                for values, layer in zip(found, layers, strict=True)
            ]

    def _up_to(self, tensors: list[Any]) -> Any:
        """The part of the model that gives these tensors, compiled; the last one is kept."""
        wanted = tuple(id(tensor) for tensor in tensors)
        if self._part is None or self._part[0] != wanted:
            import keras

            tf = tensorflow("running a Keras model")
            part = keras.Model(self.keras.inputs, tensors)
            spec = tf.TensorSpec([self.batch, *self.input_shape], tf.float32)
            call = tf.function(lambda x: tf.nest.flatten(part(x, training=False)), [spec])
            self._part = (wanted, call)
        return self._part[1]


def load_keras(path: Path, *, allow_lambda: bool) -> KerasModel:
    """The Keras model in a `.keras` or `.h5` file. Raises `ModelError`."""
    config = _config(path)
    _refuse_code(path, config, allow_lambda=allow_lambda)
    tensorflow("reading a Keras model")
    with quiet(), tempfile.TemporaryDirectory() as folder:
        import keras

        try:
            model = keras.models.load_model(
                path if _is_hdf5(path) else without_later_settings(path, config, Path(folder)),
                custom_objects={"DepthwiseConv2D": _tolerant_depthwise(keras)},
                compile=False,
                safe_mode=not allow_lambda,
            )
        except Exception as error:  # Keras raises whatever its layers raise
            raise ModelError(
                f"Keras cannot read {path}: {_first_line(error)}",
                hint="Models with custom layers: build them from standard layers, "
                "or export a SavedModel.",
            ) from None
    if not getattr(model, "inputs", None):
        raise ModelError(f"{path} was never built: it has no input shape")
    return KerasModel(path, model)


def _tolerant_depthwise(keras: Any) -> Any:
    """DepthwiseConv2D that drops `groups`, which Keras 2 wrote and Keras 3 refuses."""

    class DepthwiseConv2D(keras.layers.DepthwiseConv2D):  # type: ignore[misc] # keras is untyped
        def __init__(self, *args: Any, groups: int = 1, **kwargs: Any) -> None:  # noqa: ARG002
            super().__init__(*args, **kwargs)

    return DepthwiseConv2D


def _config(path: Path) -> Any:
    """The model's architecture as Keras stores it, read without running any of it."""
    text = _h5_config(path) if _is_hdf5(path) else _zip_config(path)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path} is corrupt: its model description is no JSON ({error})") from None


def _is_hdf5(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(8) == b"\x89HDF\r\n\x1a\n"


def _zip_config(path: Path) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read("config.json")
    except (zipfile.BadZipFile, KeyError, OSError, EOFError) as error:
        raise ModelError(
            f"{path} is not a Keras model, or is damaged: {error}",
            hint="edgekit reads .keras, .h5, SavedModel folders and float .tflite.",
        ) from None


def _h5_config(path: Path) -> str:
    try:
        import h5py  # comes with TensorFlow
    except ImportError:
        tensorflow("reading an .h5 model")
        raise
    try:
        with h5py.File(path, "r") as file:
            config = file.attrs.get("model_config")
    except (OSError, RuntimeError) as error:
        raise ModelError(
            f"{path} is a damaged HDF5 file: {_first_line(error)}",
            hint="Copy or save the model again; model.save('model.keras') is the newer format.",
        ) from None
    if config is None:
        raise ModelError(
            f"{path} holds weights only, no model",
            hint="Save the whole model: model.save('model.keras').",
        )
    return config.decode() if isinstance(config, bytes) else str(config)


def _refuse_code(path: Path, config: Any, *, allow_lambda: bool) -> None:
    names = [] if allow_lambda else [str(name) for name in _lambdas(config)]
    if names:
        raise ModelError(
            f"{path} has Lambda layers ({', '.join(names)}): loading them runs code from the file",
            hint="Replace them by standard layers, as Rescaling for arithmetic on the input.",
        )


def _lambdas(config: Any) -> Iterator[object]:
    if isinstance(config, dict):
        if config.get("class_name") in ("Lambda", "__lambda__"):
            inner = config.get("config")
            yield inner.get("name", "?") if isinstance(inner, dict) else "?"
            return
        for value in config.values():
            yield from _lambdas(value)
    elif isinstance(config, list):
        for value in config:
            yield from _lambdas(value)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:300]
