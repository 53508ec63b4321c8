from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support import colours

from edgekit import data
from edgekit.artifacts import Epoch
from edgekit.errors import InputError
from edgekit.train import Settings, StateFolder, best, train

TF = data.preprocess("tf")
QUICK = Settings(epochs=6, batch=16, learning_rate=0.02)
LEARNT, JUDGED = colours.images(seed=1), colours.images(8, seed=2)


def epoch(number: int, accuracy: float | None, loss: float | None = 1.0) -> Epoch:
    return Epoch(
        epoch=number, loss=1.0, train_accuracy=0.5, seconds=0.0,
        validation_accuracy=accuracy, validation_loss=loss,
    )  # fmt: skip


def test_it_learns_and_the_model_is_trained_in_place() -> None:
    model = colours.fresh()
    heard: list[tuple[str, int, int]] = []
    history = train(model, LEARNT, JUDGED, TF, QUICK, progress=lambda *told: heard.append(told))
    assert best(history).validation_accuracy >= 0.9
    assert heard == [("training", step, 24) for step in range(1, 25)]
    scores = model(data.apply(TF, JUDGED.images), training=False).numpy()  # type: ignore[operator]
    right = (scores.argmax(axis=1) == JUDGED.labels).mean()
    assert right == pytest.approx(history[-1].validation_accuracy)


@pytest.mark.slow
def test_an_interrupted_training_ends_as_if_it_was_not(tmp_path: Path) -> None:
    whole = StateFolder(tmp_path / "whole", "same")
    expected = train(colours.fresh(), LEARNT, JUDGED, TF, QUICK, state=whole)
    halved = StateFolder(tmp_path / "halved", "same")

    def interrupt(history: tuple[Epoch, ...], most: int) -> None:
        assert most == 6
        if len(history) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(colours.fresh(), LEARNT, JUDGED, TF, QUICK, state=halved, report=interrupt)
    heard: list[int] = []
    found = train(
        colours.fresh(seed=99), LEARNT, JUDGED, TF, QUICK,
        state=halved, report=lambda history, _: heard.append(history[-1].epoch),
    )  # fmt: skip
    assert heard == [4, 5, 6]
    assert [e.loss for e in found] == pytest.approx([e.loss for e in expected], rel=1e-4)
    for ours, theirs in zip(colours.weights(halved.best), colours.weights(whole.best), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)


def test_it_stops_when_nothing_improves() -> None:
    # A rate too small to change any answer: the first epoch stays the best.
    still = Settings(epochs=50, learning_rate=1e-12, patience=2)
    history = train(colours.fresh(), LEARNT, JUDGED, TF, still)
    assert len(history) - best(history).epoch == 2
    assert len(history) < 50


def test_divergence_is_said() -> None:
    with pytest.raises(InputError, match="diverged: its loss is nan in epoch") as caught:
        train(colours.fresh(), LEARNT, None, TF, Settings(epochs=9, learning_rate=1e38))
    assert "--learning-rate" in caught.value.hint


def test_the_best_epoch_is_by_accuracy_then_loss_then_the_first() -> None:
    history = (epoch(1, 0.8), epoch(2, 0.9, 0.5), epoch(3, 0.9, 0.4), epoch(4, 0.9, 0.4))
    assert best(history).epoch == 3
    assert best((epoch(1, None, None), epoch(2, None, None))).epoch == 2


def test_another_trainings_state_is_refused(tmp_path: Path) -> None:
    one_epoch = Settings(epochs=1)
    train(colours.fresh(), LEARNT, None, TF, one_epoch, state=StateFolder(tmp_path, "one"))
    with pytest.raises(InputError, match=r"unfinished training of 1 epoch.* with other") as caught:
        train(colours.fresh(), LEARNT, None, TF, one_epoch, state=StateFolder(tmp_path, "two"))
    assert "--restart" in caught.value.hint


def test_a_damaged_state_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.npz").write_bytes(b"PK\x03\x04 half a file")
    with pytest.raises(InputError, match="is damaged"):
        StateFolder(tmp_path, "one").restore([])


def test_settings_name_every_number_that_makes_no_sense() -> None:
    with pytest.raises(InputError, match=r"epochs 0 .*batch -1 .*shift 1.5 .*learning_rate nan"):
        Settings(epochs=0, batch=-1, shift=1.5, learning_rate=float("nan"))


def test_without_batch_norms_the_rate_is_lower_unless_given() -> None:
    assert Settings().learning_rate_for(True) > 3 * Settings().learning_rate_for(False)
    assert Settings(learning_rate=0.1).learning_rate_for(False) == 0.1


@pytest.mark.parametrize(("images", "epochs"), [(50, 200), (1000, 157), (100_000, 30)])
def test_few_images_get_more_epochs(images: int, epochs: int) -> None:
    assert Settings().epochs_for(images) == epochs
    assert Settings(epochs=7).epochs_for(images) == 7
    assert Settings().patience_for(images) == max(10, epochs // 4)
