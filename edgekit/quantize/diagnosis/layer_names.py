"""What people call the layer that a tensor came from, out of the converter's long names."""

from __future__ import annotations

from edgekit.quantize.scopes import own_name, unnumbered

_OPS = ("convolution", "depthwise", "MatMul", "Conv2D")
_PARTS_OF_LAYERS = ("batchnorm",)


def layer_name(tensor: str) -> str:
    """The layer of a tensor: ``net_1/bn_1/batchnorm/add_1;net_1/conv_1/convolution`` is ``conv``.

    The converter joins the names of all that it fused. Of a model's result it may keep only that it
    is one.
    """
    if tensor == "Identity":
        return "output"
    parts = tensor.split(";")
    weighted = [part for part in parts if part.rpartition("/")[2].startswith(_OPS)]
    told = (weighted or parts)[0]
    scopes = [scope for scope in told.split("/")[:-1] if scope not in _PARTS_OF_LAYERS]
    return own_name(told) or unnumbered(scopes[-1] if scopes else parts[0])
