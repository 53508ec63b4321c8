"""What repairs see of a layer: the rows that the runtime multiplies, in step with the model."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from ai_edge_litert import schema_py_generated as schema
from support import float_nets
from support.int8_models import int8_tflite
from support.models import ModelBuilder, Value, constant

from edgekit.quantize.layer_weights import scales, write_weights
from edgekit.quantize.layers import WeightedLayer, weighted_layers
from edgekit.quantize.layerwise import Pair, walk
from edgekit.quantize.observing import observe
from edgekit.quantize.repairs import Case
from edgekit.quantize.sampling import draw_places, gather, window_of
from edgekit.quantize.stepping import Steps
from edgekit.tflite.editing import Editor

IMAGES = np.random.default_rng(0).uniform(-1, 1, (6, 8, 8, 3)).astype(np.float32)
Floats = npt.NDArray[np.float32]


def convolution(
    weights: Floats, entrance: tuple[int, ...], out: tuple[int, ...], **how: int
) -> bytes:
    """One float convolution, depthwise where the weights' first axis is 1."""
    builder = ModelBuilder()
    given = builder.tensor(Value(entrance, dtype="float32", name="in"))
    made = builder.tensor(Value(out, dtype="float32", name="out"))
    depthwise = weights.shape[0] == 1
    options = schema.DepthwiseConv2DOptionsT() if depthwise else schema.Conv2DOptionsT()
    for name, value in how.items():
        setattr(options, name, value)
    bias = np.zeros(out[-1], np.float32)
    inputs = [given, builder.tensor(constant(weights)), builder.tensor(constant(bias))]
    builder.op("DEPTHWISE_CONV_2D" if depthwise else "CONV_2D", inputs, [made], options)
    return builder.finish([given], [made])


SAME, VALID = 0, 1
FORMS = {  # weights, input, output, options
    "same, stride 2 by 1": (
        (4, 3, 2, 3), (1, 7, 6, 3), (1, 4, 6, 4),
        {"padding": SAME, "strideH": 2, "strideW": 1},
    ),
    "valid, dilated 1 by 2": (
        (4, 2, 3, 3), (1, 7, 8, 3), (1, 6, 4, 4),
        {"padding": VALID, "strideH": 1, "strideW": 1, "dilationWFactor": 2},
    ),
    "grouped": (
        (6, 1, 3, 2), (1, 5, 6, 4), (1, 5, 6, 6),
        {"padding": SAME, "strideH": 1, "strideW": 1},
    ),
    "depthwise, stride 2, multiplier 2": (
        (1, 3, 3, 6), (1, 7, 8, 3), (1, 4, 4, 6),
        {"padding": SAME, "strideH": 2, "strideW": 2, "depthMultiplier": 2},
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_rows_times_weights_are_what_the_runtime_computes(form: str) -> None:
    shape, entrance, out, how = FORMS[form]
    rng = np.random.default_rng(1)
    weights = rng.normal(size=shape).astype(np.float32)
    images = rng.normal(size=(3, *entrance[1:])).astype(np.float32)
    model = convolution(weights, entrance, out, **how)
    pair = pair_of(model, images)
    made = np.einsum("got,gnt->ngo", pair.float_weights(), pair.int8_rows)
    wanted = np.concatenate([seen["out"] for seen in observe(model, images, ["out"])])
    wanted = wanted.reshape(-1, out[-1])
    np.testing.assert_allclose(made.reshape(-1, out[-1]), wanted, atol=0.3)  # int8's rounding
    means = np.einsum("got,gt->go", pair.float_weights(), pair.float_means)
    np.testing.assert_allclose(means.ravel(), wanted.mean(axis=0), atol=1e-3)
    whole = pair.stored(pair.float_weights().astype(np.float32))
    np.testing.assert_array_equal(whole, weights)


def pair_of(model: bytes, images: Floats) -> Pair:
    int8 = int8_tflite(model, images)
    case = Case("net", model, model, int8, images, lambda floats: floats)
    (pair,) = walk(case, Editor(int8, "net"), stage="test")
    return pair


def test_int8_padding_is_a_real_zero() -> None:
    """Its zero point is not 0; what lies beyond the edge must be."""
    images = IMAGES + 2
    model = float_nets.residual()
    int8 = Editor(int8_tflite(model, images), "net")
    stem = weighted_layers(int8)[0]
    steps = Steps(int8, images)
    rows = gather(
        steps.values(stem.input),
        int8.quantization(stem.input),
        window_of(int8, stem),
        [np.zeros(1, np.int64)] * len(images),
    )
    assert rows.shape == (len(images), 9, 3)
    np.testing.assert_array_equal(rows[:, [0, 1, 2, 3, 6]], 0)
    assert (rows[:, [4, 5, 7, 8]] > 0.9).all()


def test_places_are_drawn_once_each_and_no_more_than_wanted() -> None:
    window = window_of(*stem_of(float_nets.residual()))
    drawn = draw_places(window, 6, 60, np.random.default_rng(0))
    assert [len(set(places.tolist())) for places in drawn] == [10] * 6
    assert max(places.max() for places in drawn) < 64
    everywhere = draw_places(window, 6, 10_000, np.random.default_rng(0))
    assert [len(places) for places in everywhere] == [64] * 6


def stem_of(model: bytes) -> tuple[Editor, WeightedLayer]:
    editor = Editor(model, "net")
    return editor, weighted_layers(editor)[0]


def test_a_layer_sees_what_changed_layers_before_it_give() -> None:
    model = float_nets.residual()
    int8 = Editor(int8_tflite(model, IMAGES), "net")
    case = Case("net", model, model, int8.bytes(), IMAGES, lambda floats: floats)
    largest = {}
    for pair in walk(case, int8, stage="test"):
        largest[pair.layer.name] = float(np.abs(pair.int8_rows).max())
        if pair.layer.name == "inner":
            whole = np.zeros(int8.shape(pair.layer.weights), np.int8)
            write_weights(int8, pair.layer, whole)
    assert largest["inner"] > 0.5
    assert largest["branch"] < 0.02  # its layer before gives nothing now


def test_values_stay_only_while_they_are_read_later() -> None:
    model = Editor(float_nets.residual(), "net")
    steps = Steps(model, IMAGES)
    (add,) = (op for op in model.ops() if op.op == "ADD")
    steps.run_to(add.index)
    wanted = [seen["branch"] for seen in observe(model.bytes(), IMAGES, ["branch"])]
    np.testing.assert_array_equal(steps.values(model.find("branch")), wanted)
    assert len(steps.values(model.find("stem"))) == len(IMAGES)
    with pytest.raises(KeyError):
        steps.values(model.find("inner"))


def test_what_int8_clips_is_clipped_in_float_too() -> None:
    """Else a repair would make up for values that are clipped on purpose."""
    model = float_nets.residual()
    images = np.abs(IMAGES)
    int8 = int8_tflite(model, images / 4)
    case = Case("net", model, model, int8, images, lambda floats: floats)
    pair = next(iter(walk(case, Editor(int8, "net"), stage="test")))
    assert 0.1 < pair.float_means[:, 4].max() < 0.25
    np.testing.assert_allclose(pair.float_means, pair.int8_rows.mean(axis=1), atol=0.002)


def test_scales_are_one_for_each_channel() -> None:
    editor = Editor(int8_tflite(float_nets.residual(), IMAGES), "net")
    for layer in weighted_layers(editor):
        values = editor.constant(layer.weights)
        assert values is not None
        assert scales(editor, layer).shape == (values.shape[layer.axis],)
