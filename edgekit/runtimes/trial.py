"""Whether LiteRT outlives a model: some it does not refuse but aborts on, and the process with it.

A process of its own finds out; run as ``python -m edgekit.runtimes.trial``, the model on stdin.
"""

from __future__ import annotations

import sys

from edgekit.errors import EdgekitError, ModelError, ToolError
from edgekit.process import run_tool
from edgekit.runtimes.litert import Interpreter
from edgekit.tflite import read_graph

_TIMEOUT_S = 120.0
_REFUSED = 2


def require_survival(model: bytes) -> None:
    """Raises `ModelError` for a model that LiteRT refuses, or that ends the process it runs in.

    What the compiler takes fulfils what the kernels assert, so that only the rest costs a process.
    """
    try:
        read_graph(model, "model")
    except EdgekitError:
        _try(model)


def _try(model: bytes) -> None:
    try:
        run_tool((sys.executable, "-m", __name__), timeout_s=_TIMEOUT_S, stdin=model)
    except ToolError as error:
        said = [line for line in error.stderr.splitlines() if line.strip()]
        raise ModelError(
            said[-1] if said else "LiteRT dies of this model, and so would we",
            hint="`edgekit check` names the operators and what is wrong with them.",
        ) from None


def _main() -> int:
    """Exit code 0 once the model ran on zeros."""
    try:
        interpreter = Interpreter(sys.stdin.buffer.read())
        interpreter.run(interpreter.zeros())
    except EdgekitError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return _REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(_main())
