"""How TensorFlow Lite Micro's op resolver spells the ops: CONV_2D is added by AddConv2D()."""

from __future__ import annotations

from collections.abc import Iterable

from edgekit.errors import UnsupportedModelError

_IRREGULAR = {
    "BATCH_MATMUL": "AddBatchMatMul",
    "CUMSUM": "AddCumSum",
    "PADV2": "AddPadV2",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "AddUnidirectionalSequenceLSTM",
}


def adder(op: str) -> str:
    """The method of MicroMutableOpResolver that adds an op."""
    return _IRREGULAR.get(op) or "Add" + "".join(_capitalised(part) for part in op.split("_"))


def adders(ops: Iterable[str]) -> tuple[str, ...]:
    """The methods for a model's ops, in the same order.

    Raises `UnsupportedModelError` for custom ops: their code is somebody else's.
    """
    found = list(ops)
    custom = [op for op in found if op.startswith("CUSTOM")]
    if custom:
        raise UnsupportedModelError(
            "the op resolver cannot be written for custom ops:",
            custom,
            hint="Convert without custom ops (allow_custom_ops=False).",
        )
    return tuple(adder(op) for op in found)


def _capitalised(part: str) -> str:
    """``2D`` stays, ``CONV`` becomes ``Conv``."""
    return part if part[0].isdigit() else part.capitalize()
