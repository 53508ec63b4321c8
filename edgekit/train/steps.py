"""One step of training and of evaluation, as compiled TensorFlow functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.tensorflow_loader import tensorflow
from edgekit.train.distortion import Transforms, distort
from edgekit.train.settings import Settings

_NOT_DECAYED = ["bias", "beta", "gamma"]

Array = npt.NDArray[Any]


class Steps:
    """A Keras classifier and its optimizer (AdamW); TensorFlow puts them on a GPU if there is one.

    `black` is the model's input for a black pixel.
    """

    def __init__(self, model: Any, settings: Settings, black: float) -> None:
        self._tf = tensorflow("training a model")
        import keras

        self.model, self._settings, self._black = model, settings, black
        self._classes = int(model.outputs[0].shape[-1])
        self._loss = keras.losses.CategoricalCrossentropy(
            from_logits=not ends_in_softmax(model),
            label_smoothing=settings.label_smoothing,
            reduction="sum",
        )
        self._optimizer = keras.optimizers.AdamW(weight_decay=settings.weight_decay)
        self._optimizer.exclude_from_weight_decay(var_names=_NOT_DECAYED)
        self._optimizer.build(model.trainable_variables)
        self._compile()

    def _compile(self) -> None:
        tf = self._tf
        images = tf.TensorSpec([None, *self.model.inputs[0].shape[1:]], tf.float32)
        labels = tf.TensorSpec([None], tf.int64)
        transforms = tf.TensorSpec([None, 8], tf.float32)
        self._train = tf.function(self._train_step, [images, transforms, labels])
        self._judge = tf.function(self._judge_step, [images, labels])

    def train(
        self, images: Array, transforms: Transforms, labels: Array, rate: float
    ) -> tuple[float, int]:
        """One step at learning rate `rate`: the batch's loss (a sum), and how many are right.

        `images` [n, h, w, c] float32 are preprocessed; they are distorted before the model sees
        them.
        """
        self._optimizer.learning_rate.assign(rate)
        loss, right = self._train(images, transforms, labels)
        return float(loss), int(right)

    def judge(self, images: Array, labels: Array) -> tuple[float, int]:
        """Loss (a sum) and right answers on preprocessed images; nothing is learnt."""
        loss, right = self._judge(images, labels)
        return float(loss), int(right)

    def variables(self) -> list[Any]:
        """All that a step changes: weights, statistics, random seeds, the optimizer's moments."""
        return [*self.model.variables, *self._optimizer.variables]

    def _train_step(self, images: Any, transforms: Any, labels: Any) -> tuple[Any, Any]:
        tf = self._tf
        distorted = distort(tf, images, transforms, self._settings.fill, self._black)
        with tf.GradientTape() as tape:
            scores = self.model(distorted, training=True)
            total = self._loss(tf.one_hot(labels, self._classes), scores)
            mean = total / tf.cast(tf.shape(images)[0], tf.float32)
            mean += tf.add_n([0.0, *self.model.losses])
        trained = self.model.trainable_variables
        self._optimizer.apply(tape.gradient(mean, trained), trained)
        return total, self._right(scores, labels)

    def _judge_step(self, images: Any, labels: Any) -> tuple[Any, Any]:
        scores = self.model(images, training=False)
        loss = self._loss(self._tf.one_hot(labels, self._classes), scores)
        return loss, self._right(scores, labels)

    def _right(self, scores: Any, labels: Any) -> Any:
        tf = self._tf
        return tf.math.count_nonzero(tf.argmax(scores, axis=1) == labels)


def ends_in_softmax(model: Any) -> bool:
    """Whether a model's scores are probabilities; logits otherwise."""
    last = model.layers[-1]
    activation = getattr(getattr(last, "activation", None), "__name__", "")
    return activation == "softmax" or type(last).__name__ == "Softmax"


def suit_batch_norms(model: Any, steps_an_epoch: int) -> None:
    """Lets batch norms' averages follow within an epoch, however few steps that has.

    Keras's 0.99 remembers 100 steps: with ten an epoch, validation would see stale statistics.
    """
    momentum = float(np.clip(1 - 1 / steps_an_epoch, 0.8, 0.99))
    for layer in _batch_norms(model):
        layer.momentum = min(layer.momentum, momentum)


def has_batch_norms(model: Any) -> bool:
    """Whether something in a Keras model keeps the strength of its activations."""
    return bool(_batch_norms(model))


def _batch_norms(model: Any) -> list[Any]:
    return [layer for layer in model.layers if type(layer).__name__ == "BatchNormalization"]
