from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from support import keras_models
from support.int8_models import int8_tflite
from support.keras_models import CLASSES, SHAPE
from support.outer_models import outer_model

from edgekit import frontends
from edgekit.errors import MissingToolError, ModelError
from edgekit.quantize.conversion import float_tflite
from edgekit.tflite.rewriting import add_buffer, pack, unpack

X = np.random.default_rng(0).uniform(-1, 1, (40, *SHAPE)).astype(np.float32)


@pytest.fixture(scope="module")
def model() -> Any:
    return keras_models.separable()


@pytest.fixture(scope="module")
def expected(model: Any) -> np.ndarray:
    return np.asarray(model(X, training=False).numpy())


@pytest.mark.parametrize("file", ["m.keras", "m.h5", "saved"])
def test_every_format_gives_the_models_scores(
    tmp_path: Path, model: Any, expected: np.ndarray, file: str
) -> None:
    loaded = frontends.load(keras_models.save(model, tmp_path / file))
    assert (loaded.input_shape, loaded.classes) == (SHAPE, CLASSES)
    np.testing.assert_allclose(loaded.predict(X), expected, atol=1e-6)
    assert len(loaded.sha256) == 64


def test_float_tflite_gives_the_models_scores(
    tmp_path: Path, model: Any, expected: np.ndarray
) -> None:
    source = frontends.load(keras_models.save(model, tmp_path / "m.keras"))
    (tmp_path / "m.tflite").write_bytes(float_tflite(source))
    loaded = frontends.load(tmp_path / "m.tflite")
    assert (loaded.input_shape, loaded.classes) == (SHAPE, CLASSES)
    np.testing.assert_allclose(loaded.predict(X), expected, atol=1e-5)


def test_a_float_tflite_of_litert_torch_is_quantized_whole(tmp_path: Path, model: Any) -> None:
    keras_models.save(model, whole := tmp_path / "m.keras")
    marked = unpack(float_tflite(frontends.load(whole)), "m")
    mark = schema.MetadataT()
    mark.name, mark.buffer = b"keep_stablehlo_constant", add_buffer(marked, b"true")
    marked.metadata = [*(marked.metadata or ()), mark]
    (tmp_path / "m.tflite").write_bytes(pack(marked))
    loaded = frontends.load(tmp_path / "m.tflite")
    images = np.random.default_rng(0).uniform(-1, 1, (2, *SHAPE)).astype(np.float32)
    int8 = unpack(int8_tflite(float_tflite(loaded), images), "m")
    types = {tensor.type for tensor in int8.subgraphs[0].tensors}
    assert schema.TensorType.FLOAT32 not in types
    assert schema.TensorType.INT8 in types


def test_no_images_give_no_scores(tmp_path: Path, model: Any) -> None:
    loaded = frontends.load(keras_models.save(model, tmp_path / "m.keras"))
    assert loaded.predict(X[:0]).shape == (0, CLASSES)


def test_images_of_another_shape_are_refused(tmp_path: Path, model: Any) -> None:
    loaded = frontends.load(keras_models.save(model, tmp_path / "m.keras"))
    with pytest.raises(ModelError, match=r"takes \[n, 10, 8, 3\], was given \[40, 8, 10, 3\]"):
        loaded.predict(X.transpose(0, 2, 1, 3))


def test_groups_in_depthwise_layers_of_old_h5_files_are_accepted(
    tmp_path: Path, model: Any, expected: np.ndarray
) -> None:
    import h5py

    path = keras_models.save(model, tmp_path / "m.h5")
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        (layer,) = (c for c in config["config"]["layers"] if c["class_name"] == "DepthwiseConv2D")
        layer["config"]["groups"] = 1
        file.attrs["model_config"] = json.dumps(config)
    np.testing.assert_allclose(frontends.load(path).predict(X), expected, atol=1e-6)


@pytest.mark.slow
def test_mlperfs_own_h5_equals_its_keras_file(shared_data: Path) -> None:
    x = np.random.default_rng(1).uniform(0, 1, (4, 96, 96, 3)).astype(np.float32)
    old, new = (frontends.load(shared_data / f"models/vww_96.{kind}") for kind in ("h5", "keras"))
    np.testing.assert_array_equal(old.predict(x), new.predict(x))


def lambda_model(keras: Any) -> Any:
    image = keras.Input(SHAPE)
    x = keras.layers.Lambda(lambda y: y * 2, name="doubled")(image)
    x = keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(x))
    return keras.Model(image, x)


@pytest.mark.parametrize("file", ["m.keras", "m.h5"])
def test_lambda_layers_are_refused_unless_allowed(tmp_path: Path, file: str) -> None:
    path = keras_models.save(lambda_model(keras_models.load_keras()), tmp_path / file)
    with pytest.raises(ModelError, match=r"Lambda layers \(doubled\).*runs code"):
        frontends.load(path)
    assert frontends.load(path, allow_lambda=True).predict(X).shape == (40, 2)


def two_inputs(keras: Any) -> Any:
    images = [keras.Input(SHAPE), keras.Input(SHAPE)]
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Add()(images))
    return keras.Model(images, x)


def two_outputs(keras: Any) -> Any:
    image = keras.Input(SHAPE)
    x = keras.layers.GlobalAveragePooling2D()(image)
    return keras.Model(image, [keras.layers.Dense(2)(x), keras.layers.Dense(3)(x)])


def vectors(keras: Any) -> Any:
    values = keras.Input((5,))
    return keras.Model(values, keras.layers.Dense(2)(values))


def open_size(keras: Any) -> Any:
    image = keras.Input((None, None, 3))
    return keras.Model(image, keras.layers.GlobalAveragePooling2D()(image))


def image_output(keras: Any) -> Any:
    image = keras.Input(SHAPE)
    return keras.Model(image, keras.layers.Conv2D(2, 1)(image))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (two_inputs, "has 2 inputs"),
        (two_outputs, "has 2 outputs"),
        (vectors, r"inputs of shape \[\?, 5\], wanted images"),
        (open_size, r"leaves its input size open: \[\?, \?, \?, 3\]"),
        (image_output, r"outputs of shape \[\?, 10, 8, 2\], wanted \[n, classes\]"),
    ],
)
def test_models_that_are_no_image_classifiers_are_refused(
    tmp_path: Path, make: Any, message: str
) -> None:
    path = keras_models.save(make(keras_models.load_keras()), tmp_path / "m.keras")
    with pytest.raises(ModelError, match=message):
        frontends.load(path)


@pytest.mark.parametrize("kind", ["keras", "h5", "tflite"])
@pytest.mark.parametrize("damage", ["text", "empty", "half"])
def test_damaged_files_are_refused(tmp_path: Path, model: Any, kind: str, damage: str) -> None:
    whole = keras_models.save(model, tmp_path / "whole.keras")
    if kind == "h5":
        whole = keras_models.save(model, tmp_path / "whole.h5")
    content = whole.read_bytes()
    if kind == "tflite":
        content = float_tflite(frontends.load(whole))
    broken = {"text": b"hello, world", "empty": b"", "half": content[: len(content) // 2]}
    (tmp_path / f"m.{kind}").write_bytes(broken[damage])
    with pytest.raises(ModelError):
        frontends.load(tmp_path / f"m.{kind}")


@pytest.mark.parametrize("content", [b"", b"no graph", bytes(range(256))])
def test_damaged_saved_models_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "saved_model.pb").write_bytes(content)
    with pytest.raises(ModelError):
        frontends.load(tmp_path)


def test_weights_without_a_model_are_refused(tmp_path: Path, model: Any) -> None:
    import h5py

    path = keras_models.save(model, tmp_path / "m.h5")
    with h5py.File(path, "r+") as file:
        del file.attrs["model_config"]
    with pytest.raises(ModelError, match="holds weights only"):
        frontends.load(path)


@pytest.mark.parametrize("ends", ["int8", "uint8", "float32"])
def test_quantized_models_are_sent_back(ends: str, tmp_path: Path) -> None:
    """Float ends do not make a float model: converters leave them unless told otherwise."""
    path = tmp_path / "m.tflite"
    path.write_bytes(outer_model(ends, ends))
    with pytest.raises(ModelError, match=r"not a float model: . of its . tensors") as caught:
        frontends.load(path)
    assert "float model" in caught.value.hint


def test_a_model_of_variables_is_refused(tmp_path: Path) -> None:
    """As TFLiteConverter.from_concrete_functions makes it of a model that is not frozen."""
    model = unpack(outer_model("float32", "float32"), "m")
    for tensor in model.subgraphs[0].tensors:
        tensor.type, tensor.quantization = schema.TensorType.RESOURCE, None
    (tmp_path / "m.tflite").write_bytes(pack(model))
    with pytest.raises(ModelError, match="variables, not constants"):
        frontends.load(tmp_path / "m.tflite")


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.caffemodel").write_bytes(b"")
    for path, message in [
        (tmp_path / "nowhere.keras", "there is no"),
        (tmp_path / "m.caffemodel", "of no kind"),
        (tmp_path, "folder without saved_model.pb"),
    ]:
        with pytest.raises(ModelError, match=message) as caught:
            frontends.load(path)
        assert "SavedModel" in caught.value.hint


def test_without_tensorflow_the_message_is_how_to_install_it(
    tmp_path: Path, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = keras_models.save(model, tmp_path / "m.keras")
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(MissingToolError) as caught:
        frontends.load(path)
    assert 'pip install "edgekit[keras]"' in caught.value.hint


@pytest.mark.slow
def test_tensorflow_is_not_heard_but_progress_is(tmp_path: Path, model: Any) -> None:
    path = keras_models.save(model, tmp_path / "m.keras")
    code = f"""
import sys
from pathlib import Path
from edgekit import frontends
from edgekit.quantize.conversion import float_tflite
from edgekit.tensorflow_loader import quiet
with quiet():
    sys.stderr.write("progress")
float_tflite(frontends.load(Path({str(path)!r})))
print("done")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=90)
    assert (done.stdout, done.stderr) == ("done\n", "progress")
