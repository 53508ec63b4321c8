"""Foreign converters, each in a process of its own: they print, they change global state, they die.

A converter is a module with `convert(source, folder) -> bytes`; run as
``python -m edgekit.frontends.conversion_process MODULE SOURCE RESULT``.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import tempfile
from pathlib import Path

from edgekit.errors import MissingToolError, ModelError, ToolError
from edgekit.process import run_tool

_TIMEOUT_S = 900.0
_REFUSED = "edgekit refuses: "


def converted(path: Path, module: str, *, needs: tuple[str, ...], extra: str, what: str) -> bytes:
    """The float `.tflite` that the converter in `module` makes of the model at `path`.

    Raises `MissingToolError` when one of the packages `needs` is not installed, naming the extra;
    `ModelError` when the converter refuses the file; `ToolError` when it dies or hangs.
    """
    missing = [name for name in needs if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingToolError(
            f"reading {what} needs {', '.join(missing)}, which is not installed",
            hint=f'Install it with: pip install "edgekit[{extra}]"',
        )
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "float.tflite")
        command = [sys.executable, "-m", __name__, module, str(path.resolve()), str(result)]
        try:
            run_tool(command, timeout_s=_TIMEOUT_S)
        except ToolError as error:
            raise _refusal(path, error) or error from None
        return result.read_bytes()


def _refusal(path: Path, error: ToolError) -> ModelError | None:
    """What the converter said of the file; None when it said nothing and died."""
    said = [line for line in error.stderr.splitlines() if line.startswith(_REFUSED)]
    if not said:
        return None
    return ModelError(f"{path} cannot be converted: {said[-1].removeprefix(_REFUSED)}")


def _main(module: str, source: str, result: str) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    folder = Path(result).parent
    try:
        converter = importlib.import_module(module)
        os.chdir(folder)  # some leave files where they stand
        Path(result).write_bytes(converter.convert(Path(source), folder))
    except (Exception, SystemExit) as error:  # they raise whatever they like, and some exit
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        first = " ".join(lines[:3])[:400]
        print(f"{_REFUSED}{first or type(error).__name__}", file=sys.stderr)  # noqa: T201 # to our parent
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
