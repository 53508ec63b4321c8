"""A float model that TensorFlow runs: what Keras files and SavedModels become."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from edgekit.frontends.float_model import FloatModel, Floats
from edgekit.tensorflow_loader import quiet, tensorflow

_BATCH = 32


class TensorFlowModel(FloatModel):
    """A callable on image tensors and its graph; `batch` is 1 where it takes no more."""

    def __init__(
        self,
        path: Path,
        sha256: str,
        input_shape: tuple[int, int, int],
        classes: int,
        call: Callable[[Any], Any],
        *,
        single: bool,
    ) -> None:
        super().__init__(path, sha256, input_shape, classes)
        self._call = call
        self.batch = 1 if single else None
        self._batched: Any = None

    def predict(self, x: Floats) -> Floats:
        """Scores [n, classes] for preprocessed images [n, h, w, c] float32."""
        self._require_input(x)
        tf = tensorflow("running a Keras model or SavedModel")
        with quiet():
            if self._batched is None:
                spec = tf.TensorSpec([self.batch, *self.input_shape], tf.float32)
                self._batched = tf.function(self._call, input_signature=[spec])
            step = self.batch or _BATCH
            parts = [
                self._batched(tf.constant(x[start : start + step])).numpy()
                for start in range(0, len(x), step)
            ]
        scores: Floats = np.concatenate([np.empty((0, self.classes), np.float32), *parts])
        return scores

    def traced(self, batch: int | None = 1) -> Any:
        """The model as a concrete function; the converter puts its weights in as constants.

        A static batch of 1 converts to small graphs without shape arithmetic; None leaves it open.
        """
        tf = tensorflow("converting a Keras model or SavedModel")
        with quiet():
            spec = tf.TensorSpec([batch, *self.input_shape], tf.float32, name="input")
            return tf.function(self._call).get_concrete_function(spec)
