"""What ops have in common that map each int8 by itself: a table of 256 outputs.

A table costs 256 bytes of flash and one load per value; computing the same thing costs a long
multiplication per value, which a Cortex-M0+ has not.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgekit.ir import Graph, Operation
from edgekit.ops.operator import Constant, KernelCall, TensorPointer


def lookup(graph: Graph, operation: Operation, outputs: npt.NDArray[np.int8]) -> KernelCall:
    """One call of ek_lookup_s8; `outputs [256]` int8 are those of -128, -127, … 127."""
    source, target = operation.inputs[0], operation.outputs[0]
    return KernelCall(
        function="ek_lookup_s8",
        header="ek_lookup_s8.h",
        parameters={"count": graph.tensor(source).elements},
        arguments=(TensorPointer(source), Constant("table", outputs), TensorPointer(target)),
    )


def same_shape(graph: Graph, operation: Operation) -> bool:
    """Its output has its input's shape."""
    return graph.tensor(operation.inputs[0]).shape == graph.tensor(operation.outputs[0]).shape
