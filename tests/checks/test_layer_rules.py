"""What the diagnosis found, judged."""

from __future__ import annotations

import msgspec
import pytest
from support import artifacts as made
from support import classifier

from edgekit import checks
from edgekit.artifacts import Checked, Diagnosis


def judged(found: Diagnosis, *settings: str) -> Checked:
    return checks.check(
        classifier.int8_model(),
        diagnosis=found,
        thresholds=checks.Thresholds().with_settings(settings),
    )


def severities(verdict: Checked) -> dict[str, str]:
    return {finding.rule: finding.severity for finding in verdict.findings}


def with_layers(**changes: object) -> Diagnosis:
    found = made.diagnosis()
    layers = tuple(msgspec.structs.replace(one, **changes) for one in found.layers)
    return msgspec.structs.replace(found, layers=layers)


def test_the_guilty_layers_of_a_poor_model_are_named_with_their_remedy() -> None:
    verdict = judged(made.diagnosis())
    assert severities(verdict) == {"output_error": "warning", "layer_error": "warning"}
    guilty = [one for one in verdict.findings if one.rule == "layer_error"]
    assert [one.where for one in guilty] == ["CONV_2D #0 (conv <b>1</b>)", "ADD #1 (sum)"]
    assert guilty[0].message == "causes 65 % of the output's error: moves the means"
    assert guilty[0].hint == "Try `edgekit quantize --fix bias`."
    assert verdict.ok


def test_a_good_output_makes_its_layers_innocent() -> None:
    good = msgspec.structs.replace(made.diagnosis(), output_sqnr_db=25.0)
    assert severities(judged(good)) == {}


@pytest.mark.parametrize(("sqnr_db", "severity"), [(14.9, "warning"), (2.9, "error"), (15.1, None)])
def test_output_error(sqnr_db: float, severity: str | None) -> None:
    found = msgspec.structs.replace(made.diagnosis(), output_sqnr_db=sqnr_db)
    assert severities(judged(found)).get("output_error") == severity


@pytest.mark.parametrize(
    ("ratio", "sqnr_db", "severity"),
    [(5.9, 10, None), (6.1, 10, "warning"), (15.1, 10, "error"), (15.1, 30, "warning")],
)
def test_channel_ranges(ratio: float, sqnr_db: float, severity: str | None) -> None:
    found = with_layers(range_ratio=ratio)
    found = msgspec.structs.replace(found, output_sqnr_db=float(sqnr_db))
    assert severities(judged(found)).get("channel_ranges") == severity


def test_clipping_and_dead_channels() -> None:
    clipped = judged(with_layers(clipped_fraction=0.02, clipped_channels=3))
    (first, *_) = [one for one in clipped.findings if one.rule == "clipping"]
    assert "2.0 % of its values lie beyond -1.1 to 2.1" in first.message
    assert "3 of 4 channels" in first.message
    assert "clipping" not in severities(judged(with_layers(clipped_fraction=0.005)))
    dead = judged(with_layers(dead_channels=1, lost_channels=2))
    assert severities(dead)["dead_channels"] == "info"
    assert "dead_channels" not in severities(judged(with_layers(dead_channels=1)))


def test_a_range_that_tflite_fixes_is_nobody_s_fault() -> None:
    found = with_layers(clipped_fraction=0.075, clipped_channels=3, op="SOFTMAX")
    assert "clipping" not in severities(judged(found))


def test_thresholds_move_each_verdict() -> None:
    found = made.diagnosis()
    assert severities(judged(found, "layer_share=0.7")) == {"output_error": "warning"}
    assert severities(judged(found, "output_sqnr_warning=11")) == {}
    assert not judged(found, "output_sqnr_error=12").ok
    strict = severities(judged(found, "dead_channels=0.1", "range_ratio_warning=2"))
    assert {"dead_channels", "channel_ranges"} <= strict.keys()
