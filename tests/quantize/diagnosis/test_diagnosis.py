"""A fault is planted in one layer of a small net; the diagnosis names that layer and that fault."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import pytest
from support import classifier
from support import planted_faults as net
from support.planted_faults import Faults

from edgekit.artifacts import Diagnosis, LayerDiagnosis
from edgekit.errors import ModelError
from edgekit.quantize.diagnosis import diagnose
from edgekit.quantize.diagnosis.causes import REMEDIES
from edgekit.quantize.repairs import repairs

Parameters = dict[str, tuple[np.ndarray, np.ndarray]]
Change = Callable[[Parameters], None]


def diagnosed(change: Change | None = None, faults: Faults | None = None) -> Diagnosis:
    given = net.parameters()
    if change is not None:
        change(given)
    floats, inputs = net.float_model(given), net.images()
    return diagnose(floats, net.int8_model(floats, inputs, faults), inputs)


def layer(found: Diagnosis, name: str) -> LayerDiagnosis:
    return next(one for one in found.layers if one.name == name)


def guiltiest(found: Diagnosis) -> LayerDiagnosis:
    return found.ranked[0]


def test_shares_add_up_to_one_and_ranks_follow_them() -> None:
    found = diagnosed()
    assert [one.name for one in found.layers] == ["image", *net.LAYERS]  # not the RESHAPE
    assert sum(one.share for one in found.layers) == pytest.approx(1)
    shares = [one.share for one in found.ranked]
    assert shares == sorted(shares, reverse=True)
    assert found.output_sqnr_db > 28
    assert found.output_cosine > 0.999
    assert found.agreement == 1
    assert found.expected_sqnr_db == pytest.approx(found.output_sqnr_db, abs=2)


def test_a_channel_that_is_fifty_times_wider() -> None:
    def change(given: Parameters) -> None:
        given["conv2"][0][3] *= 50
        given["conv2"][1][3] *= 50
        given["dw"][0][..., 3] /= 50
        given["scores_map"][0][..., 3] /= 50

    found = diagnosed(change)
    guilty = layer(found, "conv2")
    assert guilty.rank <= 2  # the sum after it is as uneven
    assert {one.name for one in found.ranked[:2]} == {"conv2", "add"}
    assert guilty.cause == "uneven_channels"
    assert 30 < guilty.range_ratio < 70
    assert "times the median channel's range" in guilty.explanation
    assert guilty.remedies[0] == "equalization"
    assert guilty.activation_error > 10 * guilty.weight_error
    assert layer(found, "conv1").cause != "uneven_channels"


def test_a_range_that_cuts_values_off() -> None:
    found = diagnosed(faults=Faults(widen={"dw": 0.3}))
    guilty = guiltiest(found)
    assert (guilty.name, guilty.cause) == ("dw", "clipped_range")
    assert guilty.int8_range[1] == pytest.approx(0.3 * guilty.float_range[1], rel=0.01)
    assert guilty.clipped_fraction > 0.02
    assert guilty.clipped_channels >= 4
    assert guilty.remedies == ("ranges",)
    assert layer(found, "conv1").clipped_channels == 0


def test_a_range_far_wider_than_the_values() -> None:
    guilty = guiltiest(diagnosed(faults=Faults(widen={"conv1": 20})))
    assert (guilty.name, guilty.cause) == ("conv1", "wasted_range")
    assert 12 <= guilty.levels_used <= 15  # 256 / 20
    assert "of 256 levels are used" in guilty.explanation


def test_a_few_large_values() -> None:
    floats, inputs = net.float_model(), net.images(32)
    inputs[0][4, 3] = 60
    guilty = guiltiest(diagnose(floats, net.int8_model(floats, inputs), inputs))
    assert (guilty.name, guilty.cause) == ("image", "long_tail")
    assert guilty.central_levels < 40
    assert guilty.levels_used == 256
    assert guilty.remedies[0] == "ranges"


def test_weights_rounded_down_move_the_means() -> None:
    def down(steps: np.ndarray) -> np.ndarray:
        return np.floor(steps) - 2

    guilty = guiltiest(diagnosed(faults=Faults(rounding={"conv2": down})))
    assert (guilty.name, guilty.cause) == ("conv2", "weight_bias")
    assert guilty.weight_error > 2 * guilty.activation_error
    assert guilty.weight_sqnr_db is not None
    assert guilty.weight_sqnr_db < 45
    assert guilty.mean_shift > 0.3
    assert "bias" in guilty.remedies


def test_weights_in_few_levels() -> None:
    def coarse(steps: np.ndarray) -> np.ndarray:
        return np.rint(steps / 24) * 24

    guilty = guiltiest(diagnosed(faults=Faults(rounding={"conv1": coarse})))
    assert (guilty.name, guilty.cause) == ("conv1", "weight_rounding")
    assert guilty.weight_error > 10 * guilty.activation_error
    assert guilty.remedies == ("rounding",)


def test_dead_and_lost_channels() -> None:
    def change(given: Parameters) -> None:
        given["conv1"][0][2] = 0
        given["conv1"][1][2] = -3  # never above 0
        given["conv1"][0][5] *= 1e-4
        given["conv1"][1][5] = 1e-4  # below half a step of int8
        given["conv1"][1][6] = 12  # always above 6

    found = layer(diagnosed(change), "conv1")
    assert found.dead_channels == 2  # the one at 0 and the one at 6
    assert found.lost_channels == 1


def test_a_saturating_relu6() -> None:
    def change(given: Parameters) -> None:
        given["conv1"][1][:] = 6.0

    found = diagnosed(change)
    conv1 = layer(found, "conv1")
    assert conv1.relu6_saturation is not None
    in_float, in_int8 = conv1.relu6_saturation
    assert 0.4 < in_float < 0.6
    assert in_int8 == pytest.approx(in_float, abs=0.02)
    assert conv1.float_range[1] == 6
    assert layer(found, "dw").relu6_saturation is None


def test_a_wrongly_scaled_input_blames_the_preprocessing() -> None:
    guilty = guiltiest(diagnosed(faults=Faults(widen={"image": 0.25})))
    assert (guilty.name, guilty.cause) == ("image", "input_scale")
    assert "--preprocess" in guilty.explanation
    assert guilty.remedies == ()


def test_figures_of_a_layer_against_the_models_themselves() -> None:
    floats, inputs = net.float_model(), net.images()
    int8 = net.int8_model(floats, inputs)
    found = layer(diagnose(floats, int8, inputs), "add")
    real = np.stack([values["add"] for values in net.observe(floats, inputs)])
    held = np.stack([values["add"] for values in net.observe(int8, inputs)])
    noise = ((held - real) ** 2).sum()
    assert found.sqnr_db == pytest.approx(10 * np.log10((real**2).sum() / noise), abs=1e-3)
    angle = (real * held).sum() / np.linalg.norm(real) / np.linalg.norm(held)
    assert found.cosine == pytest.approx(angle, abs=1e-6)
    assert found.float_range == pytest.approx((real.min(), real.max()))


def test_a_layer_s_share_is_what_it_does_alone() -> None:
    """A net whose only int8 error is in one layer's weights: its share is all there is."""
    floats, inputs = net.float_model(), net.images()
    exact = net.int8_model(floats, inputs)
    found = diagnose(floats, exact, inputs)
    worse = net.int8_model(floats, inputs, Faults(rounding={"dw": np.trunc}))
    other = diagnose(floats, worse, inputs)
    assert layer(other, "dw").weight_error > 2 * layer(found, "dw").weight_error
    for name in ("conv1", "conv2", "add"):  # of a larger whole
        assert layer(other, name).share < layer(found, name).share


def equalized(given: Parameters, factors: np.ndarray) -> Parameters:
    """The same net, its middle channels multiplied by factors."""
    (w2, b2), (wd, bd), (ws, bs) = (given[name] for name in ("conv2", "dw", "scores_map"))
    return {
        "conv1": given["conv1"],
        "conv2": ((w2.T * factors).T.astype(np.float32), (b2 * factors).astype(np.float32)),
        "dw": (wd, (bd * factors).astype(np.float32)),
        "scores_map": ((ws / factors).astype(np.float32), bs),
    }


def test_rescaled_channels_are_not_taken_for_errors() -> None:
    given, inputs = net.parameters(), net.images()
    factors = np.array([0.5, 0.7, 1, 2, 4, 3, 0.6, 1.5], np.float32)
    rescaled = net.float_model(equalized(given, factors))
    int8 = net.int8_model(rescaled, inputs)
    assert diagnose(rescaled, int8, inputs).output_sqnr_db > 25
    with pytest.raises(ModelError, match="3 of 6 values have channels that were rescaled"):
        diagnose(net.float_model(given), int8, inputs)


def test_a_layer_that_is_simply_wrong_was_not_rescaled() -> None:
    """Weights of twice the size, and no other layer that halves them."""

    given, inputs = net.parameters(), net.images()
    weights, bias = given["conv2"]
    wrong = net.float_model({**given, "conv2": (2 * weights, 2 * bias)})
    found = diagnose(net.float_model(given), net.int8_model(wrong, inputs), inputs)
    assert guiltiest(found).name == "conv2"
    assert layer(found, "conv2").sqnr_db < 1
    assert found.output_sqnr_db < 3


def test_every_remedy_is_a_repair_or_will_be_one() -> None:
    offered = {name for names in REMEDIES.values() for name in names}
    assert offered - set(repairs()) <= {"int16"}
    assert "int16" not in guiltiest(diagnosed()).remedies or "int16" in repairs()


def test_models_that_have_nothing_to_do_with_each_other_are_refused() -> None:
    with pytest.raises(ModelError, match=r"share \d values by name"):
        diagnose(net.float_model(), classifier.int8_model(), net.images())


def test_a_diagnosis_survives_its_file() -> None:
    found = diagnosed()
    again = msgspec.json.decode(msgspec.json.encode(found), type=Diagnosis)
    assert again == found
