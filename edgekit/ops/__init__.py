"""The ops that can be compiled: one module each, found by listing this package."""

from edgekit.ops.discovery import operators
from edgekit.ops.operator import (
    Argument,
    Constant,
    Constraint,
    InPlace,
    KernelCall,
    NoAttributes,
    Operator,
    Scratch,
    TensorPointer,
    View,
)
from edgekit.ops.rows import Rows

__all__ = [
    "Argument",
    "Constant",
    "Constraint",
    "InPlace",
    "KernelCall",
    "NoAttributes",
    "Operator",
    "Rows",
    "Scratch",
    "TensorPointer",
    "View",
    "operators",
]
