"""Finds out what kind of model lies at a path, and reads it."""

from __future__ import annotations

from pathlib import Path

from edgekit.errors import ModelError
from edgekit.frontends.float_model import FloatModel
from edgekit.frontends.float_tflite import load_tflite
from edgekit.frontends.keras_file import load_keras
from edgekit.frontends.onnx import load_onnx
from edgekit.frontends.saved_model import load_saved_model
from edgekit.frontends.torch import EXPORT_HINT, load_torch

_KINDS = "edgekit reads .keras, .h5, SavedModel folders, float .tflite, .onnx and .pt2."


def require_there(path: Path) -> None:
    """Raises `ModelError` when there is nothing at a path, before anything else is asked for."""
    if not path.exists():
        raise ModelError(f"there is no {path}", hint=_KINDS)


def load(path: Path, *, allow_lambda: bool = False) -> FloatModel:
    """The float model at `path`: `.keras`, `.h5`, a SavedModel folder, `.tflite`, `.onnx`, `.pt2`.

    A Lambda layer is code that runs on loading: refused unless `allow_lambda`.

    Raises `ModelError` when it is missing, damaged or no classifier of single images, and
    `MissingToolError` when it needs TensorFlow, onnx2tf or litert-torch and that is not installed.
    """
    require_there(path)
    if path.is_dir():
        if not (path / "saved_model.pb").is_file():
            raise ModelError(f"{path} is a folder without saved_model.pb", hint=_KINDS)
        return load_saved_model(path)
    suffix = path.suffix.lower()
    if suffix in (".keras", ".h5", ".hdf5"):
        return load_keras(path, allow_lambda=allow_lambda)
    if suffix == ".tflite":
        return load_tflite(path)
    if suffix == ".onnx":
        return load_onnx(path)
    if suffix == ".pt2":
        return load_torch(path)
    if suffix in (".pt", ".pth"):
        raise ModelError(
            f"{path} is a pickle: reading it would run code from the file", hint=EXPORT_HINT
        )
    raise ModelError(f"{path} is of no kind that edgekit knows", hint=_KINDS)
