"""What people call the layer that a tensor came from, out of the converter's long names."""

from __future__ import annotations

_OPS = ("convolution", "depthwise", "MatMul", "Conv2D")
_PARTS_OF_LAYERS = ("batchnorm",)


def layer_name(tensor: str) -> str:
    """The layer of a tensor: ``net_1/bn_1/batchnorm/add_1;net_1/conv_1/convolution`` is ``conv``.

    The converter joins the names of all that it fused, and Keras numbers its scopes. Of a model's
    result it may keep only that it is one. Names without scopes are the layers' own, ``f.3.b_1``.
    """
    if tensor == "Identity":
        return "output"
    parts = tensor.split(";")
    weighted = [part for part in parts if part.rpartition("/")[2].startswith(_OPS)]
    scopes = [
        scope for scope in (weighted or parts)[0].split("/")[:-1] if scope not in _PARTS_OF_LAYERS
    ]
    if not scopes:
        return parts[0]
    stem, _, number = scopes[-1].rpartition("_")
    return stem if number == "1" and stem else scopes[-1]
