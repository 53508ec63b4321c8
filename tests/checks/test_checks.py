"""Each rule: kept by a healthy model, and broken by one that is made to break it."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from support import classifier
from support.models import ModelBuilder, Value, constant, single_op

from edgekit import boards, checks, data
from edgekit.artifacts import Checked
from edgekit.errors import DoesNotFitError, InputError, ModelError
from edgekit.planner import plan
from edgekit.tflite import read_graph


def rules(verdict: Checked, severity: str = "error") -> list[str]:
    return [found.rule for found in verdict.findings if found.severity == severity]


def relu6(op: str, high: float, **source: float) -> bytes:
    """A model of one RELU6: fused into a 1×1 convolution, or an op of its own."""
    out = Value((1, 3, 5, 2), high / 255, -128, name="clamped")
    if op == "RELU6":
        return single_op("RELU6", [Value((1, 3, 5, 2), **source)], out)
    options = schema.Conv2DOptionsT()
    options.strideH = options.strideW = options.dilationHFactor = options.dilationWFactor = 1
    options.fusedActivationFunction = schema.ActivationFunctionType.RELU6
    weights = constant(np.ones((2, 1, 1, 2), np.int8), scale=[0.1, 0.1])
    bias = constant(np.zeros(2, np.int32), scale=[0.01, 0.01])
    return single_op("CONV_2D", [Value((1, 3, 5, 2), 0.1), weights, bias], out, options, 3)


def arena_bytes() -> int:
    return plan(read_graph(classifier.int8_model(), "seven")).arena_bytes


def test_a_healthy_model_passes_without_findings() -> None:
    verdict = checks.check(classifier.int8_model(), board=boards.load("pico"))
    assert verdict.ok
    assert verdict.findings == ()
    assert verdict.fits is True


def test_ram_is_the_arena_and_flash_the_constants() -> None:
    verdict = checks.check(classifier.int8_model())
    weights = classifier.CLASSES * np.prod(classifier.SHAPE)
    assert verdict.ram_bytes == arena_bytes()
    assert arena_bytes() >= 24 + 7  # input and output
    assert verdict.flash_bytes is not None
    assert weights < verdict.flash_bytes < weights + 200
    assert verdict.fits is None


def test_a_corrupt_file_is_refused() -> None:
    with pytest.raises(ModelError, match=r"not a \.tflite"):
        checks.check(b"nonsense")
    with pytest.raises(ModelError):
        checks.check(classifier.int8_model()[:200])


def test_every_unsupported_op_is_a_finding() -> None:
    builder = ModelBuilder()
    numbers = [builder.tensor(Value((1, 4), 0.1, name=f"v{n}")) for n in range(3)]
    builder.op("SIN", numbers[:1], numbers[1:2])
    builder.op("COS", numbers[1:2], numbers[2:])
    verdict = checks.check(builder.finish(numbers[:1], numbers[2:]))
    assert not verdict.ok
    assert [found.where for found in verdict.findings] == ["SIN #0 (v1)", "COS #1 (v2)"]
    assert verdict.ram_bytes is None


def test_a_form_and_what_to_do_are_two_sentences() -> None:
    verdict = checks.check(
        single_op("RESHAPE", [Value((1, 4), 0.1)], Value((1, 5), 0.1), schema.ReshapeOptionsT())
    )
    (form, *_) = (found for found in verdict.findings if found.where.startswith("RESHAPE"))
    assert form.message.endswith("its output has as many values")
    assert form.hint.startswith("Replace this op")


def test_a_float_model_is_not_full_int8() -> None:
    found = rules(checks.check(classifier.float_model()))
    assert found.count("int8_interface") == 2
    assert "full_int8" in found


def test_a_batch_and_open_sizes_are_refused() -> None:
    model = single_op("RELU", [Value((2, 4), 0.1)], Value((2, 4), 0.1))
    verdict = checks.check(model)
    assert "static_shape" in rules(verdict)
    assert any("the batch is 2" in found.message for found in verdict.findings)


@pytest.mark.parametrize(
    ("name", "scale", "zero_point", "severity"),
    [
        ("raw01", 1 / 255, -128, None),
        ("tf", 2 / 255, -1, None),
        ("tf", 1 / 255, -128, "error"),  # calibrated with x / 255, trained on -1..1
        ("raw255", 1 / 255, -128, "error"),
        ("raw01", 4 / 255, -128, "warning"),
    ],
)
def test_input_scaling_against_preprocessing(
    name: str, scale: float, zero_point: int, severity: str | None
) -> None:
    model = classifier.int8_model(input_scale=scale, input_zero_point=zero_point)
    verdict = checks.check(model, preprocessing=data.preprocess(name))
    found = [finding for finding in verdict.findings if finding.rule == "input_scaling"]
    assert [finding.severity for finding in found] == ([severity] if severity else [])


def test_of_values_that_are_no_pixels_no_range_is_known() -> None:
    """Spectra, and images that were divided by 255 before they were stored."""
    spectra = np.random.default_rng(0).normal(size=(2, 3, 4, 1)).astype(np.float32)
    pixels = np.full((2, 3, 4, 1), 255, np.float32)
    model = classifier.int8_model(input_scale=1 / 255, input_zero_point=-128)
    found = {}
    for name, images in (("spectra", spectra), ("pixels", pixels)):
        preprocessing = data.as_stored(data.preprocess("raw255"), images)
        found[name] = rules(checks.check(model, preprocessing=preprocessing))
    assert "input_scaling" in found["pixels"]
    assert "input_scaling" not in found["spectra"]


@pytest.mark.parametrize(("high", "severity"), [(6.0, None), (15.75, "warning"), (4.49, "info")])
def test_range_of_a_fused_relu6(high: float, severity: str | None) -> None:
    verdict = checks.check(relu6("CONV_2D", high))
    found = [finding for finding in verdict.findings if finding.rule.startswith("relu6")]
    assert [finding.severity for finding in found] == ([severity] if severity else [])
    if severity == "warning":
        assert "158 of 256 levels" in found[0].message


def test_a_standalone_relu6_that_rescales_fails_on_tflm() -> None:
    model = relu6("RELU6", 6.0, scale=0.1, zero_point=3)
    assert "relu6_standalone" in rules(checks.check(model, runtime="tflm"))
    same = relu6("RELU6", 6.0, scale=6 / 255, zero_point=-128)
    assert "relu6_standalone" not in rules(checks.check(same, runtime="tflm"))


def tiny_board(ram: str, flash: str) -> boards.Board:
    pico = boards.load("pico")
    memory = msgspec.structs.replace(
        pico.memory,
        ram=msgspec.structs.replace(pico.memory.ram, size=ram, reserve="8 B"),
        flash=msgspec.structs.replace(pico.memory.flash, size=flash),
    )
    return msgspec.structs.replace(pico, memory=memory)


def test_both_memories_that_are_too_small_are_named_with_numbers() -> None:
    verdict = checks.check(classifier.int8_model(), board=tiny_board("24 B", "64 B"))
    assert verdict.fits is False
    assert not verdict.ok
    messages = [found.message for found in verdict.findings if found.rule == "fit"]
    needed = arena_bytes()
    assert messages[0] == f"needs {needed} B of RAM, pico has 16 B: {needed - 16} B too much"
    assert "of flash, pico has 64 B" in messages[1]


def test_require_room_raises_with_every_problem() -> None:
    board = tiny_board("24 B", "64 B")
    checks.require_room("m", checks.Needs(16, 64), board)
    with pytest.raises(DoesNotFitError, match=r"RAM(.|\n)*flash") as caught:
        checks.require_room("m", checks.Needs(17, 65), board)
    assert caught.value.exit_code == 1


def answered(floats: np.ndarray, ints: np.ndarray, **settings: float) -> dict[str, str]:
    verdict = checks.check(
        classifier.int8_model(),
        answers=checks.Answers(floats, ints),
        thresholds=checks.Thresholds().with_settings([f"{k}={v}" for k, v in settings.items()]),
    )
    return {finding.rule: finding.severity for finding in verdict.findings}


def test_models_that_disagree_are_reported() -> None:
    floats = np.eye(4)[np.arange(100) % 4]
    assert answered(floats, floats) == {}
    wrong = floats.copy()
    wrong[:20] = np.roll(wrong[:20], 1, axis=1)
    assert answered(floats, wrong) == {"agreement": "warning"}
    assert answered(floats, wrong, agreement_warning=0.79) == {}
    assert answered(floats, wrong, agreement_error=0.81) == {"agreement": "error"}


def test_a_collapsed_model_is_named() -> None:
    floats = np.eye(4)[np.arange(100) % 4]
    stuck = np.zeros((100, 4))
    stuck[:, 2] = 1
    assert answered(floats, stuck) == {"agreement": "error", "stuck": "error"}


def test_warnings_fail_where_that_is_asked_for() -> None:
    model = relu6("CONV_2D", 15.75)
    assert checks.check(model).ok
    strict = checks.check(model, fail_on="warning")
    assert not strict.ok
    assert strict.fail_on == "warning"


def test_a_verdict_names_its_rules_and_thresholds() -> None:
    verdict = checks.check(classifier.int8_model(), board=boards.load("pico"))
    assert "input_scaling" in verdict.rules
    assert "fit" in verdict.rules
    assert "agreement" not in verdict.rules  # nothing to judge it by
    assert verdict.thresholds == checks.Thresholds().as_dict()


def test_each_rule_has_a_docstring_for_the_page() -> None:
    for name, what in checks.DESCRIPTIONS.items():
        assert what.splitlines()[0].endswith((".", ",", ":", ";")) or "\n" in what, name
    assert {rule.__name__ for rule in checks.RULES} <= checks.DESCRIPTIONS.keys()


def test_every_threshold_belongs_to_a_rule() -> None:
    for name, bounds in checks.BOUNDS.items():
        rule, _, meaning = bounds.meaning.partition(": ")
        assert rule in checks.DESCRIPTIONS, name
        assert meaning


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        (["agreement_warning=.5", "agreement_error=.95"],
         "agreement_warning=0.5 can never warn: agreement_error=0.95 fails first"),
        (["output_sqnr_warning=2"], "output_sqnr_error=3 fails"),
        (["range_ratio_warning=20", "range_ratio_error=10"], "range_ratio_warning=20 can never"),
        (["agreement_warning=.5", "agreement_error=.5"], None), (["agreement_error=.95"], None),
        (["range_ratio_warning=10", "range_ratio_error=20"], None),
    ],
)  # fmt: skip
def test_a_warning_that_could_never_be_seen_is_refused(
    settings: list[str], refused: str | None
) -> None:
    if refused is None:
        checks.Thresholds().with_settings(settings)
        return
    with pytest.raises(InputError, match=refused):
        checks.Thresholds().with_settings(settings)


def test_wrong_thresholds_are_named_all_at_once() -> None:
    with pytest.raises(InputError) as caught:
        checks.Thresholds().with_settings(
            ["agreement_waning=0.9", "clipped=much", "stuck_share=2", "layer_share=nan"]
        )
    lines = caught.value.message.splitlines()
    assert "did you mean agreement_warning?" in lines[1]
    assert "'much' is not a number" in lines[2]
    assert "stuck_share=2: wanted 0 to 1" in lines[3]
    assert "layer_share=nan" in lines[4]
