"""`edgekit zoo train`: from images to a model that `quantize` takes as it is."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from cli.conftest import Run, Said, run_here
from support import colours

from edgekit import artifacts, data, frontends
from edgekit.artifacts import Epoch, Trained
from edgekit.cli.commands import zoo
from edgekit.train import Images


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return colours.write(tmp_path / "colours.npz", colours.images(30))


@dataclass(frozen=True)
class Colourist:
    """A tiny model that learnt three colours, float and int8, and what was said of both."""

    model: Path
    validation: Path
    said: Said
    int8: Path
    said_of_int8: Said


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Colourist:
    folder = tmp_path_factory.mktemp("trained")
    model, validation = folder / "m.keras", folder / "m.validation.npz"
    training = run_here(
        "zoo", "train", "--from", colours.model(folder / "tiny.keras"),
        "--data", colours.write(folder / "colours.npz", colours.images(30)),
        "--preprocess", "torch", "--epochs", 6, "--learning-rate", 0.02, "--batch", 16,
        "-o", model, "--json",
    )  # fmt: skip
    int8 = folder / "int8.tflite"
    quantizing = run_here("quantize", model, "--data", validation, "-o", int8, "--json")
    return Colourist(model, validation, training, int8, quantizing)


def test_a_training_says_what_came_of_it(trained: Colourist) -> None:
    said = trained.said
    assert said.json["epochs"] == 6
    assert said.json["images"] == 90
    assert said.json["validation_images"] == 18
    assert said.json["validation_accuracy"] >= 0.9
    assert said.json["preprocessing"]["name"] == "torch"
    assert said.err.count("\nepoch ") == 6
    assert said.err.startswith("training on ")
    assert not trained.model.with_suffix(".training").exists()
    assert data.load(trained.validation).classes == colours.NAMES


def test_a_trained_model_quantizes_without_being_told_its_preprocessing(
    run: Run, trained: Colourist
) -> None:
    assert trained.said_of_int8.json["preprocessing"]["name"] == "torch"
    refused = run("quantize", trained.model, "--data", trained.validation, "--preprocess", "tf")
    assert "trained with preprocessing torch" in refused.error()


def test_a_trained_model_finds_labels_by_the_names_of_its_classes(
    run: Run, tmp_path: Path, trained: Colourist
) -> None:
    found = colours.images(20, seed=5)
    few = found.labels > 0
    part = Images(found.images[few], found.labels[few] - 1)
    kept = colours.write(tmp_path / "two.npz", part, colours.NAMES[1:])
    judged = run("validate", trained.model, trained.int8, "--data", kept, "--json")
    assert judged.json["float"]["top1"] >= 0.9
    strange = colours.write(tmp_path / "strange.npz", part, ("green", "azure"))
    refused = run("validate", trained.model, trained.int8, "--data", strange)
    assert "a class that the model does not know: azure" in refused.error()


def test_the_model_is_that_of_the_best_epoch(run: Run, tmp_path: Path, images: Path) -> None:
    tiny = colours.model(tmp_path / "tiny.keras")
    run(
        "zoo", "train", "--from", tiny, "--data", images, "--preprocess", "tf", "--epochs", 4,
        "--learning-rate", 0.05, "-o", "m.keras",
    )  # fmt: skip
    record = artifacts.load(Trained, Path("m.training.json"))
    judged = data.load(Path("m.validation.npz"))
    scores = frontends.load(Path("m.keras")).predict(
        data.apply(record.preprocessing, judged.images)
    )
    right = (scores.argmax(axis=1) == judged.labels).mean()
    assert right == pytest.approx(record.validation_accuracy)
    assert record.validation_accuracy == max(e.validation_accuracy or 0 for e in record.history)


def test_a_model_that_guesses_is_called_so(run: Run, tmp_path: Path) -> None:
    true = colours.images(30)
    shuffled = np.random.default_rng(0).permutation(true.labels)
    wrong = colours.write(tmp_path / "wrong.npz", Images(true.images, shuffled))
    said = run(
        "zoo", "train", "--from", colours.model(tmp_path / "tiny.keras"), "--data", wrong,
        "--preprocess", "tf", "--epochs", 1, "-o", "m.keras",
    )  # fmt: skip
    assert said.status == 0
    assert "warning the model is right on" in said.out
    assert "smaller --learning-rate" in " ".join(said.out.split())


@pytest.mark.slow
def test_sizes_and_classes_come_from_the_images(run: Run, images: Path) -> None:
    said = run(
        "zoo", "train", "squeezenet", "--data", images, "--resize", "stretch", "--resolution", 32,
        "--base-e", 8, "--incr-e", 8, "--epochs", 1, "-o", "m.keras", "--json",
    )  # fmt: skip
    assert said.json["variant"]["classes"] == 3
    assert said.json["variant"]["channels"] == 3
    assert said.json["resize"] == "stretch"
    model = frontends.load(Path("m.keras"))
    assert (model.input_shape, model.classes) == ((32, 32, 3), 3)


@pytest.mark.slow
def test_a_killed_training_goes_on_with_the_same_command(tmp_path: Path, images: Path) -> None:
    tiny = colours.model(tmp_path / "tiny.keras")
    command = [
        sys.executable, "-m", "edgekit", "zoo", "train", "--from", tiny, "--data", images,
        "--preprocess", "tf", "--epochs", "400", "--patience", "400", "-o", tmp_path / "m.keras",
    ]  # fmt: skip
    with _started(command) as (process, lines):
        assert any(line.startswith("epoch 3 of 400:") for line in lines)
        process.kill()
        rest = "".join(lines)
    done = 3 + rest.count("epoch ")
    assert done < 400
    assert not (tmp_path / "m.keras").exists()
    assert frontends.load(tmp_path / "m.training/best.keras").classes == 3
    with _started(command) as (process, lines):
        first = next((line for line in lines if line.startswith("epoch ")), "")
        process.kill()
    assert first
    number = int(first.removeprefix("epoch ").partition(" of ")[0])
    assert done < number <= done + 2  # an epoch may have been saved and not yet told


@contextmanager
def _started(command: list[object]) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """A process and the lines on its stderr, which end when it does: after a minute at most."""
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        last = threading.Timer(60, process.kill)
        last.start()
        try:
            yield process, process.stderr
        finally:
            last.cancel()
            process.kill()


def test_ctrl_c_says_how_to_go_on(
    run: Run, tmp_path: Path, images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(history: tuple[Epoch, ...], most: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(zoo, "_say", interrupted)
    tiny = colours.model(tmp_path / "tiny.keras")
    said = run(
        "zoo", "train", "--from", tiny, "--data", images, "--preprocess", "tf", "-o", "m.keras"
    )
    assert said.status == 130
    message, hint = said.err.strip().splitlines()[-2:]
    assert message == "error: interrupted; no half-written file is left"
    assert hint == "hint: The same command goes on after the last whole epoch."
    assert Path("m.training/state.npz").exists()
    assert not Path("m.keras").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "there is nothing to train"),
        (("mobilenet_v9",), "the zoo has no 'mobilenet_v9'"),
        (("mobilenet_v1", "--groups", 3), "mobilenet_v1 has no metaparameter groups"),
        (("mobilenet_v1", "--freeze"), "--freeze leaves nothing that learns"),
        (("mobilenet_v1", "--epochs", 0), "epochs 0 is below 1"),
        (("mobilenet_v1", "--classes", 2), "label 2 (blue), the model has 2 classes"),
        (("mobilenet_v1", "--resolution", 32), "has 10×8×3 images, the model takes 32×32×3"),
        (("--from", "none.keras", "--preprocess", "tf"), "there is no none.keras"),
        (("--from", "none.keras"), "how pixels become the model's input is not known"),
    ],
)
def test_what_cannot_be_trained_is_said_at_once(
    run: Run, images: Path, arguments: tuple[object, ...], message: str
) -> None:
    said = run("zoo", "train", *arguments, "--data", images, "-o", "m.keras")
    assert message in said.error()
    assert not Path("m.keras").exists()


def test_one_class_is_not_enough(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "one.npz"
    np.savez(path, x=np.zeros((4, 8, 8, 3), np.uint8), y=np.zeros(4, np.int64))
    said = run("zoo", "train", "mobilenet_v1", "--data", path, "-o", "m.keras")
    assert "has one class" in said.error()
