"""Networks as data: layers and how they join. Counted without weights, built when wanted."""

from edgekit.zoo.network.graph import Network, Value
from edgekit.zoo.network.layers import (
    Activation,
    Add,
    BatchNorm,
    Concatenate,
    Conv,
    Dense,
    DepthwiseConv,
    Dropout,
    GlobalAveragePool,
    Layer,
)

__all__ = [
    "Activation",
    "Add",
    "BatchNorm",
    "Concatenate",
    "Conv",
    "Dense",
    "DepthwiseConv",
    "Dropout",
    "GlobalAveragePool",
    "Layer",
    "Network",
    "Value",
]
