"""Which ops compile ahead of time, in which forms: from the constraints in edgekit/ops."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from edgekit.ops import Operator, operators
from edgekit.tflite.folding import OPS

_HEAD = """# Supported ops

What `edgekit codegen` compiles ahead of time (`--runtime edgekit`). A model whose every op is here,
in a form that fulfils every line, gives the same bytes as TensorFlow Lite Micro, or, where that
cannot run the model (TILE, a CONCATENATION of more than ten), as LiteRT's reference kernels.
Anything else is named with its place before anything is generated; `--runtime tflm` takes what
TensorFlow Lite Micro takes.

A model may also take or give float32, or uint8 that is 128 apart from int8 at the same scale, as
converters leave it unless told otherwise: a first QUANTIZE, a last DEQUANTIZE or QUANTIZE. Boards
and links have the int8 between these ([ADR 16](adr/0016-float-ends-beside-the-inference.md)); the
generated header has a function for each, `<model>_set_input` and `<model>_get_output`.

Ops that have only constants to compute from are taken out before that, with what they compute, if
they are one of {folded}.
"""


def text() -> str:
    """The page."""
    found = operators().values()
    overview = [
        "| op | what it is | kernel |",
        "|---|---|---|",
        *(f"| [{op.name}](#{op.name.lower()}) | {_what(op)} | {_kernel(op)} |" for op in found),
    ]
    head = _HEAD.format(folded=", ".join(sorted(OPS)))
    return "\n".join([head, *overview, *(_section(op) for op in found)])


def _what(operator: Operator) -> str:
    """The module's docstring, without the op's name before the colon."""
    module = sys.modules[type(operator).__module__]
    return _line(module).split(": ", 1)[1].rstrip(".")


def _kernel(operator: Operator) -> str:
    if operator.kernel is None:
        return "none: costs nothing"
    return f"[{operator.kernel}](../edgekit/kernels/{operator.kernel})"


def _section(operator: Operator) -> str:
    forms = [f"- {_line(constraint)}" for constraint in operator.constraints]
    return "\n".join([f"\n## {operator.name}\n", *forms])


def _line(documented: Callable[..., Any] | Any) -> str:
    """A docstring as one line, safe inside a table."""
    return " ".join((documented.__doc__ or "").split()).replace("|", "\\|")
