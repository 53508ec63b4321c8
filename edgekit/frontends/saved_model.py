"""TensorFlow SavedModels: a folder with `saved_model.pb`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from edgekit.errors import ModelError
from edgekit.frontends.float_model import class_count, image_input, single_batch
from edgekit.frontends.tensorflow_model import TensorFlowModel
from edgekit.tensorflow_loader import quiet, tensorflow

_SIGNATURE = "serving_default"


class SavedModel(TensorFlowModel):
    """The default signature of a SavedModel."""

    format = "SavedModel"

    def __init__(self, path: Path, loaded: Any, signature: Any) -> None:
        _, inputs = signature.structured_input_signature
        outputs = signature.structured_outputs
        shapes = [_shape(spec) for spec in inputs.values()]
        shape = image_input(path, shapes)
        classes = class_count(path, [_shape(spec) for spec in outputs.values()])
        (argument,), (result,) = inputs, outputs
        super().__init__(
            path,
            _digest(path),
            shape,
            classes,
            lambda x: signature(**{argument: x})[result],
            single=single_batch(path, shapes[0]),
        )
        self._loaded = loaded  # its variables die with it


def load_saved_model(path: Path) -> SavedModel:
    """The SavedModel in a folder. Raises `ModelError`."""
    tf = tensorflow("reading a SavedModel")
    with quiet():
        try:
            loaded = tf.saved_model.load(str(path))
        except Exception as error:  # TensorFlow raises whatever its loaders raise
            raise ModelError(
                f"TensorFlow cannot read {path}: {str(error).strip().splitlines()[0][:300]}"
            ) from None
    signatures = dict(getattr(loaded, "signatures", {}))
    if _SIGNATURE not in signatures:
        raise ModelError(
            f"{path} has no signature {_SIGNATURE}, only {', '.join(signatures) or 'none'}",
            hint="Export it with model.export(path).",
        )
    return SavedModel(path, loaded, signatures[_SIGNATURE])


def _shape(spec: Any) -> tuple[Any, ...]:
    """A tensor's shape with the batch; none at all when its rank is open."""
    return () if spec.shape.rank is None else tuple(spec.shape.as_list())


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(file for file in path.rglob("*") if file.is_file()):
        if file.name == "fingerprint.pb":  # changes with each saving of the same model
            continue
        digest.update(str(file.relative_to(path)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
