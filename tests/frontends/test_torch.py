from __future__ import annotations

import importlib.util
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgekit import frontends
from edgekit.errors import MissingToolError, ModelError
from edgekit.frontends.float_tflite import TfliteModel
from edgekit.tflite.editing import Editor

H, W, CLASSES = 10, 8, 5

needs_torch = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("litert_torch", "torch")),
    reason='needs the extra: pip install "edgekit[torch]"',
)


def network(torch: Any) -> Any:
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3, stride=(2, 1), padding=1, bias=False),
        torch.nn.BatchNorm2d(4),
        torch.nn.ReLU6(),
        torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(),
        torch.nn.Linear(4, CLASSES),
    ).eval()


@needs_torch
def test_scores_are_those_of_pytorch(tmp_path: Path) -> None:
    import torch

    model, path = network(torch), tmp_path / "m.pt2"
    torch.export.save(torch.export.export(model, (torch.zeros(1, 3, H, W),)), path)
    x = np.random.default_rng(1).normal(size=(4, H, W, 3)).astype(np.float32)
    loaded = frontends.load(path)
    assert (loaded.input_shape, loaded.classes, loaded.format) == ((H, W, 3), CLASSES, "PyTorch")
    with torch.no_grad():
        own = model(torch.from_numpy(x.transpose(0, 3, 1, 2).copy())).numpy()
    np.testing.assert_allclose(loaded.predict(x), own, atol=1e-4)


def separable(torch: Any) -> Any:
    """Modules in a list, a sum of functions, and layers with batch norms and activations."""
    nn = torch.nn

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.depth_1 = nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False)
            self.norm = nn.BatchNorm2d(8)
            self.point = nn.Sequential(nn.Conv2d(8, 8, 1), nn.Hardswish())

        def forward(self, x: Any) -> Any:
            return x + self.point(self.norm(self.depth_1(x)).relu())

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU6())
            self.blocks = nn.ModuleList([Block(), Block()])
            self.head = nn.Linear(8, CLASSES)

        def forward(self, x: Any) -> Any:
            x = self.stem(x)
            for block in self.blocks:
                x = block(x)
            return self.head(x.mean((2, 3)))

    torch.manual_seed(0)
    return Network().eval()


@needs_torch
@pytest.mark.parametrize("form", ["exported", "strict", "decomposed"])
def test_layers_bear_the_paths_of_the_modules(tmp_path: Path, form: str) -> None:
    import torch

    network, image = separable(torch), (torch.zeros(1, 3, H, W),)
    program = torch.export.export(network, image, strict=form == "strict")
    if form == "decomposed":
        program = program.run_decompositions()
    torch.export.save(program, tmp_path / "m.pt2")
    loaded = frontends.load(tmp_path / "m.pt2")
    assert isinstance(loaded, TfliteModel)
    editor = Editor(loaded.data, "m")
    named = [(op.op, editor.tensor_name(op.outputs[0])) for op in editor.ops()]
    of_block = [
        ("DEPTHWISE_CONV_2D", "depth_1"),
        ("CONV_2D", "point.0"),
        ("HARD_SWISH", "point.1"),
    ]
    assert [pair for pair in named if pair[0] not in ("PAD", "TRANSPOSE", "RESHAPE")] == [
        ("CONV_2D", "stem.0"),
        *((op, f"blocks.0.{path}") for op, path in of_block),
        ("ADD", "blocks.0"),
        *((op, f"blocks.1.{path}") for op, path in of_block),
        ("ADD", "blocks.1"),
        ("MEAN", "mean"),
        ("FULLY_CONNECTED", "head"),
    ]
    names = [editor.tensor_name(tensor) for tensor in range(editor.tensors)]
    assert len(set(names)) == len(names)


@needs_torch
def test_a_model_whose_names_cannot_be_kept_is_converted_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from edgekit.frontends import torch_converter

    def refuse(*_: Any) -> None:
        raise RuntimeError("this model cannot be run node by node")

    monkeypatch.setattr(torch_converter, "_node_by_node", refuse)
    program = torch.export.export(network(torch), (torch.zeros(1, 3, H, W),))
    torch.export.save(program, tmp_path / "m.pt2")
    editor = Editor(torch_converter.convert(tmp_path / "m.pt2", tmp_path), "m")
    named = {op.op: editor.tensor_name(op.outputs[0]) for op in editor.ops()}
    assert (named["CONV_2D"], named["FULLY_CONNECTED"]) == ("conv_2d", "fully_connected")


@needs_torch
def test_an_archive_that_is_no_program_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.pt2", "w") as archive:
        archive.writestr("version", "1")
    with pytest.raises(ModelError, match="no exported program, or is damaged"):
        frontends.load(tmp_path / "m.pt2")


@pytest.mark.parametrize("content", [b"", b"no model", b"PK\x03\x04 half an archive"])
def test_damaged_files_are_refused_with_a_way_to_export(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.pt2").write_bytes(content)
    with pytest.raises(ModelError, match="is not an exported program, or is damaged") as caught:
        frontends.load(tmp_path / "m.pt2")
    assert "torch.export.save" in caught.value.hint


@pytest.mark.parametrize("suffix", [".pt", ".pth"])
def test_pickles_are_never_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"m{suffix}"
    path.write_bytes(b"\x80\x02.")
    with pytest.raises(ModelError, match="is a pickle: reading it would run code"):
        frontends.load(path)


def test_without_the_extra_the_message_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "m.pt2", "w") as archive:
        archive.writestr("version", "1")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingToolError, match="a PyTorch model needs litert_torch") as caught:
        frontends.load(tmp_path / "m.pt2")
    assert 'pip install "edgekit[torch]"' in caught.value.hint
