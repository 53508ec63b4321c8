"""TensorFlow's scopes in the names of tensors, and names that have none."""

from __future__ import annotations


def own_name(tensor: str) -> str | None:
    """The name of a layer that its author gave: of an ONNX node, ``/stem/Conv``, or a path of
    PyTorch's, ``stem.0``, whose further tensors are numbered, ``stem.0;1``. None of TensorFlow's
    names, which are layers in scopes: ``net_1/stem_1/Relu6``."""
    name = tensor.split(";")[0]
    return name if name.startswith("/") or "/" not in name else None


def unnumbered(scope: str) -> str:
    """A layer's name out of a scope, which Keras numbers: ``stem_1`` is ``stem``."""
    stem, _, number = scope.rpartition("_")
    return stem if number == "1" and stem else scope
