import numpy as np
import pytest
from support import float_nets
from support.int8_models import int8_tflite

from edgekit.quantize.looking import Looks, look, spreads
from edgekit.quantize.observing import observe
from edgekit.quantize.running import scorer
from edgekit.quantize.spread import Spread, ranges
from edgekit.tflite.editing import Editor

IMAGES = np.random.default_rng(0).uniform(-1, 1, (12, 8, 8, 3)).astype(np.float32)


def test_extremes_miss_no_value_and_samples_keep_channels_together() -> None:
    model = float_nets.residual()
    found = spreads(model, IMAGES)
    name = Editor(model, "x").tensor_name(Editor(model, "x").inputs[0])
    flat = IMAGES.reshape(-1, 3)
    np.testing.assert_array_equal(found[name].low, flat.min(axis=0))
    np.testing.assert_array_equal(found[name].high, flat.max(axis=0))
    rows = {tuple(row) for row in flat.tolist()}
    assert all(tuple(row) in rows for row in found[name].sample.tolist())


def test_a_concatenation_has_the_extremes_of_its_values() -> None:
    net = float_nets.FloatNet((8, 8, 3))
    parts = [net.conv(name, net.entrance, net.weights(4, 1, 3)) for name in ("left", "right")]
    joined = net.concat("joined", parts[1], net.entrance, parts[0])
    model = net.done(net.mean("scores", joined))
    found = spreads(model, IMAGES)["joined"]
    seen = np.concatenate([one["joined"] for one in observe(model, IMAGES, ["joined"])])
    np.testing.assert_array_equal(found.low, seen.min(axis=(0, 1, 2)))
    np.testing.assert_array_equal(found.high, seen.max(axis=(0, 1, 2)))


def test_the_input_of_an_add_keeps_its_own_range() -> None:
    """TensorFlow's calibrator sees it after the ADD has overwritten it with the sum."""
    model = float_nets.residual()
    found = ranges(spreads(model, IMAGES))
    int8 = Editor(int8_tflite(model, IMAGES), "x")
    (add,) = (op for op in int8.ops() if op.op == "ADD")
    for tensor in add.inputs:
        low, high = found[int8.tensor_name(tensor)]
        quantization = int8.quantization(tensor)
        assert quantization is not None
        assert quantization.scale == pytest.approx((high - low) / 255, rel=1e-4)


@pytest.mark.parametrize("sign", [1, -1])
def test_lower_powers_clip_rare_outliers_sooner(sign: int) -> None:
    bulk = np.random.default_rng(1).normal(0, 1, 20_000)
    values = sign * np.append(bulk, [60.0, 50.0]).astype(np.float32)[:, None]
    spread = Spread(values.min(axis=0), values.max(axis=0), values)
    widths = [high - low for low, high in map(spread.fitted, (8.0, 2.0, 1.0))]
    assert widths[0] > widths[1] > widths[2] > 4
    assert spread.range == (min(0.0, values.min()), max(0.0, values.max()))


def test_the_fitted_range_is_the_best_by_trial() -> None:
    values = np.random.default_rng(2).standard_t(4, 50_000).astype(np.float32)[:, None]
    spread = Spread(values.min(axis=0), values.max(axis=0), values)

    def error(low: float, high: float) -> float:
        step = (high - low) / 255
        rounded = np.clip(np.round((values - low) / step), 0, 255) * step + low
        return float(np.square(rounded - values).mean())

    best = error(*spread.fitted(2.0))
    assert best < error(*spread.range)
    low, high = spread.fitted(2.0)
    assert all(best <= 1.02 * error(low * wider, high * wider) for wider in (0.7, 0.85, 1.2, 1.5))


def test_values_that_are_all_zero_have_a_range() -> None:
    nothing = np.zeros((10, 2), np.float32)
    spread = Spread(nothing[0], nothing[0], nothing)
    assert spread.range == (0.0, 0.0)
    assert spread.fitted(2.0) == (0.0, 0.0)


def test_a_model_is_looked_at_once() -> None:
    model, other = float_nets.residual(0), float_nets.residual(1)
    told: list[int] = []
    looks = Looks(IMAGES, told.append, name="net")
    first = looks(model)
    assert looks(bytes(bytearray(model))) is first
    assert told == list(range(13))
    assert looks(other).spreads["stem"].high.tolist() != first.spreads["stem"].high.tolist()


def test_what_was_answered_while_looking_is_not_asked_again() -> None:
    model = float_nets.residual()
    asked: list[int] = []

    def others(images: np.ndarray) -> np.ndarray:
        asked.append(len(images))
        return np.full((len(images), 5), 7.0, np.float32)

    fresh = np.zeros((1, 8, 8, 3), np.float32)
    ask = look(model, IMAGES).answering(others)
    answers = ask(np.concatenate([IMAGES[2:4], fresh]))
    assert (ask(fresh) == 7).all()
    assert asked == [1]
    wanted = scorer(model, "net")(IMAGES[2:4])
    np.testing.assert_allclose(answers[:2], wanted, atol=1e-5)
    assert (answers[2] == 7).all()
