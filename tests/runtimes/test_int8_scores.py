from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.oracle import litert_outputs
from support.small_nets import wide_net

from edgekit.errors import MissingToolError, UnsupportedModelError
from edgekit.runtimes import int8_scores, tflm
from edgekit.runtimes.reference import ReferenceModel

SAMPLE = np.random.default_rng(5).integers(-128, 128, (9, 9, 7, 3), np.int8)


def expected() -> Any:
    return litert_outputs(wide_net(), SAMPLE)


def test_reference_answers_come_in_order_from_all_threads() -> None:
    found = ReferenceModel(wide_net(), threads=4).run(SAMPLE)
    assert np.array_equal(found, expected())


def test_our_kernels_are_taken_when_they_give_the_references_bytes() -> None:
    model = int8_scores.open_int8(wide_net(), SAMPLE)
    assert (model.kernels, model.why) == ("native", "")
    assert np.array_equal(model.run(SAMPLE), expected())


@pytest.mark.parametrize("with_tflm", [True, False])
def test_one_wrong_byte_is_enough_to_take_the_reference(
    with_tflm: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = int8_scores.NativeModel.run

    def wrong(self: Any, x: Any) -> Any:
        answers = right(self, x)
        answers[-1, -1, -1, -1] ^= 1
        return answers

    monkeypatch.setattr(int8_scores.NativeModel, "run", wrong)
    monkeypatch.setattr(tflm, "available", lambda: with_tflm and _installed())
    model = int8_scores.open_int8(wide_net(), SAMPLE)
    assert model.kernels == "reference"
    assert "other bytes" in model.why
    assert np.array_equal(model.run(SAMPLE), expected())


_installed = tflm.available


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (MissingToolError("no C compiler\n  here"), "no C compiler"),
        (
            UnsupportedModelError("net, for 1 reason:", ["CUMSUM #3: no."]),
            "net, for 1 reason: CUMSUM #3: no",
        ),
        (
            UnsupportedModelError("net, for 2 reasons:", ["CUMSUM #3", "WHERE #4"]),
            "net, for 2 reasons: CUMSUM #3, and others",
        ),
    ],
)
def test_without_our_kernels_the_reference_runs_and_says_why(
    error: Exception, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: Any, **how: Any) -> Any:
        raise error

    monkeypatch.setattr(int8_scores, "NativeModel", fail)
    model = int8_scores.open_int8(wide_net(), SAMPLE)
    assert model.kernels == "reference"
    assert model.why == why
    assert np.array_equal(model.run(SAMPLE), expected())


def test_few_images_are_left_to_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(int8_scores, "NativeModel", lambda *given, **how: pytest.fail("was asked"))
    model = int8_scores.open_int8(wide_net(), SAMPLE, images=9)
    assert model.kernels == "reference"
    assert np.array_equal(model.run(SAMPLE), expected())
