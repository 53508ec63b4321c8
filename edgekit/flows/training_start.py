"""What a training starts from: the model, its sizes, and the images that fit it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edgekit import data, frontends, zoo
from edgekit.artifacts import Resize
from edgekit.data import Dataset
from edgekit.errors import DataError, InputError, ModelError
from edgekit.flows.progress import Progress
from edgekit.frontends import KerasModel
from edgekit.train import again, fresh, take_over
from edgekit.zoo.variant import Metaparameter

Variant = dict[str, Metaparameter]


@dataclass(frozen=True, slots=True)
class Start:
    """What to train: an architecture `name` of the zoo, a trained `model`, or both.

    With both, the architecture takes over the weights of all layers that are alike. `freeze` lets
    only the classifier of a trained model learn.
    """

    name: str | None = None
    variant: Mapping[str, Metaparameter] = field(default_factory=dict)
    model: Path | None = None
    freeze: bool = False

    def __str__(self) -> str:
        return " from ".join(str(part) for part in (self.name, self.model) if part)

    def require_sense(self) -> None:
        """Raises `InputError` for what cannot be started from."""
        if self.name is None and self.model is None:
            raise InputError(
                "there is nothing to train",
                hint=f"Name an architecture ({', '.join(zoo.names())}), or give a model by --from.",
            )
        if self.name is None and self.variant:
            raise InputError(
                f"{', '.join(self.variant)}: a trained model has its sizes already",
                hint="Name an architecture too; it takes over the weights of layers that fit.",
            )
        if self.freeze and (self.name is not None or self.model is None):
            raise InputError(
                "--freeze leaves nothing that learns but an untrained model's classifier",
                hint="Give the trained model by --from, and no architecture.",
            )
        if self.name is not None:
            zoo.describe(self.name, **self.variant)

    def read_model(self) -> KerasModel | None:
        """The trained model, if one is given. Raises `ModelError`."""
        if self.model is None:
            return None
        model = frontends.load(self.model)
        if not isinstance(model, KerasModel):
            raise ModelError(
                f"{self.model} is a {model.format} model, which cannot be trained on",
                hint="Give a .keras or .h5 file.",
            )
        return model


def fitting_images(
    start: Start,
    source: KerasModel | None,
    images: Path,
    resize: Resize | None,
    progress: Progress,
) -> tuple[Dataset, Variant]:
    """The images, and the variant with all sizes that the images decide.

    Raises `DataError` when images and model are of different sizes, or labels too many.
    """
    if start.name is None:
        assert source is not None
        dataset = data.Source(images, resize).load(source.input_shape, progress)
        dataset.require_fit(source.input_shape, len(dataset.classes))
        return _with_classes(dataset), {}
    variant = dict(start.variant)
    if resize is None and not {"resolution", "rho"} & set(variant):
        dataset = data.load(images, progress=progress)
        height, width, _ = dataset.image_shape
        variant["resolution"] = height if height == width else f"{height}x{width}"
    else:
        dataset = data.Source(images, resize).load(_wanted(start), progress)
    variant.setdefault("channels", dataset.image_shape[2])
    variant.setdefault("classes", len(dataset.classes))
    wanted = zoo.describe(start.name, **variant)
    height, width, channels = wanted.input.shape
    dataset.require_fit((height, width, channels), int(variant["classes"]))
    return _with_classes(dataset), variant


def _wanted(start: Start) -> tuple[int, int, int]:
    """The architecture's input; without --channels, images keep theirs."""
    assert start.name is not None
    height, width, _ = zoo.describe(start.name, **start.variant).input.shape
    return height, width, int(start.variant.get("channels", 0))


def _with_classes(dataset: Dataset) -> Dataset:
    if len(dataset.classes) < 2:
        raise DataError(
            f"{dataset.name} has one class, {dataset.classes[0]}: there is nothing to tell apart",
            hint="Put images of a second class into a folder of their own.",
        )
    return dataset


def starting_model(
    start: Start, source: KerasModel | None, variant: Variant, classes: int, seed: int
) -> Any:
    """The Keras model to train. Raises `ModelError` when no weights can be taken over."""
    if start.name is None:
        assert source is not None
        return again(source, classes, freeze=start.freeze, seed=seed)
    model = fresh(start.name, variant, seed)
    if source is not None and not take_over(model, source.keras):
        raise ModelError(
            f"{start.model} has no layer in common with {start.name}",
            hint="Give a model of the same architecture and width, or leave --from away.",
        )
    return model
