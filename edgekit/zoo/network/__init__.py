"""Networks as data: layers and how they join. Counted without weights, built when wanted.

A kind of layer says all there is to say of it in one class; `parts` joins several to what papers
draw as one box.
"""

from edgekit.zoo.network.arranging import Concatenate, Reshape, Split, Transpose
from edgekit.zoo.network.elementwise import Activation, Add, BatchNorm, Dropout, Multiply
from edgekit.zoo.network.graph import Network, Value
from edgekit.zoo.network.layer import Layer, Shape
from edgekit.zoo.network.parts import channel_shuffle, classify, normed, squeeze_excite
from edgekit.zoo.network.pooling import AveragePool, GlobalAveragePool, MaxPool
from edgekit.zoo.network.weighted import Conv, Dense, DepthwiseConv

__all__ = [
    "Activation",
    "Add",
    "AveragePool",
    "BatchNorm",
    "Concatenate",
    "Conv",
    "Dense",
    "DepthwiseConv",
    "Dropout",
    "GlobalAveragePool",
    "Layer",
    "MaxPool",
    "Multiply",
    "Network",
    "Reshape",
    "Shape",
    "Split",
    "Transpose",
    "Value",
    "channel_shuffle",
    "classify",
    "normed",
    "squeeze_excite",
]
