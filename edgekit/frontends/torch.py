"""PyTorch exported programs, `.pt2`, converted to `.tflite` by litert-torch (extra `torch`)."""

from __future__ import annotations

import zipfile
from pathlib import Path

from edgekit.errors import ModelError
from edgekit.frontends.conversion_process import converted
from edgekit.frontends.float_tflite import TfliteModel, tflite_model

EXPORT_HINT = (
    "Export it in PyTorch: torch.export.save(torch.export.export(model.eval(), "
    "(torch.zeros(1, 3, height, width),)), 'model.pt2')"
)


class TorchModel(TfliteModel):
    """A PyTorch model; `data` is the float `.tflite` made of it, for images [n, h, w, c]."""

    format = "PyTorch"


def load_torch(path: Path) -> TorchModel:
    """The exported program in a `.pt2` file.

    Raises `ModelError`, `MissingToolError` or `ToolError`.
    """
    if not path.is_file() or not zipfile.is_zipfile(path):
        raise ModelError(f"{path} is not an exported program, or is damaged", hint=EXPORT_HINT)
    data = converted(
        path,
        "edgekit.frontends.torch_converter",
        needs=("litert_torch", "torch"),
        extra="torch",
        what="a PyTorch model",
    )
    return tflite_model(path, data, TorchModel)
