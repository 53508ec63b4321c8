"""A set of labelled images, checked once so that nothing after it has to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.errors import DataError

MOST_CLASSES = 65_536
_SHOWN = 8
_LABELS_HINT = "Labels are class numbers, from 0 on, without gaps."
RESIZE_HINT = (
    "Images are never resized unasked. Resize them as in training: --resize crop cuts the middle "
    "to the model's shape and scales it, --resize stretch scales all of it."
)


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Images [n, h, w, c], uint8 or float32, with a label [n] int64 into `classes` for each.

    `fingerprint` is a SHA-256 over pixels, labels and class names: equal data, equal fingerprint.
    """

    name: str
    images: npt.NDArray[Any]
    labels: npt.NDArray[np.int64]
    classes: tuple[str, ...]
    fingerprint: str

    def __len__(self) -> int:
        return len(self.images)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width, channels."""
        height, width, channels = self.images.shape[1:]
        return height, width, channels

    def require_fit(self, input_shape: tuple[int, int, int], classes: int) -> None:
        """Raises `DataError` unless images of `input_shape` and labels below `classes` are here."""
        if self.image_shape != input_shape:
            raise DataError(
                f"{self.name} has {_size(self.image_shape)} images, "
                f"the model takes {_size(input_shape)}",
                hint=_shape_hint(self.image_shape, input_shape),
            )
        largest = int(self.labels.max())
        if largest >= classes:
            has = f"{classes} classes (0 to {classes - 1})" if classes > 1 else "one score for all"
            raise DataError(
                f"{self.name} has label {largest} ({self.classes[largest]}), the model has {has}",
                hint="Use the classes, in the order, that the model was trained on."
                if classes > 1
                else _ONE_SCORE_HINT,
            )


_ONE_SCORE_HINT = (
    "edgekit takes a score per class. Dense(1) with a sigmoid becomes Dense(2) with a softmax: "
    "put a column of zeros before its weights, and a zero before its bias; the probabilities stay."
)


def _shape_hint(images: tuple[int, int, int], model: tuple[int, int, int]) -> str:
    if images == (model[2], *model[:2]):  # channels first, as PyTorch stores them
        return "The channels come first in the images: store x.transpose(0, 2, 3, 1)."
    if images == (model[1], model[0], model[2]):
        return "If height and width have changed places, store x.transpose(0, 2, 1, 3)."
    if images[:2] == model[:2]:
        return _channel_hint(images[2], model[2])
    return RESIZE_HINT


def _channel_hint(images: int, model: int) -> str:
    sizes = f"Only the channels differ: the model takes {model}, the images have {images}."
    if {images, model} != {1, 3}:
        return f"{sizes} Store those channels that the model was trained on."
    return (
        f"{sizes} With --resize crop image files are read {'grey' if model == 1 else 'in colour'}, "
        "as the model takes them; arrays in an .npz have to be stored so."
    )


def make_dataset(
    name: str,
    images: npt.NDArray[Any],
    labels: npt.NDArray[Any],
    classes: Sequence[str] | None,
) -> Dataset:
    """A dataset from arrays; without `classes` they are called by their numbers.

    Raises `DataError` when shapes, types or values are not what a `Dataset` holds.
    """
    images = _checked_images(name, images)
    labels = _checked_labels(name, labels, len(images))
    if classes is None:
        classes = [str(number) for number in range(class_count(name, labels))]
    wrong = np.flatnonzero((labels < 0) | (labels >= len(classes)))
    if len(wrong):
        raise DataError(
            f"{name}: {len(wrong)} labels are outside 0 to {len(classes) - 1}, "
            f"as {labels[wrong[0]]} of image {wrong[0]}",
            hint=_LABELS_HINT,
        )
    return Dataset(
        name, images, labels, tuple(classes), _fingerprint(images, labels, tuple(classes))
    )


def class_count(name: str, labels: npt.NDArray[np.int64]) -> int:
    """One more than the largest label. Raises `DataError` when that is no number of classes."""
    count = max(1, int(labels.max()) + 1)
    if count > MOST_CLASSES:
        raise DataError(
            f"{name} has label {count - 1}; a data set has at most {MOST_CLASSES} classes",
            hint="Labels are class numbers, counted from 0.",
        )
    return count


def _checked_images(name: str, images: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if images.ndim != 4:
        raise DataError(
            f"{name}: images have shape {list(images.shape)}, wanted [n, h, w, c]",
            hint="For grey images add a channel axis: x[..., None].",
        )
    if images.size == 0:
        raise DataError(f"{name} has no images (shape {list(images.shape)})")
    if images.dtype == np.uint8:
        return images
    if images.dtype.kind != "f":
        raise DataError(
            f"{name}: images are {images.dtype}, wanted uint8 (0 to 255) or a float type",
            hint="For pixels from 0 to 255 store x.astype('uint8').",
        )
    return _checked_finite(name, images)


def _checked_finite(name: str, images: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is named
        narrow = images.astype(np.float32, copy=False)
    broken = np.flatnonzero(~np.isfinite(narrow).reshape(len(narrow), -1).all(axis=1))
    if len(broken):
        raise DataError(
            f"{name}: {len(broken)} of {len(narrow)} images hold NaN or infinite values: "
            f"{listed(broken.tolist())}",
            hint="Remove or repair these images.",
        )
    return narrow


def _checked_labels(name: str, labels: npt.NDArray[Any], expected: int) -> npt.NDArray[np.int64]:
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise DataError(
            f"{name}: labels have shape {list(labels.shape)}, wanted [n] class numbers",
            hint="For one-hot labels use y.argmax(axis=1).",
        )
    if labels.dtype.kind not in "iu":
        raise DataError(
            f"{name}: labels are {labels.dtype}, wanted integer class numbers", hint=_LABELS_HINT
        )
    if len(labels) != expected:
        raise DataError(
            f"{name} has {expected} images and {len(labels)} labels",
            hint="Store one label for each image.",
        )
    return labels.astype(np.int64)


def _fingerprint(
    images: npt.NDArray[Any], labels: npt.NDArray[np.int64], classes: tuple[str, ...]
) -> str:
    digest = hashlib.sha256(f"{images.dtype}{images.shape}{classes}".encode())
    for image in images:  # one at a time: a view of a large file need not be copied whole
        digest.update(np.ascontiguousarray(image).data)
    digest.update(labels.astype("<i8").tobytes())
    return digest.hexdigest()


def _size(shape: tuple[int, int, int]) -> str:
    return "×".join(map(str, shape))


def listed(things: Sequence[object]) -> str:
    """The first few of many, and how many more there are."""
    shown = ", ".join(map(str, things[:_SHOWN]))
    return shown if len(things) <= _SHOWN else f"{shown} and {len(things) - _SHOWN} more"
