"""Runs that are interrupted, stopped early, or find something wrong."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from support import artifacts as made
from support import classifier
from support.models import Value, constant, single_op

from edgekit import artifacts
from edgekit.errors import DeviceError, InputError
from edgekit.flows import evaluation, places
from edgekit.flows.on_device import _Arbiter
from edgekit.flows.places import Where
from edgekit.flows.validate import validate
from edgekit.runtimes import tflm


@pytest.fixture
def files(tmp_path: Path) -> classifier.Files:
    return classifier.write(tmp_path, 300)


def judged(files: classifier.Files, **how: Any) -> artifacts.Validation:
    return validate(files.float_model, files.int8_model, files.data, preprocess="raw01", **how)


class Interrupting:
    """A progress callback that presses Ctrl-C once so many images are done in a stage."""

    def __init__(self, stage: str, after: int) -> None:
        self.stage, self.after = stage, after

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage == self.stage and done >= self.after:
            raise KeyboardInterrupt


def same(one: artifacts.Validation, other: artifacts.Validation) -> bool:
    def facts(found: artifacts.Validation) -> dict[str, Any]:
        hidden = {"seconds", "resumed_samples"}
        return {key: getattr(found, key) for key in found.__struct_fields__ if key not in hidden}

    return facts(one) == facts(other)


def test_an_interrupted_run_goes_on_where_it_stopped(
    files: classifier.Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = judged(files)
    assert whole.resumed_samples == 0
    with pytest.raises(KeyboardInterrupt):
        judged(files, progress=Interrupting("float and int8", 128))
    assert files.int8_model.with_name("validate.journal").exists()
    asked: list[int] = []
    right = evaluation.FloatScores.scores

    def scores(self: Any, over: Any, part: slice) -> Any:
        asked.append(part.start)
        return right(self, over, part)

    monkeypatch.setattr(evaluation.FloatScores, "scores", scores)
    again = judged(files)
    assert asked[0] == 128
    assert again.resumed_samples == 128
    assert same(again, whole)
    assert not files.int8_model.with_name("validate.journal").exists()


def test_not_knowing_what_calibrated_is_noted(files: classifier.Files) -> None:
    (note,) = judged(files).notes
    assert "no quantize.json" in note
    assert "images that calibrated are not left out" in note
    assert judged(files, keep_calibration=True).notes == ()


def test_a_record_of_another_model_is_named(files: classifier.Files) -> None:
    other = made.quantized()
    artifacts.save(other, files.int8_model.with_name("quantize.json"))
    (note,) = judged(files).notes
    assert f"of another model (sha256 {other.output_sha256[:12]}…, written to int8.tflite" in note
    assert "quantize it again" in note


def test_another_model_does_not_go_on_from_it(files: classifier.Files) -> None:
    with pytest.raises(KeyboardInterrupt):
        judged(files, progress=Interrupting("float and int8", 128))
    files.int8_model.write_bytes(classifier.int8_model(input_scale=1.02 / 255))
    found = judged(files)
    files.int8_model.with_name("validate.journal").unlink(missing_ok=True)
    assert found.resumed_samples == 0
    assert same(found, judged(files))


def test_other_images_do_not_go_on_from_it(files: classifier.Files) -> None:
    with pytest.raises(KeyboardInterrupt):
        judged(files, progress=Interrupting("float and int8", 128))
    x, y = classifier.images(300)
    x[17] ^= 1
    np.savez(files.data, x=x, y=y)
    assert judged(files).resumed_samples == 0


def test_our_c_gives_the_hosts_bytes(files: classifier.Files) -> None:
    found = judged(files, where=Where("c"))
    assert found.device_equals_host is True
    assert found.device_samples == 300
    assert found.device == found.int8_accuracy
    assert found.host_kernels == "native"


class Unplugged:
    """A place that goes away after so many images."""

    def __init__(self, place: Any, after: int) -> None:
        self._place, self._left = place, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._place, name)

    def ask(self, x: Any) -> Any:
        self._left -= len(x)
        if self._left < 0:
            raise DeviceError("the board went away", hint="Plug it in.")
        return self._place.ask(x)


def test_a_board_that_went_away_is_asked_only_about_the_rest(
    files: classifier.Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = places._OwnC
    monkeypatch.setattr(places, "_OwnC", lambda *given: Unplugged(right(*given), 100))
    with pytest.raises(DeviceError) as raised:
        judged(files, where=Where("c"))
    assert raised.value.hint == "Plug it in. The same command goes on where this one stopped."
    monkeypatch.setattr(places, "_OwnC", lambda *given: Unplugged(right(*given), 300 - 96))
    found = judged(files, where=Where("c"))
    assert found.device_samples == 300
    assert found.resumed_samples == 300 + 96
    assert found.device_equals_host is True


def test_the_first_wrong_layer_of_our_c_is_named(
    files: classifier.Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The C is that of a model whose input has another scale."""
    right = places._OwnC

    def other(model: bytes, name: str, folder: Path) -> Any:
        made = right(classifier.int8_model(input_scale=1.02 / 255), name, folder)
        made._model = model
        return made

    monkeypatch.setattr(places, "_OwnC", other)
    found = judged(files, where=Where("c"))
    assert found.ok is False
    assert found.device_equals_host is False
    assert found.first_difference is not None
    assert "first layer that differs is step 0, CONV_2D" in found.first_difference


@pytest.mark.skipif(not tflm.available(), reason="needs the tflite-micro wheel")
def test_tflm_is_held_against_the_host_and_its_first_wrong_layer_named(
    files: classifier.Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert judged(files, where=Where("tflm", samples=20)).device_equals_host is True
    other = classifier.int8_model(input_scale=1.02 / 255)
    right = tflm.Worker._ask

    def ask(self: Any, request: Any) -> Any:
        return right(self, type(request)(other, *[getattr(request, name) for name in
                                                  request.__struct_fields__[1:]]))  # fmt: skip

    monkeypatch.setattr(tflm.Worker, "_ask", ask)
    found = judged(files, where=Where("tflm", samples=20))
    assert found.device_equals_host is False
    assert found.first_difference is not None
    assert "first layer that differs is op 0, CONV_2D" in found.first_difference


def test_where_tflm_has_not_an_op_the_host_decides() -> None:
    inputs = [Value((1, 2, 3), 0.1), constant(np.array([1, 2, 1], np.int32))]
    model = single_op("TILE", inputs, Value((1, 4, 3), 0.1), schema.TileOptionsT())
    x = np.random.default_rng(0).integers(-128, 128, (3, 2, 3), np.int8)
    host = np.tile(x, (1, 2, 1)).reshape(3, -1)
    with ExitStack() as stack:
        expected = _Arbiter(model, stack).expected(x, host ^ 1, host)
    np.testing.assert_array_equal(expected, host)


def test_a_clear_case_is_decided_early(files: classifier.Files) -> None:
    x, y = classifier.images(2000)
    np.savez(files.data, x=x, y=y)
    files.int8_model.write_bytes(classifier.int8_model(input_scale=200 / 255))
    found = judged(files, max_drop=1.0, stop_early=True)
    assert found.early_stop is not None
    assert found.early_stop.within is found.ok is False
    assert found.early_stop.images == 2000
    assert found.early_stop.bound_points is not None
    assert 1.0 <= found.early_stop.bound_points <= found.drop_points
    assert found.samples == found.early_stop.samples < 500
    whole = judged(files, max_drop=1.0)
    assert whole.samples == 2000
    assert found.drop_ci95[0] <= whole.drop_points <= found.drop_ci95[1]


def test_all_images_are_looked_at_where_nothing_is_clear(files: classifier.Files) -> None:
    found = judged(files, max_drop=0.1, stop_early=True)
    assert found.early_stop is None or found.early_stop.within is found.ok
    assert judged(files, max_drop=0.1).early_stop is None


def test_stopping_early_needs_a_limit(files: classifier.Files) -> None:
    with pytest.raises(InputError, match="nothing to decide"):
        judged(files, stop_early=True)
