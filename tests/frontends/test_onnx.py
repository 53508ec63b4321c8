from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgekit import frontends
from edgekit.data import preprocess
from edgekit.data.dataset import make_dataset
from edgekit.errors import MissingToolError, ModelError
from edgekit.frontends.float_tflite import TfliteModel
from edgekit.quantize import quantize
from edgekit.tflite.editing import Editor

H, W, CLASSES = 10, 8, 5

needs_onnx = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("onnx2tf", "onnx", "onnxruntime")),
    reason='needs the extra: pip install "edgekit[onnx]"',
)


def write(path: Path, *, image: list[Any], channels_last: bool = False) -> Path:
    """Convolution, ReLU, mean and a dense layer; images as `image` says."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(0)
    shapes = {"kernel": (4, 3, 3, 3), "bias": (4,), "dense": (4, CLASSES)}
    weights = [
        numpy_helper.from_array(random.normal(size=shape).astype(np.float32), name)
        for name, shape in shapes.items()
    ]
    nodes = [
        helper.make_node("Conv", ["nchw", "kernel", "bias"], ["c"], pads=[1] * 4, strides=[2, 1]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("GlobalAveragePool", ["r"], ["g"]),
        helper.make_node("Flatten", ["g"], ["f"]),
        helper.make_node("MatMul", ["f", "dense"], ["scores"]),
    ]
    if channels_last:
        nodes.insert(0, helper.make_node("Transpose", ["image"], ["nchw"], perm=[0, 3, 1, 2]))
    name = "image" if channels_last else "nchw"
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, image)],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [image[0], CLASSES])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path


def write_block(path: Path) -> Path:
    """A grouped and a dense convolution side by side, their sum: named as PyTorch does."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(0)
    shapes = {"s": (8, 3, 3, 3), "g": (8, 2, 3, 3), "d": (8, 8, 1, 1), "h": (CLASSES, 8)}
    weights = [
        numpy_helper.from_array(random.normal(size=shape).astype(np.float32), name)
        for name, shape in shapes.items()
    ]
    nodes = [
        helper.make_node("Conv", ["image", "s"], ["a"], "/stem_1/Conv", pads=[1] * 4),
        helper.make_node("Relu", ["a"], ["r"], "/stem_1/Relu"),
        helper.make_node("Conv", ["r", "g"], ["b"], "/block/left/Conv", pads=[1] * 4, group=4),
        helper.make_node("Conv", ["r", "d"], ["c"], "/block/right/Conv"),
        helper.make_node("Add", ["b", "c"], ["e"], "/block/Add"),
        helper.make_node("GlobalAveragePool", ["e"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("Gemm", ["f", "h"], ["scores"], "/head/Gemm", transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "block",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, H, W])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, CLASSES])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path


def expected(path: Path, x: np.ndarray) -> np.ndarray:
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (name,) = (value.name for value in session.get_inputs())
    return np.concatenate([session.run(None, {name: image[None]})[0] for image in x])


@needs_onnx
def test_scores_are_those_of_onnxruntime(tmp_path: Path) -> None:
    path = write(tmp_path / "m.onnx", image=["n", 3, H, W])
    x = np.random.default_rng(1).normal(size=(4, H, W, 3)).astype(np.float32)
    loaded = frontends.load(path)
    assert (loaded.input_shape, loaded.classes, loaded.format) == ((H, W, 3), CLASSES, "ONNX")
    own = x.transpose(0, 3, 1, 2)
    np.testing.assert_allclose(loaded.predict(x), expected(path, own), atol=1e-4)


@needs_onnx
def test_layers_bear_the_names_of_the_nodes(tmp_path: Path) -> None:
    path = write_block(tmp_path / "m.onnx")
    loaded = frontends.load(path)
    assert isinstance(loaded, TfliteModel)
    editor = Editor(loaded.data, "m")
    names = {editor.tensor_name(op.outputs[0]) for op in editor.ops()}
    layers = {"/stem_1/Conv", "/block/left/Conv", "/block/right/Conv", "/block/Add", "p"}
    assert names >= {*layers, "/head/Gemm"}
    x = np.random.default_rng(1).normal(size=(2, H, W, 3)).astype(np.float32)
    own = expected(path, x.transpose(0, 3, 1, 2))
    np.testing.assert_allclose(loaded.predict(x), own, atol=1e-3)


@needs_onnx
def test_it_quantizes_like_any_other_model(tmp_path: Path) -> None:
    path = write(tmp_path / "m.onnx", image=[1, 3, H, W])
    random = np.random.default_rng(2)
    images = random.integers(0, 256, (12, H, W, 3)).astype(np.uint8)
    dataset = make_dataset("noise", images, np.arange(12) % CLASSES, None)
    made = quantize(path, dataset, preprocess("raw01"))
    assert made.record.input_scale == pytest.approx(1 / 255, rel=0.02)
    assert made.model[4:8] == b"TFL3"


@needs_onnx
def test_an_open_size_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "m.onnx", image=[1, 3, "height", "width"])
    with pytest.raises(ModelError, match=r"shape \[1, 3, 0, 0\] \(0: open\)"):
        frontends.load(path)


@needs_onnx
def test_channels_last_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "m.onnx", image=["n", H, W, 3], channels_last=True)
    with pytest.raises(ModelError, match=r"shape \[0, 10, 8, 3\], channels last"):
        frontends.load(path)


@needs_onnx
@pytest.mark.parametrize("content", [b"", b"no model", bytes(range(256)) * 9])
def test_damaged_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.onnx").write_bytes(content)
    with pytest.raises(ModelError, match=r"no ONNX model, or is damaged"):
        frontends.load(tmp_path / "m.onnx")


def test_without_the_extra_the_message_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "m.onnx").write_bytes(b"anything")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingToolError, match=r"an \.onnx model needs onnx2tf, onnx") as caught:
        frontends.load(tmp_path / "m.onnx")
    assert 'pip install "edgekit[onnx]"' in caught.value.hint
