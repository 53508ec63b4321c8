"""The batch norms of a Keras model: what training left in them, and what images give them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgekit.frontends.float_model import Floats
from edgekit.frontends.keras_file import KerasModel
from edgekit.tensorflow_loader import quiet, tensorflow

_CHANNELS_LAST = (-1, 3)


@dataclass(frozen=True, slots=True, eq=False)
class Statistics:
    """What a batch norm takes its input's mean and variance to be [channels] float32.

    `epsilon` is added to the variance wherever it divides.
    """

    mean: Floats
    variance: Floats
    epsilon: float

    def distance(self, other: Statistics) -> float:
        """How far another mean and variance are from these, in these standard deviations.

        The median over channels of the mean's shift, and that of the log of the spread's ratio.
        """
        here, there = (np.sqrt(one.variance + one.epsilon) for one in (self, other))
        shift = np.abs(other.mean - self.mean) / here
        return float(np.median(shift) + np.median(np.abs(np.log(there / here))))


class BatchNorms:
    """Every batch norm of a Keras model outside of nested models, in the order of the layers.

    Only models of Keras' functional kind are looked into; others have none.
    """

    def __init__(self, model: KerasModel) -> None:
        self._model = model
        self._layers = [one for one in model.keras.layers if _is_batch_norm(one)]
        if not _is_functional(model.keras):
            self._layers = []
        self.names: tuple[str, ...] = tuple(layer.name for layer in self._layers)

    @property
    def statistics(self) -> tuple[Statistics, ...]:
        """What the model holds now."""
        return tuple(
            Statistics(one.moving_mean.numpy(), one.moving_variance.numpy(), float(one.epsilon))
            for one in self._layers
        )

    def set(self, statistics: Sequence[Statistics]) -> None:
        """Gives every batch norm a mean and a variance, in the model in memory."""
        for layer, found in zip(self._layers, statistics, strict=True):
            layer.moving_mean.assign(found.mean)
            layer.moving_variance.assign(found.variance)

    def measure(self, batches: Iterable[Floats]) -> tuple[Statistics, ...]:
        """The mean and variance of what each batch norm is given, those before it being right.

        Each normalizes a batch [n, h, w, c] by the batch's own mean and variance, as in training;
        all other layers do what they do in use. Batches count alike.
        """
        with quiet():
            run = self._measuring()
            found = [[moment.numpy() for moment in run(batch)] for batch in batches]
        moments = [np.mean(one, axis=0, dtype=np.float64) for one in zip(*found, strict=True)]
        return tuple(
            _statistics(layer, mean, square)
            for layer, mean, square in zip(self._layers, moments[::2], moments[1::2], strict=True)
        )

    def _measuring(self) -> Callable[[Floats], list[Any]]:
        """Gives the mean and mean square that each batch norm meets, by turns."""
        import keras

        tf = tensorflow("running a Keras model")
        met: dict[str, tuple[Any, Any]] = {}
        kind = _measuring_layer(met)

        def chosen(layer: Any) -> Any:
            return kind(layer) if _is_batch_norm(layer) else layer

        clone = keras.models.clone_model(self._model.keras, clone_function=chosen)

        def run(x: Any) -> list[Any]:
            clone(x, training=False)
            return [moment for name in self.names for moment in met[name]]

        return tf.function(run, input_signature=[tf.TensorSpec([None, *self._model.input_shape])])  # type: ignore[no-any-return] # TensorFlow is untyped


def _measuring_layer(met: dict[str, tuple[Any, Any]]) -> Any:
    """A layer that stands for a batch norm and notes the moments of its batch, by its name."""
    import keras

    tf = tensorflow("running a Keras model")

    class Measuring(keras.layers.Layer):  # type: ignore[misc] # keras is untyped
        def __init__(self, norm: Any) -> None:
            super().__init__(name=f"measuring_{norm.name}")
            self._norm = norm

        def call(self, x: Any, training: bool = False, mask: Any = None) -> Any:  # noqa: ARG002
            norm, axes = self._norm, list(range(len(x.shape) - 1))
            mean, variance = tf.nn.moments(x, axes)
            met[norm.name] = mean, variance + mean**2
            beta = norm.beta if norm.center else None
            gamma = norm.gamma if norm.scale else None
            return tf.nn.batch_normalization(x, mean, variance, beta, gamma, norm.epsilon)

    return Measuring


def _statistics(layer: Any, mean: Any, square: Any) -> Statistics:
    variance = np.maximum(square - mean**2, 0)
    return Statistics(mean.astype(np.float32), variance.astype(np.float32), float(layer.epsilon))


def _is_batch_norm(layer: Any) -> bool:
    return type(layer).__name__ == "BatchNormalization" and layer.axis in _CHANNELS_LAST


def _is_functional(model: Any) -> bool:
    import keras

    return isinstance(model, keras.Sequential) or type(model).__name__ == "Functional"
