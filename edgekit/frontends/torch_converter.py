"""Runs litert-torch; only in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_CHANNELS = (1, 3)


def convert(source: Path, folder: Path) -> bytes:
    """The float `.tflite` of a `.pt2` file, for images [1, h, w, c]. Raises `ValueError`."""
    import litert_torch
    import torch

    try:
        program = torch.export.load(source)
    except Exception as error:  # PyTorch raises many kinds for what it cannot read
        raise ValueError(f"it is no exported program, or is damaged ({error})") from None
    shape = _image(program)
    first = _channels_first(shape)
    if first:
        shape = [shape[0], *shape[2:], shape[1]]
    model = _channels_last_in(torch, program.module(), permute=first)
    result = folder / "exported.tflite"
    litert_torch.convert(model, (torch.zeros(1, *shape[1:]),)).export(str(result))
    return result.read_bytes()


def _image(program: Any) -> list[int]:
    """The shape of the only input, from the example it was exported with."""
    positional, named = program.example_inputs
    if named or len(positional) != 1:
        count = len(positional) + len(named)
        raise ValueError(f"it has {count} inputs, edgekit takes models with one")
    shape = [int(size) for size in positional[0].shape]
    if len(shape) != 4:
        raise ValueError(f"its input has shape {shape}, wanted images [1, c, h, w]")
    return shape


def _channels_first(shape: list[int]) -> bool:
    """PyTorch's images are [n, c, h, w], except where somebody wanted otherwise."""
    return shape[1] in _CHANNELS or shape[3] not in _CHANNELS


def _channels_last_in(torch: Any, inner: Any, *, permute: bool) -> Any:
    """The model for images [n, h, w, c]."""

    class ChannelsLast(torch.nn.Module):  # type: ignore[misc] # torch is untyped here
        def __init__(self) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, x: Any) -> Any:
            return self.inner(x.permute(0, 3, 1, 2) if permute else x)

    return ChannelsLast()
