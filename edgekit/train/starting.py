"""The model that a training starts from: fresh, or one that was trained before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edgekit import zoo
from edgekit.errors import ModelError
from edgekit.frontends import KerasModel
from edgekit.tensorflow_loader import quiet, tensorflow
from edgekit.zoo.variant import Metaparameter

_CLASSIFIERS = {"Dense": "units", "Conv2D": "filters"}


def fresh(name: str, variant: Mapping[str, Metaparameter], seed: int) -> Any:
    """An architecture of the zoo with random weights that `seed` decides."""
    tensorflow("training a model")
    with quiet():
        import keras

        keras.utils.set_random_seed(seed)
        return zoo.build(name, **variant)


def again(source: KerasModel, classes: int, *, freeze: bool, seed: int) -> Any:
    """A model that was trained before, with a new classifier unless it has `classes` already.

    With `freeze` only the classifier learns. Raises `ModelError` when it is not found.
    """
    place = _classifier(source)
    with quiet():
        import keras

        keras.utils.set_random_seed(seed)
        config = source.keras.get_config()
        if classes != source.classes:
            _resize(config["layers"], source.keras.layers[place].name, source.classes, classes)
        model = type(source.keras).from_config(_plain(config))
        take_over(model, source.keras)
    model.trainable = True
    if freeze:
        for number, layer in enumerate(model.layers):
            layer.trainable = number == place
    return model


def take_over(model: Any, source: Any) -> int:
    """Copies weights between layers of one name and equal shapes; gives how many layers had any."""
    known = {layer.name: layer.get_weights() for layer in source.layers}
    taken = 0
    for layer in model.layers:
        old, new = known.get(layer.name, []), layer.get_weights()
        if new and [value.shape for value in old] == [value.shape for value in new]:
            layer.set_weights(old)
            taken += 1
    return taken


def _classifier(source: KerasModel) -> int:
    """The place in the model's layers of the last one that has weights."""
    layers = source.keras.layers
    last = max((n for n, layer in enumerate(layers) if layer.get_weights()), default=None)
    if last is not None:
        kind = _CLASSIFIERS.get(type(layers[last]).__name__)
        if kind and getattr(layers[last], kind) == source.classes:
            return last
    name = "no layer with weights" if last is None else f"{layers[last].name}, which is not"
    raise ModelError(
        f"{source.path}: its last layer should be a Dense or Conv2D of {source.classes} outputs, "
        f"found {name}",
        hint="Give a plain Sequential or functional classifier.",
    )


def _resize(layers: list[dict[str, Any]], name: str, old: int, new: int) -> None:
    """Gives the classifier in a model's configuration `new` outputs, and what reshapes them too."""
    for layer in layers:
        config = layer["config"]
        if config.get("name") == name:
            config[_CLASSIFIERS[layer["class_name"]]] = new
        elif layer["class_name"] == "Reshape":
            shape = config["target_shape"]
            config["target_shape"] = [new if size == old else size for size in shape]


def _plain(config: dict[str, Any]) -> dict[str, Any]:
    """Names Keras's own DepthwiseConv2D where reading the model put a more tolerant one."""
    for layer in config["layers"]:
        if layer["class_name"] == "DepthwiseConv2D":
            layer.update(module="keras.layers", registered_name=None)
    return config
